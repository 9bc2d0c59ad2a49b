"""The visits of stages, counted by length: what time in stage is computed from."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

PASS_THROUGH_MS = 60_000


class Reading(StrEnum):
    """What counts as one stay of a deal in a stage.

    Every visit by itself; all visits summed (HubSpot's "cumulative time in"); the last one that
    ended (HubSpot's "latest time in"); or the first one.
    """

    VISIT = "visit"
    CUMULATIVE = "cumulative"
    LATEST = "latest"
    FIRST_PASS = "first-pass"  # noqa: S105 - no password


class StayCount(NamedTuple):
    """So many stays in a stage of the same length, in milliseconds, all ended or none.

    `stage` is its key in the store. Beyond `EXACT` visits the length is the middle of an hour, and
    only `total` and `longest` are exact. `again` of them were returns to the stage.
    """

    stage: int
    ended: bool
    length: int
    stays: int
    total: int
    longest: int


@dataclass(frozen=True, slots=True)
class Stays:
    """The stays of one stage of a funnel by their length as of one instant.

    The three tuples run in parallel, lengths in milliseconds and strictly ascending: so many stays
    of that length had ended before the instant (`exits`), and so many were cut off there or when
    their deal was archived or merged (`open`). `ended_ms` is the sum of those that ended.
    """

    lengths: tuple[int, ...] = ()
    exits: tuple[int, ...] = ()
    open: tuple[int, ...] = ()
    ended_ms: int = 0
    longest: int = 0

    @property
    def ended(self) -> int:
        """How many ended."""
        return sum(self.exits)

    @property
    def pass_throughs(self) -> int:
        """How many ended within a minute."""
        return sum(self.exits[: bisect_left(self.lengths, PASS_THROUGH_MS)])

    @property
    def mean(self) -> float:
        """The mean length of those that ended."""
        return self.ended_ms / self.ended

    @property
    def median(self) -> float:
        """The median length of those that ended; of an even number, the mean of the middle two."""
        return (self._ranked((self.ended - 1) // 2) + self._ranked(self.ended // 2)) / 2

    def _ranked(self, rank: int) -> int:
        """The length of the stay at this rank, from 0, among those that ended, shortest first."""
        reached = zip(self.lengths, accumulate(self.exits), strict=True)
        return next(length for length, count in reached if count > rank)


def pooled(counts: Iterable[StayCount]) -> Stays:
    """The stays of one stage of a funnel, which may be several stages of CRMs."""
    counted: dict[int, list[int]] = {}
    ended_ms = longest = 0
    for count in counts:
        counted.setdefault(count.length, [0, 0])[not count.ended] += count.stays
        ended_ms += count.total if count.ended else 0
        longest = max(longest, count.longest)
    lengths = tuple(sorted(counted))
    return Stays(
        lengths,
        tuple(counted[length][0] for length in lengths),
        tuple(counted[length][1] for length in lengths),
        ended_ms,
        longest,
    )
