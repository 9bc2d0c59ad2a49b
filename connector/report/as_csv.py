"""One table of a document as comma-separated values, for spreadsheets and programs.

RFC 4180, in UTF-8 with a byte order mark, without which Excel takes it for something else. Values
are raw, and the header names their unit.
"""

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO

from connector.report.cells import in_days, in_zone, shown
from connector.report.clean import clean
from connector.report.document import (
    Cell,
    Column,
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
    Table,
    Term,
)

_MARK = "\N{BYTE ORDER MARK}"
# What a spreadsheet takes for a formula, in either width of writing.
_ACTING = tuple("=+-@＝＋－＠")
_SEPARATES = ("\t", "\r", "\n")


def to_csv(table: Table) -> str:
    """A table with all its columns, those for machines too; an interval takes two.

    Text that would act in a spreadsheet gets an apostrophe before it.
    """
    rows = (*table.rows, *table.data_rows)
    filled = zip(*rows, strict=True) if rows else [()] * len(table.columns)
    written = [
        each
        for column, cells in zip(table.columns, filled, strict=True)
        for each in _ends(column, cells)
    ]
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(_header(key, cells) for key, cells in written)
    writer.writerows(zip(*([_value(cell) for cell in cells] for _, cells in written), strict=True))
    return _MARK + text.getvalue()


def _ends(column: Column, cells: Sequence[Cell]) -> list[tuple[str, Sequence[Cell]]]:
    """A column, or of intervals one for each end."""
    if not any(isinstance(cell, Interval) for cell in cells):
        return [(column.key, cells)]
    pairs = [
        (cell.low, cell.high) if isinstance(cell, Interval) else (None, None) for cell in cells
    ]
    low, high = zip(*pairs, strict=True)
    return [(f"{column.key}_low", low), (f"{column.key}_high", high)]


def _header(key: str, cells: Sequence[Cell]) -> str:
    """The key of a column and its unit; amounts are of one currency in a column."""
    for cell in cells:
        match cell:
            case Money(currency=currency):
                return f"{key} ({clean(currency)})"
            case Days():
                return f"{key} (days)"
            case Share():
                return f"{key} (share)"
    return key


def _value(cell: Cell) -> str:  # noqa: C901 - one arm for each kind of cell
    match cell:
        case None | Missing():
            return ""
        case bool(flag):
            return "true" if flag else "false"
        case Count(value) | Share(value) | Score(value) | Money(amount=value):
            return _decimal(value)
        case Days(more_than=more_than):
            return f"{'>' if more_than else ''}{_decimal(in_days(cell))}"
        case Instant():
            return in_zone(cell).isoformat()
        case Term(code=text):
            return text
        case Items(cells):
            return _inert("; ".join(map(shown, cells)))
        case str(text) | CrmText(text):
            return _inert(text)
        case Interval() | Phrase():
            return _inert(shown(cell))


def _decimal(number: float) -> str:
    """A number in full: no exponent, no rounding, no grouping."""
    return format(Decimal(repr(number)), "f")


def _inert(text: str) -> str:
    acts = text.startswith(_SEPARATES) or text.lstrip().startswith(_ACTING)
    return f"'{clean(text)}" if acts else clean(text)
