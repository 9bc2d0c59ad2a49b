"""The probability of every stage as it was in force at each instant."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Weight(NamedTuple):
    """A probability, and whether it is known to have been in force at the instant asked for."""

    probability: float
    known: bool


class Weights:
    """Probabilities by stage; `history` holds for each its values since when, oldest first.

    A probability changed at the very instant does not count yet. Before the first one known, that
    one stands in and is marked; a stage nobody gave a probability has none.
    """

    def __init__(self, history: Mapping[int, Sequence[tuple[int, float]]]):
        self._history = history

    def at(self, stage: int, at: int) -> Weight | None:
        """The probability of a stage in force at an instant in milliseconds."""
        known = self._history.get(stage)
        if not known:
            return None
        if len(known) == 1:  # as most have it, and much quicker
            return Weight(known[0][1], known[0][0] < at)
        index = bisect_left(known, at, key=lambda since: since[0])
        return Weight(known[max(index - 1, 0)][1], index > 0)
