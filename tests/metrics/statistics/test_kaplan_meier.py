"""The estimator against lifelines, and against its definition in exact fractions."""

import warnings
from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.statistics.kaplan_meier import kaplan_meier

SHARES = (0.25, 0.5, 0.75)

# Short lengths make ties; weights make heavy censoring.
counts = st.dictionaries(
    st.integers(0, 30), st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=25
).map(lambda drawn: {length: both for length, both in sorted(drawn.items()) if sum(both)})
stays = counts.filter(bool)


def curve_of(drawn):
    return kaplan_meier(
        tuple(drawn), tuple(e for e, _ in drawn.values()), tuple(c for _, c in drawn.values())
    )


@pytest.fixture(scope="module")
def lifelines():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifelines

        return lifelines


def fitted(lifelines, drawn):
    """The same stays, one by one, through lifelines."""
    durations = [t for t, (ends, cuts) in drawn.items() for _ in range(ends + cuts)]
    ended = [e for ends, cuts in drawn.values() for e in [True] * ends + [False] * cuts]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lifelines.KaplanMeierFitter().fit(durations, ended)


def exact_curve(drawn):
    """S(t) after each length, by the definition and without rounding."""
    at_risk, survival, steps = sum(map(sum, drawn.values())), Fraction(1), {}
    for length, (ends, cuts) in drawn.items():
        survival *= 1 - Fraction(ends, at_risk)
        steps[length] = survival
        at_risk -= ends + cuts
    return steps


@given(stays)
def test_survival_and_bands_are_those_of_lifelines(lifelines, drawn):
    """S(t) and its log-log Greenwood band agree with lifelines to 1e-9 at every length."""
    fit, curve = fitted(lifelines, drawn), curve_of(drawn)
    for length in drawn:
        band = fit.confidence_interval_.loc[length]
        expected = (fit.survival_function_.loc[length].iloc[0], *band)
        assert curve.at(length) == pytest.approx(expected, abs=1e-9)


@given(stays)
def test_the_interval_of_the_median_is_that_of_lifelines(lifelines, drawn):
    """Each side is where its band first reaches one half."""
    from lifelines.utils import median_survival_times

    expected = median_survival_times(fitted(lifelines, drawn).confidence_interval_).iloc[0]
    sides = curve_of(drawn).quantile_interval(0.5)
    assert tuple(inf if side is None else side for side in sides) == tuple(expected)


@given(stays, st.floats(0, 40))
def test_the_restricted_mean_is_that_of_lifelines(lifelines, drawn, horizon):
    """∫S up to a horizon agrees to 1e-9; past the longest stay it is known only if S ended at 0."""
    from lifelines.utils import restricted_mean_survival_time

    mean = curve_of(drawn).restricted_mean(horizon)
    if horizon > max(drawn) and exact_curve(drawn)[max(drawn)] > 0:
        assert mean is None
    elif horizon > 0:
        expected = restricted_mean_survival_time(fitted(lifelines, drawn), t=horizon)
        assert mean == pytest.approx(expected, abs=1e-9)


@given(stays)
def test_quantiles_are_the_smallest_length_that_gets_there(drawn):
    """Quantile p is the smallest t with S(t) <= 1 - p, by exact fractions; never interpolated."""
    steps, curve = exact_curve(drawn), curve_of(drawn)
    for share in SHARES:
        reached = (length for length, s in steps.items() if s <= 1 - Fraction(share))
        assert curve.quantile(share) == next(reached, None)


def test_a_stay_cut_off_at_a_length_was_at_risk_there():
    """Of two stays of length 5, one ended: S is one half, not zero."""
    assert kaplan_meier((5,), (1,), (1,)).at(5)[0] == 0.5


def test_one_half_is_reached_although_rounding_misses_it():
    """Ten stays that end one by one pass S = 1/2 at the fifth, whatever the products round to."""
    for size in range(2, 200, 2):
        curve = kaplan_meier(tuple(range(size)), (1,) * size, (0,) * size)
        assert curve.quantile(0.5) == size // 2 - 1


def test_no_stays_know_nothing():
    """Without stays there is no quantile, no interval, no mean and no share beyond a time."""
    curve = kaplan_meier((), (), ())
    assert curve.quantile(0.5) is None
    assert curve.quantile_interval(0.5) == (None, None)
    assert curve.restricted_mean(30) is None
    assert curve.at(30) is None


def test_everybody_stays_until_somebody_leaves():
    """Before the first end S is 1 and the restricted mean is the time itself."""
    curve = kaplan_meier((7, 9), (1, 0), (0, 1))
    assert curve.at(6) == (1.0, 1.0, 1.0)
    assert curve.restricted_mean(6) == 6


@pytest.mark.parametrize(("ended", "mean"), [(1, 4.0), (0, None)])
def test_one_visit(ended, mean):
    """A single stay is its own median and mean once it has ended; before, neither is known."""
    curve = kaplan_meier((4,), (ended,), (1 - ended,))
    assert curve.quantile(0.5) == (4 if ended else None)
    assert curve.restricted_mean(30) == mean
