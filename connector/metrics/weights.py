"""The probability of every stage as it was in force at each instant."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple


class Weight(NamedTuple):
    """A probability, and whether it is known to have been in force at the instant asked for.

    One that is not `kept` by the CRM is what the process says now, whatever the instant.
    """

    probability: float
    known: bool
    kept: bool = True


class Weights:
    """Probabilities by stage; `history` holds for each its values since when, oldest first.

    A probability changed at the very instant does not count yet. Before the first one known, that
    one stands in and is marked; a stage nobody gave a probability has none. `desired` are those of
    the process for stages of which the CRM keeps none.
    """

    def __init__(
        self,
        history: Mapping[int, Sequence[tuple[int, float]]],
        desired: Mapping[int, float] = MappingProxyType({}),
    ):
        self._history = {stage: _changes(known) for stage, known in history.items() if known}
        self._desired = {
            stage: Weight(probability, known=True, kept=False)
            for stage, probability in desired.items()
        }

    def at(self, stage: int, at: int) -> Weight | None:
        """The probability of a stage in force at an instant in milliseconds."""
        known = self._history.get(stage)
        if known is None:
            return self._desired.get(stage)
        changed, weights = known
        return weights[bisect_left(changed, at)]


def _changes(known: Sequence[tuple[int, float]]) -> tuple[list[int], list[Weight]]:
    """When a probability changed, and what it was before the first change and after each."""
    weights = [Weight(probability, known=True) for _, probability in known]
    return [since for since, _ in known], [weights[0]._replace(known=False), *weights]
