"""How wide the columns of a table are on a terminal, and which of them go on below the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rich.cells import cell_len

from connector.report.cells import lines
from connector.report.document import Column, Interval, Place, Table
from connector.report.layout import Row, numeric

GAP = 2
_NARROWEST = 8
# A longer word is broken, where there is not enough room.
_LONGEST_WORD = 20


@dataclass(frozen=True, slots=True)
class Span:
    """The width of one column, the least that breaks no word, and whether it holds figures."""

    width: int
    least: int
    figures: bool


def pieces(table: Table, available: int) -> Iterator[Table]:
    """The table, its columns in as many pieces as it takes to fit them.

    Each piece begins with the words that the table begins with, so that its rows can be told apart.
    """
    spans = {place: _span(table, place) for place in _seen(table)}
    lead = list(takewhile(lambda place: not spans[place].figures, spans))
    piece = list(lead)
    for together in _bounded(table, list(spans)[len(lead) :]):
        beside = [spans[each].least for each in (*piece, *together)]
        if len(piece) > len(lead) and _side_by_side(beside) > available:
            yield _only(table, piece, Place.HEADING, Place.DATA)
            piece = list(lead)
        piece += together
    yield _only(table, piece, Place.HEADING, Place.DATA, Place.UNDER)


def fitted(table: Table, available: int) -> list[Span]:
    """What each column needs, the widest ones of words narrowed until all fit side by side."""
    spans = [_span(table, place) for place in _seen(table)]
    while width(spans) > available:
        tight = all(span.figures or span.width <= span.least for span in spans)
        floors = [_NARROWEST if tight else span.least for span in spans]
        loose = [
            number
            for number, (span, floor) in enumerate(zip(spans, floors, strict=True))
            if not span.figures and span.width > floor
        ]
        if not loose:
            break
        widest = max(loose, key=lambda number: spans[number].width)
        span = spans[widest]
        spans[widest] = Span(span.width - 1, span.least, figures=False)
    return spans


def width(spans: Sequence[Span]) -> int:
    """The width of all columns side by side."""
    return _side_by_side([span.width for span in spans])


def _side_by_side(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _seen(table: Table) -> list[int]:
    return [place for place, column in enumerate(table.columns) if column.place is Place.CELL]


def _bounded(table: Table, places: Sequence[int]) -> list[list[int]]:
    """The columns one by one, but an interval with the figure before it."""
    groups: list[list[int]] = []
    for place in places:
        if groups and any(isinstance(row[place], Interval) for row in table.rows):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _span(table: Table, place: int) -> Span:
    body = tuple(row[place] for row in table.rows)
    need, figures = _need(table.columns[place], body), numeric(body)
    return Span(
        need, need if figures else min(need, _longest_word(table.columns[place], body)), figures
    )


def _need(column: Column, body: Row) -> int:
    # A title may take several lines, a cell of figures may not.
    words = column.title.split() + [line for cell in body for line in lines(cell)]
    return max(map(cell_len, words))


def _longest_word(column: Column, body: Row) -> int:
    words = column.title.split() + [
        word for cell in body for line in lines(cell) for word in line.split()
    ]
    return max(_NARROWEST, min(_LONGEST_WORD, max(map(cell_len, words), default=0)))


def _only(table: Table, kept: Sequence[int], *places: Place) -> Table:
    """The table with these of its columns, and all that stand in these places."""
    chosen = [
        number
        for number, column in enumerate(table.columns)
        if number in kept or column.place in places
    ]
    columns = tuple(table.columns[number] for number in chosen)
    rows = tuple(tuple(row[number] for number in chosen) for row in table.rows)
    return Table(table.name, columns, rows, table.title, table.empty)
