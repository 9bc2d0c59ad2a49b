"""How tables are fitted to a terminal."""

import pytest

from connector.report.document import Column, Count, CrmText, Interval, Place, Share, Table
from connector.report.spans import fitted, pieces, width

COLUMNS = (
    Column("funnel", place=Place.HEADING),
    Column("product", "Product"),
    Column("lost", "Lost"),
    Column("share", "In the end"),
    Column("interval", "95 % interval"),
    Column("id", "Id", Place.UNDER),
)
ROW = (
    CrmText("Nysalg"),
    CrmText("Strømningsmåler"),
    Count(1_145),
    Share(0.422),
    Interval(Share(0.376), Share(0.512)),
    CrmText("1"),
)
TABLE = Table("to_lose", COLUMNS, (ROW, ROW))


def _keys(available):
    return [[column.key for column in piece.columns] for piece in pieces(TABLE, available)]


def test_a_table_that_fits_is_in_one_piece():
    """Where there is room, a table is printed as it is."""
    assert list(pieces(TABLE, 80)) == [TABLE]


def test_a_table_that_does_not_fit_goes_on_below_with_its_words():
    """Each piece has the words that tell rows apart, and an interval stays with its figure."""
    assert _keys(45) == [
        ["funnel", "product", "lost"],
        ["funnel", "product", "share", "interval", "id"],
    ]


@pytest.mark.parametrize("available", range(41, 90))
def test_pieces_fit_with_no_word_broken(available):
    """No piece is wider than the terminal, and no word in it narrower than it takes."""
    for piece in pieces(TABLE, available):
        spans = fitted(piece, available)
        assert width(spans) <= available
        assert all(span.width >= span.least for span in spans)


def test_words_alone_are_narrowed_instead():
    """A table of words has nothing to go on with below, so that its words are broken."""
    words = Table("words", COLUMNS[1:2] * 3, (ROW[1:2] * 3,))
    assert list(pieces(words, 30)) == [words]
    assert width(fitted(words, 30)) <= 30
