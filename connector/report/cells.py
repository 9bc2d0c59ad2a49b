"""The words and figures people see in a cell, on one line and harmless."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from connector.report.clean import clean
from connector.report.document import (
    Cell,
    Count,
    CrmText,
    Days,
    Instant,
    Interval,
    Items,
    Missing,
    Money,
    Phrase,
    Score,
    Share,
    Term,
)

_SECONDS_A_DAY = 86_400
_PERCENT = " %"


def lines(cell: Cell) -> tuple[str, ...]:
    """What a cell says, one line for each of its items."""
    if isinstance(cell, Items):
        return tuple(line for item in cell.cells for line in lines(item)) or ("–",)
    return (shown(cell),)


def shown(cell: Cell) -> str:  # noqa: C901 - one arm for each kind of cell
    """What a cell says on a single line, with no character in it that acts."""
    match cell:
        case None:
            return "–"
        case bool(flag):
            return "yes" if flag else "no"
        case str(text) | CrmText(text) | Missing(text):
            return clean(text)
        case Term(words=words):
            return clean(words)
        case Count(value):
            return _grouped(value)
        case Money(amount, currency):
            return f"{_grouped(amount)} {clean(currency)}".rstrip()
        case Share(value):
            return _percent(value)
        case Score(value):
            return "< 0.001" if 0 < value < 0.0005 else f"{value:z.3f}"
        case Days(more_than=more_than):
            return f"{'> ' if more_than else ''}{_days(in_days(cell))}"
        case Instant():
            local = in_zone(cell)
            return f"{local:%Y-%m-%d %H:%M} {local.tzinfo}"
        case Interval(low, high):
            return f"{shown(low).removesuffix(_PERCENT)} to {shown(high)}"
        case Items(cells):
            return ", ".join(map(shown, cells)) or "–"
        case Phrase(parts):
            return "".join(map(shown, parts))


def _days(days: float) -> str:
    """Tenths of days, and more of them where a stay is a matter of minutes."""
    return f"{days:.4f}" if 0 < abs(days) < 0.05 else _grouped(days, 1)


def in_zone(instant: Instant) -> datetime:
    """The instant on the clocks of its zone, or in UTC where nobody knows a zone of that name."""
    zone: tzinfo
    try:
        zone = ZoneInfo(instant.zone)
    except (KeyError, ValueError, OSError):
        zone = UTC
    return instant.at.astimezone(zone)


def in_days(length: Days) -> float:
    """A length of time in days, not rounded."""
    return length.seconds / _SECONDS_A_DAY


def _grouped(number: float, decimals: int = 0) -> str:
    return f"{number:z,.{decimals}f}".replace(",", " ")


def _percent(share: float) -> str:
    return f"{share * 100:.1f}".removesuffix(".0") + _PERCENT
