"""Lengths counted exactly and by the hour."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.statistics.lengths import DAY, HOUR, by_length

LENGTHS = st.lists(st.integers(0, 400 * DAY))


@given(LENGTHS)
def test_lengths_are_counted_as_they_are(lengths):
    """Unbinned, every length is counted to the millisecond."""
    assert by_length(lengths, binned=False) == Counter(lengths)


@given(LENGTHS)
def test_binned_lengths_are_half_an_hour_off_at_most(lengths):
    """Binned, every length stands in the middle of its hour, and none is lost."""
    binned = by_length(lengths, binned=True)
    assert all(length % HOUR == HOUR // 2 for length in binned)
    moved = zip(sorted(lengths), sorted(binned.elements()), strict=True)
    assert all(abs(length - middle) <= HOUR // 2 for length, middle in moved)
