"""Whether groups differ, against scipy and by counting every table."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from connector.metrics.statistics.independence import (
    _hypergeometric,
    chi_square,
    permutation,
    smallest_expected,
)

tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 60), min_size=width, max_size=width), min_size=2, max_size=6
    )
)


@given(tables)
def test_chi_square_is_that_of_scipy(table):
    """Statistic, degrees of freedom and p agree to 1e-9, without a correction."""
    assume(all(map(sum, table)) and all(map(sum, zip(*table, strict=True))))
    found, expected = chi_square(table), stats.chi2_contingency(table, correction=False)
    assert found.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert (found.df, found.p) == (expected.dof, pytest.approx(expected.pvalue, abs=1e-9))
    assert smallest_expected(table) == pytest.approx(expected.expected_freq.min())


@pytest.mark.parametrize("table", [[], [[0, 0]], [[3, 4]], [[3, 0], [4, 0]], [[3, 4], [0, 0]]])
def test_one_group_or_one_ending_differs_from_nothing(table):
    """Where there is nothing to compare, nothing is found."""
    assert chi_square(table).p == 1
    assert permutation(table, rounds=9).p == 1


def test_permutation_comes_to_the_share_of_all_orders_as_extreme():
    """Over seven cases in three groups, p is that of all 5,040 orders, within its own error."""
    groups, endings = [0, 0, 0, 1, 1, 2, 2], [1, 1, 1, 0, 0, 0, 1]

    def counted(order):
        table = [[0, 0] for _ in range(3)]
        for group, ending in zip(groups, order, strict=True):
            table[group][ending] += 1
        return table

    observed = chi_square(counted(endings)).statistic - 1e-9
    reached = [chi_square(counted(order)).statistic >= observed for order in permutations(endings)]
    exact = sum(reached) / len(reached)
    assert permutation(counted(endings), seed=1, rounds=9_999).p == pytest.approx(exact, abs=0.02)


def test_the_same_seed_draws_the_same_tables():
    """A report says the same twice."""
    table = [[3, 1], [2, 4], [0, 5]]
    assert permutation(table, seed=7) == permutation(table, seed=7)


@pytest.mark.parametrize(("good", "bad", "size"), [(5, 7, 4), (1, 9, 10), (40, 3, 30), (0, 5, 2)])
def test_hands_are_drawn_as_often_as_they_should_be(good, bad, size):
    """Twenty thousand draws lie around the hypergeometric distribution."""
    random = Random(3)
    drawn = [_hypergeometric(good, bad, size, random) for _ in range(20_000)]
    for taken in range(good + 1):
        expected = stats.hypergeom.pmf(taken, good + bad, good, size)
        assert drawn.count(taken) / len(drawn) == pytest.approx(expected, abs=0.015)


def test_false_alarms_are_as_rare_as_promised():
    """Of 300 tables without a difference, about one in twenty has p below 0.05, not more."""
    random = Random(11)
    tables = [
        [[wins := sum(random.random() < 0.4 for _ in range(9)), 9 - wins] for _ in range(5)]
        for _ in range(300)
    ]
    alarms = sum(permutation(table, seed=1, rounds=199).p < 0.05 for table in tables)
    assert alarms <= 27
