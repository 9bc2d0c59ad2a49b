"""How each kind of cell reads, and what it is in JSON."""

import json
from datetime import UTC, datetime

import pytest

from connector.report.as_json import to_json
from connector.report.cells import lines, shown
from connector.report.document import (
    Count,
    CrmText,
    Days,
    Document,
    Fact,
    Instant,
    Interval,
    Items,
    Missing,
    Money,
    Phrase,
    Share,
    Term,
    phrase,
)

AT = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
DAY = 86_400

CELLS = [
    (None, "–", None),
    ("words", "words", "words"),
    (CrmText("Åsa & søn"), "Åsa & søn", "Åsa & søn"),
    (Missing("not known"), "not known", None),
    (Term("not-managed", "not managed"), "not managed", "not-managed"),
    (Count(18_400), "18 400", 18_400),
    (Money(18_400_000.4, "NOK"), "18 400 000 NOK", {"amount": 18_400_000.4, "currency": "NOK"}),
    (Money(-0.6, "EUR"), "-1 EUR", {"amount": -0.6, "currency": "EUR"}),
    (Money(-0.4, "EUR"), "0 EUR", {"amount": -0.4, "currency": "EUR"}),
    (Money(float("inf"), "EUR"), "inf EUR", {"amount": None, "currency": "EUR"}),
    (Share(0.2), "20 %", 0.2),
    (Share(0.125), "12.5 %", 0.125),
    (Share(0), "0 %", 0),
    (Days(12.25 * DAY), "12.2", 12.25),
    (Days(87.2 * DAY, more_than=True), "> 87.2", {"more_than": 87.2}),
    (Instant(AT, "Europe/Oslo"), "2026-07-01 14:00 Europe/Oslo", "2026-07-01T14:00:00+02:00"),
    (Instant(AT, "../etc/passwd"), "2026-07-01 12:00 UTC", "2026-07-01T12:00:00+00:00"),
    (Instant(AT, "Mars/Olympus"), "2026-07-01 12:00 UTC", "2026-07-01T12:00:00+00:00"),
    (Instant(AT, ""), "2026-07-01 12:00 UTC", "2026-07-01T12:00:00+00:00"),
    (Interval(Share(0.25), Share(0.5)), "25 to 50 %", [0.25, 0.5]),
    (Interval(Days(DAY), Days(9 * DAY, True)), "1.0 to > 9.0", [1, {"more_than": 9}]),
    (Items((CrmText("A"), CrmText("B"))), "A, B", ["A", "B"]),
    (Items(()), "–", []),
    (Phrase(("from ", Share(0.2), " to ", Share(0.4))), "from 20 % to 40 %", "from 20 % to 40 %"),
    (
        phrase('rename it to "{label}"', label=CrmText("{x}")),
        'rename it to "{x}"',
        'rename it to "{x}"',
    ),
]


@pytest.mark.parametrize(("cell", "words", "data"), CELLS)
def test_a_cell_reads_well_and_stays_data_in_json(cell, words, data):
    """People read figures as they write them, programs get numbers, codes and null."""
    assert shown(cell) == words
    document = Document("test", 1, "Test", (Fact("cell", "Cell", cell),), ())
    assert json.loads(to_json(document))["cell"] == data


def test_items_are_listed_one_under_the_other():
    """The order of stages is read downwards on a terminal."""
    assert lines(Items((CrmText("A"), CrmText("B")))) == ("A", "B")
