"""One stage's stays, counted and measured."""

from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.stages.stays import Reading, StayCount, pooled
from connector.metrics.stages.time_in_stage import Survival, stalled_after, time_in_stage

DAY_MS = 86_400_000
DAY = 86_400.0

lengths_ms = st.lists(st.integers(0, 400 * DAY_MS) | st.integers(0, 3), max_size=60)


def stays(ended, unended=(), stage=1):
    """Counted as the store counts them, every stay by itself."""
    return pooled(
        StayCount(stage, done, length, 1, length, length)
        for lengths, done in ((ended, True), (unended, False))
        for length in lengths
    )


def measured(ended, unended=(), reading=Reading.VISIT, **more):
    return time_in_stage(reading, 0, 0, stays(ended, unended), **more)


@given(lengths_ms, lengths_ms)
def test_naive_numbers_are_those_of_the_visits_one_by_one(ended, unended):
    """Mean and median of the completed visits; at an even number the middle two are averaged."""
    row = measured(ended, unended)
    if len(ended) < 10:
        assert row.naive is None
    else:
        assert row.naive.mean == pytest.approx(fmean(ended) / 1000)
        assert row.naive.median == pytest.approx(median(ended) / 1000)


@given(lengths_ms, lengths_ms)
def test_every_visit_is_counted_once(ended, unended):
    """Visits are the exits and those still open; pass-throughs are exits below 60 seconds."""
    row = measured(ended, unended)
    assert (row.exits, row.still_open) == (len(ended), len(unended))
    assert row.stays == len(ended) + len(unended)
    assert row.pass_throughs == sum(length < 60_000 for length in ended)
    assert row.longest == max([*ended, *unended], default=0) / 1000


@given(lengths_ms, lengths_ms, lengths_ms)
def test_stages_of_several_accounts_are_one(here, there, unended):
    """The stays of a funnel's stage are those of all the stages it is bound to together."""
    apart = [
        StayCount(stage, done, length, 1, length, length)
        for stage, lengths, done in ((1, here, True), (2, there, True), (2, unended, False))
        for length in lengths
    ]
    assert pooled(apart) == stays(here + there, unended)


@pytest.mark.parametrize(("exits", "told"), [(0, False), (9, False), (10, True)])
def test_below_ten_exits_there_are_counts_only(exits, told):
    """Nine exits say nothing about time, however many visits are still open."""
    row = measured([DAY_MS] * exits, [DAY_MS] * 50)
    assert (row.naive is not None) is told
    assert (row.estimate is not None) is told


def test_the_latest_completed_visit_is_naive_only():
    """Leaving out what has not ended, it can be no estimate of how long deals stay."""
    row = measured([DAY_MS] * 20, reading=Reading.LATEST)
    assert row.naive.median == DAY
    assert row.estimate is None


def test_a_visit_of_a_minute_is_no_pass_through():
    """The limit is under 60 seconds."""
    assert measured([59_999, 60_000]).pass_throughs == 1


def test_open_visits_lengthen_the_median():
    """Where the long visits have not ended, the naive median is far below Kaplan–Meier's."""
    row = measured([d * DAY_MS for d in range(1, 11)], [11 * DAY_MS] * 9)
    assert row.naive.median == 5.5 * DAY
    assert row.estimate.median == 10 * DAY
    assert row.estimate.quarter == 5 * DAY


def test_a_median_not_reached_is_none():
    """Ten exits among a hundred visits leave every quartile beyond the longest stay."""
    row = measured([DAY_MS] * 10, [40 * DAY_MS] * 90)
    assert row.estimate.median is None
    assert row.estimate.three_quarters is None
    assert row.longest == 40 * DAY


def test_the_horizon_cuts_the_mean():
    """Ten visits of 10 days and ten of 50, cut at 30: half outlast it, the mean is 20 days."""
    row = measured([10 * DAY_MS] * 10 + [50 * DAY_MS] * 10)
    assert row.estimate.restricted_mean == 20 * DAY
    assert row.estimate.beyond == Survival(
        0.5, pytest.approx(0.271, abs=5e-4), pytest.approx(0.692, abs=5e-4)
    )


def test_past_the_longest_stay_nothing_is_known():
    """With visits open and none followed for 30 days, neither mean nor share at 30 days exists."""
    row = measured([DAY_MS] * 10, [20 * DAY_MS] * 10)
    assert row.estimate.restricted_mean is None
    assert row.estimate.beyond is None
    assert measured([DAY_MS] * 10, [20 * DAY_MS] * 10, horizon=20 * DAY).estimate.beyond


@pytest.mark.parametrize(
    ("ended", "unended", "max_days", "limit"),
    [
        (range(1, 21), 0, None, 15 * DAY_MS),
        (range(1, 21), 0, 7, 7 * DAY_MS),
        (range(1, 21), 80, None, None),
        (range(1, 5), 0, None, None),
        (range(1, 5), 0, 0, 0),
    ],
)
def test_stalled_is_what_the_process_says_or_three_quarters(ended, unended, max_days, limit):
    """By the process's max_days, else the visit reading's 75 % quantile, else by nothing."""
    row = measured([day * DAY_MS for day in ended], [30 * DAY_MS] * unended)
    assert stalled_after(row, max_days) == limit
