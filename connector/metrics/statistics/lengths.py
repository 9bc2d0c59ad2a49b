"""Lengths of time, counted for a curve: exactly, or by the hour where there are very many."""

from collections import Counter
from collections.abc import Iterable

HOUR = 3_600_000
DAY = 24 * HOUR
# Above so many of them, lengths are counted by the hour, and each is off by half of it at most.
EXACT = 100_000


def by_length(lengths: Iterable[int], *, binned: bool) -> Counter[int]:
    """How many there are of each length in milliseconds; binned ones stand in mid-hour."""
    return Counter(map(mid_hour, lengths) if binned else lengths)


def mid_hour(length: int) -> int:
    """The middle of the hour in which a length ends."""
    return length // HOUR * HOUR + HOUR // 2
