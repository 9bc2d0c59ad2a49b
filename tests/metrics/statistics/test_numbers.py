"""Means, medians and scatter."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.statistics.numbers import Numbers

numbers = st.lists(st.integers(-(10**12), 10**12), min_size=10, max_size=60)


@given(numbers)
def test_they_agree_with_the_standard_library(values):
    """Mean, median and coefficient of variation are those of Python's statistics, to 1e-9."""
    told = Numbers(values)
    assert told.total == sum(values)
    assert told.mean == pytest.approx(statistics.fmean(values), rel=1e-9, abs=1e-3)
    assert told.median == statistics.median(values)
    mean = sum(values) / len(values)
    if mean:
        assert told.variation == pytest.approx(statistics.stdev(values) / mean, rel=1e-9)


@given(numbers, numbers)
def test_two_lots_are_as_good_as_one(some, more):
    """Adding groups tells what counting them together does."""
    both, at_once = Numbers(some) + Numbers(more), Numbers(some + more)
    assert (len(both), both.total, both.median) == (len(at_once), at_once.total, at_once.median)


def test_at_an_even_number_the_median_is_between():
    """The mean of the middle two."""
    assert Numbers([1, 1, 1, 1, 1, 4, 9, 9, 9, 9]).median == 2.5


def test_few_numbers_tell_nothing():
    """Nine are counted and no more."""
    few = Numbers(range(9))
    assert (len(few), few.mean, few.median, few.variation) == (9, None, None, None)


def test_nothing_scatters_around_zero():
    """At a mean of zero the coefficient of variation has no value."""
    assert Numbers([0] * 12).variation is None
