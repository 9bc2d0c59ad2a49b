"""What the numbers of a report mean: each with the number it is a share or a mean of."""

from connector.report.document import Column, Table
from connector.report.layout import Row

_COLUMNS = (Column("numbers", "Number"), Column("n", "n"), Column("definition", "Definition"))


def definitions(*rows: Row) -> Table:
    """A table of definitions; each row is the number, its n and what it is."""
    return Table("definitions", _COLUMNS, rows, "What the numbers mean")
