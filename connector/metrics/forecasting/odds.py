"""The kinds of probability an open deal can be weighed by."""

from collections.abc import Sequence
from enum import StrEnum

from connector.metrics.deal_history import DealHistory
from connector.metrics.forecasting.position import Position, own_probability
from connector.metrics.forecasting.win_probability import Chances
from connector.metrics.funnel import Funnel, Place
from connector.metrics.weights import Weight, Weights


class Kind(StrEnum):
    """Whose word is taken for how likely a deal is won."""

    CONFIGURED = "configured"  # the stage's, in force at the instant
    DEAL = "deal"  # the deal's own: HubSpot's forecast probability, Nutshell's confidence
    OVERALL = "overall"  # the win rate of the funnel, for every deal
    EVIDENCE = "evidence"  # what the history says of deals that lay there for so long


KINDS = tuple(Kind)

# A probability of each kind, in their order; None where there is none.
Odds = tuple[float | None, float | None, float | None, float | None]


class Configured:
    """The probability of stages in force; a stage the CRM keeps none for has its process's."""

    def __init__(self, weights: Weights, funnels: Sequence[Funnel]):
        self._weights = weights
        self._funnels = funnels

    def at(self, place: Place, at: int) -> Weight | None:
        """The probability of a stage at an instant, and whether it is known to reach that far."""
        weight = self._weights.at(place.stage, at)
        if weight is not None or place.step < 0:
            return weight
        desired = self._funnels[place.funnel].stages[place.step].probability
        return None if desired is None else Weight(desired, known=False)


def odds(
    deal: DealHistory, position: Position, at: int, configured: Configured, chances: Chances
) -> Odds:
    """Every probability of an open deal at an instant."""
    place = position.place
    weight = configured.at(place, at)
    return (
        None if weight is None else weight.probability,
        own_probability(deal, at),
        chances.overall(place.funnel),
        chances.sitting(place, at - position.visit.entered),
    )
