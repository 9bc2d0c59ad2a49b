"""Tables as comma-separated values."""

import csv
import io
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.report.as_csv import to_csv
from connector.report.document import (
    Column,
    Count,
    CrmText,
    Days,
    Instant,
    Interval,
    Items,
    Missing,
    Money,
    Place,
    Share,
    Table,
    Term,
    phrase,
)
from connector.tomlfile import acts

AT = datetime(2026, 11, 21, 2, 10, tzinfo=UTC)


def table(*columns: tuple[str, list]) -> Table:
    rows = tuple(zip(*(cells for _, cells in columns), strict=True))
    return Table("t", tuple(Column(key, key.title()) for key, _ in columns), rows)


def read(text: str) -> list[list[str]]:
    """What a program that knows RFC 4180 reads; newlines in cells stay as they are."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def one(cell) -> str:
    return read(to_csv(table(("key", [cell]))))[1][0]


def test_values_are_raw_and_the_header_names_their_unit():
    """Amounts with their hundredths, days as decimals, instants in ISO 8601, codes and no words."""
    told = table(
        ("won", [Count(12_345), Count(-3)]),
        ("rate", [Share(0.4302325581395349), None]),
        ("value", [Money(9578054.05, "NOK"), Money(-2.0, "NOK")]),
        ("stay", [Days(86_400 * 1.5), Days(86_400, more_than=True)]),
        ("at", [Instant(AT, "Europe/Oslo"), Missing("never")]),
        ("verdict", [Term("fits", "it fits"), None]),
        ("mature", [True, False]),
    )
    assert read(to_csv(told)) == [
        ["won", "rate (share)", "value (NOK)", "stay (days)", "at", "verdict", "mature"],
        [
            *("12345", "0.4302325581395349", "9578054.05", "1.5"),
            *("2026-11-21T03:10:00+01:00", "fits", "true"),
        ],
        ["-3", "", "-2.0", ">1.0", "", "", "false"],
    ]


def test_an_interval_takes_two_columns():
    """Each end with its unit; a row without one leaves both empty."""
    told = table(("wait", [None, Interval(Days(86_400), Days(172_800, more_than=True))]))
    assert read(to_csv(told)) == [
        ["wait_low (days)", "wait_high (days)"],
        ["", ""],
        ["1.0", ">2.0"],
    ]


def test_columns_for_machines_are_there():
    """What people see as a heading, or not at all, is a column like any other."""
    columns = (Column("id", place=Place.DATA), Column("pipeline", "P", Place.HEADING))
    assert read(to_csv(Table("t", columns, (("1", "Sales"),)))) == [
        ["id", "pipeline"],
        ["1", "Sales"],
    ]


def test_an_empty_table_has_its_header():
    """A program finds the columns also where there is nothing in them."""
    assert read(to_csv(Table("t", (Column("a"), Column("b")), ()))) == [["a", "b"]]


def test_lines_end_as_the_standard_says_behind_a_byte_order_mark():
    """RFC 4180 asks for CR LF; Excel takes UTF-8 for something else without the mark."""
    assert to_csv(table(("name", [CrmText("Møte")]))) == "\ufeffname\r\nMøte\r\n"


def test_cells_with_commas_and_quotes_come_back_whole():
    """Separators in text are quoted."""
    assert one(CrmText('Hansen, "AS"')) == 'Hansen, "AS"'
    assert one(Items((CrmText("a, b"), Count(2)))) == "a, b; 2"
    assert one(phrase("{n} of them", n=Count(2))) == "2 of them"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+47 22 33 44 55",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\tplain",
        "\nplain",
        "  =HYPERLINK(1)",
        "\u00a0=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
    ],
)
def test_text_never_becomes_a_formula(text):
    """What a spreadsheet would compute gets an apostrophe before it."""
    assert one(CrmText(text)).startswith("'")
    told = one(Items((CrmText(text), CrmText("b"))))
    assert told.startswith("'") or text.strip() == "plain"


@given(st.text(max_size=30))
def test_no_text_acts_anywhere(text):
    """No formula in a spreadsheet, no escape sequence on a terminal, no further row or column."""
    written = to_csv(table(("name", [CrmText(text)])))
    (header, (cell,)) = read(written)
    assert header == ["name"]
    assert not cell.lstrip().startswith(tuple("=+-@＝＋－＠"))
    assert not any(acts(character) for character in cell)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_lose_nothing(number):
    """Every float comes back as it was, without an exponent."""
    text = one(Share(number))
    assert float(text) == number
    assert math.copysign(1, float(text)) == math.copysign(1, number)
    assert "e" not in text.lower()
