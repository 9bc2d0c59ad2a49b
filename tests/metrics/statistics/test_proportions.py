"""Shares, their intervals and tests, against scipy and statsmodels."""

import warnings
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.statistics.distributions import beta_below, beta_quantile, chi_square_above
from connector.metrics.statistics.proportions import Interval, adjusted, binomial_p, shrunk, wilson

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scipy import stats
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportion_confint

trials = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
shapes = st.floats(0.5, 5_000)


@given(trials)
def test_the_wilson_interval_is_that_of_statsmodels(drawn):
    """Both ends agree to 1e-9, also at none and at all."""
    k, n = drawn
    assert wilson(k, n) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-9)


def test_of_nothing_everything_is_possible():
    """No case at all says nothing about the share."""
    assert wilson(0, 0) == (0, 1)


@pytest.mark.parametrize(("value", "outside"), [(0.19, True), (0.2, False), (0.5, True)])
def test_an_interval_holds_its_ends(value, outside):
    """A value at the end of an interval is not excluded by it."""
    assert Interval(0.2, 0.4).excludes(value) is outside


# Nearer to 1, scipy loses digits: of the arcsine law, x = 1 - 1e-16, it is off by 3e-9.
@given(st.floats(0, 1 - 1e-9) | st.just(1.0), shapes, shapes)
def test_beta_probabilities_are_those_of_scipy(x, a, b):
    """The incomplete beta function agrees to 1e-9."""
    assert beta_below(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-9)


@given(st.floats(0.001, 0.999), shapes, shapes)
def test_beta_quantiles_lie_where_they_should(share, a, b):
    """Below the quantile lies its share, to 1e-9, and scipy's lies there too."""
    found = beta_quantile(share, a, b)
    assert found == pytest.approx(stats.beta.ppf(share, a, b), abs=1e-9)


@given(st.floats(0, 2_000), st.integers(1, 400))
def test_chi_square_tails_are_those_of_scipy(x, degrees):
    """The incomplete gamma function agrees to 1e-9."""
    assert chi_square_above(x, degrees) == pytest.approx(stats.chi2.sf(x, degrees), abs=1e-9)


@given(trials, st.floats(1e-9, 1 - 1e-9) | st.sampled_from([0, 1]))
def test_the_binomial_test_is_that_of_scipy(drawn, p):
    """Two-sided and exact, with probabilities of 0 and 1 too."""
    k, n = drawn
    assert binomial_p(k, n, p) == pytest.approx(stats.binomtest(k, n, p).pvalue, abs=1e-9)


@pytest.mark.parametrize("p", [0.5, 0.25, 0.1])
def test_outcomes_as_likely_count_as_such(p):
    """Where the other side has an outcome of exactly the same probability, it counts."""
    for n in range(1, 60):
        for k in range(n + 1):
            found, expected = binomial_p(k, n, p), stats.binomtest(k, n, p).pvalue
            assert found == pytest.approx(expected, abs=1e-9)


@given(trials, st.floats(0.01, 0.99), st.floats(0.5, 100))
def test_a_shrunk_share_lies_between_the_share_and_the_rate(drawn, rate, strength):
    """The mean weighs what was seen against the prior; the interval is the beta's."""
    k, n = drawn
    found = shrunk(k, n, rate, strength)
    assert found.mean == pytest.approx((k + rate * strength) / (n + strength))
    assert min(k / n, rate) - 1e-12 <= found.mean <= max(k / n, rate) + 1e-12
    beta = stats.beta(k + rate * strength, n - k + (1 - rate) * strength)
    assert found.interval == pytest.approx((beta.ppf(0.025), beta.ppf(0.975)), abs=1e-9)


@pytest.mark.parametrize("rate", [0, 1])
def test_a_rate_that_nothing_contradicts_stays(rate):
    """A pipeline that never lost, or never won, leaves no doubt to put into an interval."""
    assert shrunk(10 * rate, 10, rate, 20) == (rate, rate, rate)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjusted_p_values_are_those_of_statsmodels(p_values):
    """Benjamini and Hochberg's, in the order they came in, ties too."""
    expected = multipletests(p_values, method="fdr_bh")[1]
    assert adjusted(p_values) == pytest.approx(list(expected), abs=1e-9)


def test_nothing_to_adjust():
    """No test, no p-value."""
    assert adjusted([]) == []


def test_the_tail_sum_is_exact():
    """One success in ten trials of one half has p = 22/1024, by the definition."""
    assert binomial_p(1, 10, 0.5) == pytest.approx(float(Fraction(22, 1024)), abs=1e-15)
