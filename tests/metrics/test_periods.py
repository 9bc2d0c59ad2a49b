"""Periods in the words people use, in their zone and their fiscal year."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.periods import (
    Period,
    Span,
    around,
    before,
    between,
    day_of,
    following,
    midnight,
    named,
    year_before,
)

OSLO = ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize(
    ("text", "fiscal", "first", "after", "label"),
    [
        ("2026", 1, date(2026, 1, 1), date(2027, 1, 1), "2026"),
        ("2026H2", 1, date(2026, 7, 1), date(2027, 1, 1), "2026H2"),
        ("2026Q3", 1, date(2026, 7, 1), date(2026, 10, 1), "2026Q3"),
        ("2026-q3", 1, date(2026, 7, 1), date(2026, 10, 1), "2026Q3"),
        ("2026Q1", 7, date(2025, 7, 1), date(2025, 10, 1), "2026Q1"),
        ("2026", 7, date(2025, 7, 1), date(2026, 7, 1), "2026"),
        ("2026-02", 7, date(2026, 2, 1), date(2026, 3, 1), "2026-02"),
        ("2026W01", 1, date(2025, 12, 29), date(2026, 1, 5), "2026W01"),
    ],
)
def test_a_name_means_these_days(
    text: str, fiscal: int, first: date, after: date, label: str
) -> None:
    """A period's name means whole days of its zone, in the fiscal year where it has one."""
    period = named(text, OSLO, fiscal)
    assert period.label == label
    assert period.window == (midnight(first, OSLO), midnight(after, OSLO))


@pytest.mark.parametrize("text", ["", "Q3", "2026Q5", "2026-13", "2026W54", "26Q1", "2026Q3x"])
def test_another_name_is_refused(text: str) -> None:
    """What is no period is a ValueError, never a period nobody meant."""
    with pytest.raises(ValueError):  # noqa: PT011 - the library words some of them
        named(text, OSLO)


def test_a_day_with_a_clock_change_is_whole() -> None:
    """The month with the spring change is an hour short of its days."""
    window = named("2026-03", OSLO).window
    assert window.end - window.start == (31 * 24 - 1) * 3_600_000


instants = st.integers(
    round(datetime(1990, 1, 1, tzinfo=UTC).timestamp() * 1000),
    round(datetime(2090, 1, 1, tzinfo=UTC).timestamp() * 1000),
)
spans = st.sampled_from([Span.YEAR, Span.HALF, Span.QUARTER, Span.MONTH, Span.WEEK])
months = st.integers(1, 12)


@given(instants, spans, months)
def test_periods_of_a_length_tile_time(at: int, span: Span, fiscal: int) -> None:
    """An instant lies in its period, neighbours adjoin, and a name leads back to its period."""
    period = around(at, span, OSLO, fiscal)
    assert period.window.holds(at)
    assert before(period, fiscal).window.end == period.window.start
    assert following(period, fiscal).window.start == period.window.end
    assert following(before(period, fiscal), fiscal) == period
    assert named(period.label, OSLO, fiscal) == period


@given(instants, spans.filter(lambda span: span is not Span.WEEK), months)
def test_a_year_before_bears_the_same_name_but_for_the_year(
    at: int, span: Span, fiscal: int
) -> None:
    """The period a year before begins on the same day of the year."""
    period = around(at, span, OSLO, fiscal)
    earlier = year_before(period, fiscal)
    assert earlier.label == period.label.replace(period.label[:4], str(int(period.label[:4]) - 1))
    assert (earlier.first.month, earlier.first.day) == (period.first.month, period.first.day)


def test_a_window_of_ones_own_moves_by_its_length() -> None:
    """A plain window is followed by one as long, and an empty one is refused."""
    period = between(midnight(date(2026, 3, 1), OSLO), midnight(date(2026, 3, 11), OSLO), OSLO)
    assert period.label == "2026-03-01 to 2026-03-11"
    assert day_of(following(period).window.start, OSLO) == date(2026, 3, 11)
    assert isinstance(year_before(period), Period)
    with pytest.raises(ValueError, match="before it begins"):
        between(2, 2, OSLO)
