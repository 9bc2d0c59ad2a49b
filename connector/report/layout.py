"""Which cells of a table people see together; what the writers for people have in common."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from connector.report.cells import shown
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    Days,
    Fact,
    Interval,
    Missing,
    Money,
    Place,
    Score,
    Share,
    Table,
)

Row = tuple[Cell, ...]

_FIGURES = (Count, Days, Interval, Money, Score, Share)


def speaking(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks people have something to read of.

    Not a table that is empty and says nothing, nor one for machines only.
    """
    for block in blocks:
        if not isinstance(block, Table) or (_is_seen(block) and (block.rows or block.empty)):
            yield block


def readable(facts: Sequence[Fact]) -> Iterator[Fact]:
    """The facts people read."""
    return (fact for fact in facts if fact.place is not Place.DATA)


def sections(table: Table) -> dict[str, list[Row]]:
    """The rows of a table under the headings they share, in the order in which these come up."""
    under: dict[str, list[Row]] = {}
    for row in table.rows:
        under.setdefault(_heading(table, row), []).append(row)
    return under


def stretches(table: Table) -> list[tuple[str, list[Row]]]:
    """The rows of a table in their order, with the heading that those beside each other share."""
    runs = groupby(table.rows, key=lambda row: _heading(table, row))
    return [(heading, list(rows)) for heading, rows in runs]


def columns(table: Table, *places: Place) -> tuple[Column, ...]:
    """The columns of a table that stand in these places."""
    return tuple(column for column in table.columns if column.place in places)


def cells(table: Table, row: Row, *places: Place) -> Row:
    """The cells of a row whose columns stand in these places."""
    pairs = zip(table.columns, row, strict=True)
    return tuple(cell for column, cell in pairs if column.place in places)


def numeric(column: Row) -> bool:
    """Whether the cells of a column are figures, to be read from the right."""
    known = [cell for cell in column if cell is not None and not isinstance(cell, Missing)]
    return bool(known) and all(isinstance(cell, _FIGURES) for cell in known)


def _is_seen(table: Table) -> bool:
    return any(column.place is Place.CELL for column in table.columns)


def _heading(table: Table, row: Row) -> str:
    titled = zip(columns(table, Place.HEADING), cells(table, row, Place.HEADING), strict=True)
    return "   ".join(
        f"{column.title} {shown(cell)}".strip() for column, cell in titled if cell is not None
    )
