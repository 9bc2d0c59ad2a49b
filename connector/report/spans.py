"""How wide the columns of a table are on a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from connector.report.cells import lines
from connector.report.document import Place, Table
from connector.report.layout import Row, cells, columns, numeric

GAP = 2
_NARROWEST = 8


@dataclass(frozen=True, slots=True)
class Span:
    """The width of one column, and whether it holds figures."""

    width: int
    figures: bool


def fitted(table: Table, available: int) -> list[Span]:
    """What each column needs, the widest ones of words narrowed until all fit side by side."""
    filled = zip(*(cells(table, row, Place.CELL) for row in table.rows), strict=True)
    titled = zip(columns(table, Place.CELL), filled, strict=True)
    spans = [Span(_need(column.title, body), numeric(body)) for column, body in titled]
    while width(spans) > available:
        words = [span.width for span in spans if not span.figures and span.width > _NARROWEST]
        if not words:
            break
        widest = spans.index(Span(max(words), figures=False))
        spans[widest] = Span(max(words) - 1, figures=False)
    return spans


def width(spans: Sequence[Span]) -> int:
    """The width of all columns side by side."""
    return sum(span.width for span in spans) + GAP * (len(spans) - 1)


def _need(title: str, body: Row) -> int:
    # A title may take several lines, a cell of figures may not.
    words = title.split() + [line for cell in body for line in lines(cell)]
    return max(map(cell_len, words))
