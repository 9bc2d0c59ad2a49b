"""What a case found out: figures, each beside the most it may be."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; without `at_most` it only tells."""

    case: str
    figure: str
    measured: float
    unit: str = ""
    at_most: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the figure is what was asked for; empty where nothing was."""
        if self.at_most is None:
            return ""
        return "ok" if self.measured <= self.at_most else "short"

    @property
    def share(self) -> float | None:
        """The figure in shares of the most it may be."""
        return self.measured / self.at_most if self.at_most else None


def table(rows: Iterable[Row]) -> str:
    """The figures as people read them, a heading for every case."""
    lines, case = [f"{'':<44}{'asked':>12}{'measured':>12}{'share':>8}"], ""
    for row in rows:
        if row.case != case:
            lines += ["", row.case]
        case = row.case
        asked = "" if row.at_most is None else f"≤ {_number(row.at_most)}"
        share = "" if row.share is None else f"{row.share:.2f}"
        line = f"  {row.figure:<42}{asked:>12}{_number(row.measured):>12}{share:>8}"
        lines.append(f"{line}  {row.unit:<8}{row.verdict}".rstrip())
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:,.2f}"
