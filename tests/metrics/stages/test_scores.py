"""Scores of probabilities, against scikit-learn and by hand."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.stages.scores import Cases, Side, score

cases = st.lists(
    st.tuples(st.floats(0, 1) | st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.booleans()),
    min_size=10,
    max_size=80,
)


def scored(drawn):
    return score(Cases(Counter(drawn)))


@given(cases)
def test_brier_and_log_loss_are_those_of_scikit_learn(drawn):
    """To 1e-9; probabilities of 0 and 1 are clipped at 1e-15 where they were wrong."""
    from sklearn.metrics import brier_score_loss, log_loss

    said, won = zip(*drawn, strict=True)
    found = scored(drawn)
    assert found.brier == pytest.approx(brier_score_loss(won, said, labels=[0, 1]), abs=1e-9)
    clipped = [min(max(p, 1e-15), 1 - 1e-15) for p in said]
    expected = log_loss(won, clipped, labels=[False, True])
    assert found.log_loss == pytest.approx(expected, abs=1e-9)


@given(cases)
def test_bins_hold_every_case_once(drawn):
    """They add up to the cases and lie one above the other; up to 20 values are a bin each."""
    found, values = scored(drawn), {p for p, _ in drawn}
    assert sum(each.cases for each in found.bins) == found.cases == len(drawn)
    assert sum(each.won for each in found.bins) == found.won
    edges = [edge for each in found.bins for edge in (each.low, each.high)]
    assert edges == sorted(edges)
    assert len(found.bins) == len(values) if len(values) <= 20 else len(found.bins) <= 10


def test_over_twenty_values_are_ten_bins_of_as_many():
    """A hundred cases of different probabilities are ten bins of ten."""
    found = scored([(n / 100, n % 2 == 0) for n in range(100)])
    assert [each.cases for each in found.bins] == [10] * 10
    assert (found.bins[0].low, found.bins[0].high) == (0, 0.09)


def test_the_scores_of_a_small_table():
    """Ten cases at 0.8 of which six are won, ten at 0.2 of which four are: by hand."""
    found = scored([(0.8, n < 6) for n in range(10)] + [(0.2, n < 4) for n in range(10)])
    assert (found.forecast, found.observed, found.base) == (0.5, 0.5, 0.25)
    assert found.brier == pytest.approx((6 * 0.04 + 4 * 0.64 + 4 * 0.64 + 6 * 0.04) / 20)
    assert found.skill == pytest.approx(1 - found.brier / 0.25)
    assert found.ece == pytest.approx(0.2)
    assert [each.observed for each in found.bins] == [0.4, 0.6]


def test_where_all_ended_alike_there_is_no_skill():
    """Nothing beats always saying what always happened."""
    assert scored([(0.9, True)] * 10).skill is None


@pytest.mark.parametrize(("said", "side"), [(0.9, Side.OVER), (0.1, Side.UNDER)])
def test_the_side(said, side):
    """Said more than was won is over-confident."""
    assert scored([(said, n % 2 == 0) for n in range(20)]).side is side


def test_below_ten_cases_nothing_is_scored():
    """Nine decided cases have a number and no score."""
    assert scored([(0.5, True)] * 9) is None
