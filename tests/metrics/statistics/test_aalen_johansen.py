"""The incidence of competing endings, against scikit-survival, lifelines and its definition."""

import warnings
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connector.metrics.statistics.aalen_johansen import cumulative_incidence
from connector.metrics.statistics.kaplan_meier import kaplan_meier

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lifelines
    import numpy as np
    from sksurv.nonparametric import cumulative_incidence_competing_risks

CAUSES = 3

# Of each length: how many ended by each cause, and how many were cut off. Short lengths make ties.
counts = st.dictionaries(
    st.integers(1, 25),
    st.tuples(*[st.integers(0, 4)] * CAUSES, st.integers(0, 9)),
    max_size=20,
).map(lambda drawn: {length: row for length, row in sorted(drawn.items()) if sum(row)})
stays = counts.filter(bool)

# One stay each: when it came under observation, how long it was, and how it ended (0: not yet).
seen_late = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 12), st.integers(0, CAUSES)),
    min_size=1,
    max_size=40,
).map(lambda drawn: [(entry, entry + stay, cause) for entry, stay, cause in drawn])


def incidence_of(drawn):
    columns = list(zip(*drawn.values(), strict=True)) or [()] * (CAUSES + 1)
    return cumulative_incidence(tuple(drawn), columns[:CAUSES], columns[CAUSES])


def incidence_of_late(drawn):
    lengths = sorted({each for entry, left, _ in drawn for each in (entry, left)} - {0})
    found = {length: [0] * (CAUSES + 2) for length in lengths}
    for entry, left, cause in drawn:
        found[left][cause - 1 if cause else CAUSES] += 1
        if entry:
            found[entry][CAUSES + 1] += 1
    columns = list(zip(*found.values(), strict=True))
    return cumulative_incidence(lengths, columns[:CAUSES], columns[CAUSES], columns[CAUSES + 1])


def exact_shares(drawn):
    """The share of each cause after each length, one stay by one, without rounding."""
    survival, shares, told = Fraction(1), [Fraction(0)] * CAUSES, {}
    for time in sorted({left for _, left, _ in drawn}):
        at_risk = sum(entry < time <= left for entry, left, _ in drawn)
        so = [
            sum((left, c) == (time, cause + 1) for _, left, c in drawn) for cause in range(CAUSES)
        ]
        shares = [s + survival * Fraction(d, at_risk) for s, d in zip(shares, so, strict=True)]
        survival *= 1 - Fraction(sum(so), at_risk)
        told[time] = shares
    return told


@given(stays)
def test_shares_and_intervals_are_those_of_scikit_survival(drawn):
    """Shares and log-log intervals with Aalen's variance agree to 1e-9 at every length."""
    there = [cause for cause in range(CAUSES) if any(row[cause] for row in drawn.values())]
    assume(len(there) > 1)  # it refuses a single cause
    events = [
        (length, 1 + there.index(cause) if cause < CAUSES else 0)
        for length, row in drawn.items()
        for cause, many in enumerate(row)
        for _ in range(many)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        times, shares, bands = cumulative_incidence_competing_risks(
            np.array([cause for _, cause in events]),
            np.array([float(length) for length, _ in events]),
            conf_type="log-log",
        )
    found = incidence_of(drawn)
    for place, cause in enumerate(there, start=1):
        for step, time in enumerate(times):
            told = found.at(cause, time)
            assert told.share == pytest.approx(shares[place][step], abs=1e-9)
            if told.interval:
                assert told.interval == pytest.approx(sorted(bands[place, :, step]), abs=1e-9)


@given(seen_late)
def test_late_entries_are_at_risk_from_when_they_were_seen(drawn):
    """With late entry the shares are those of the definition, in exact fractions."""
    found = incidence_of_late(drawn)
    for time, shares in exact_shares(drawn).items():
        for cause, share in enumerate(shares):
            assert found.share(cause, time) == pytest.approx(float(share), abs=1e-9)


@given(seen_late, st.floats(0, 30))
def test_everything_that_ends_ends_one_way(drawn, time):
    """The shares of all endings and the share that lasts make one, at any time."""
    found = incidence_of_late(drawn)
    ended = sum(found.share(cause, time) for cause in range(CAUSES))
    assert ended + found.lasting(time) == pytest.approx(1, abs=1e-9)


@given(st.lists(st.tuples(st.floats(0.1, 90), st.integers(0, 2)), min_size=3, max_size=30))
def test_shares_are_those_of_lifelines(drawn):
    """Where no two stays are equally long, lifelines knows the same shares."""
    drawn = list(dict(drawn).items())
    lengths = sorted(length for length, _ in drawn)
    cause_of = dict(drawn)
    if 1 not in cause_of.values():
        return
    found = cumulative_incidence(
        lengths,
        [[int(cause_of[length] == cause) for length in lengths] for cause in (1, 2)],
        [int(cause_of[length] == 0) for length in lengths],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = lifelines.AalenJohansenFitter(calculate_variance=False)
        fit.fit(lengths, [cause_of[length] for length in lengths], 1)
    for length in lengths:
        expected = fit.cumulative_density_.loc[length].iloc[0]
        assert found.share(0, length) == pytest.approx(expected, abs=1e-9)


@given(stays)
def test_what_lasts_is_kaplan_meier(drawn):
    """All endings together leave what Kaplan–Meier leaves."""
    found = incidence_of(drawn)
    ended = [sum(row[:CAUSES]) for row in drawn.values()]
    curve = kaplan_meier(tuple(drawn), ended, [row[CAUSES] for row in drawn.values()])
    assert found.survival == pytest.approx(curve.survival, abs=1e-12)


def test_a_competing_ending_is_no_censoring():
    """Of four stays two end one way, then two the other: each is half, not half and all."""
    found = cumulative_incidence((1, 2), [(2, 0), (0, 2)], (0, 0))
    assert (found.last(0).share, found.last(1).share) == (0.5, 0.5)


def test_past_the_longest_stay_nothing_is_known():
    """With a stay still going, no share exists beyond it; with none, the last one stays."""
    going = cumulative_incidence((5, 9), [(1, 0)], (0, 1))
    assert going.at(0, 9).share == 0.5
    assert going.at(0, 10) is None
    assert cumulative_incidence((5, 9), [(1, 1)], (0, 0)).at(0, 10).share == 1


def test_nobody_stayed():
    """Without stays no share is known at a time, and the last one is none."""
    found = cumulative_incidence((), [(), ()], ())
    assert found.at(1, 30) is None
    assert found.last(1) == (0, None)


@pytest.mark.parametrize(("ended", "share"), [(1, 1.0), (0, 0.0)])
def test_one_stay(ended, share):
    """A single stay has ended its way, or not; neither has an interval."""
    assert cumulative_incidence((4,), [(ended,)], (1 - ended,)).last(0) == (share, None)
