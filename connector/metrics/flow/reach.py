"""How far back the history goes of what a report looks at."""

from collections.abc import Iterable
from dataclasses import dataclass

from connector.metrics.deal_history import DealHistory
from connector.metrics.funnel import OFF, Place
from connector.metrics.weights import Weights

# The histories of a deal's fields tick a moment after the deal is made.
_MOMENT = 60_000


@dataclass(frozen=True, slots=True)
class Reach:
    """Of deals and stages, those that are known since an instant, or since there are any."""

    deals: int
    deals_known: int
    stages: int
    stages_known: int


class Reaching:
    """Counts the deals whose stage is known since an instant, or since they were made."""

    def __init__(self, since: int):
        self._since = since
        self._deals = 0
        self._known = 0

    def take(self, deal: DealHistory) -> None:
        """Count one deal."""
        self._deals += 1
        if deal.visits and deal.visits[0].entered <= max(self._since, deal.created + _MOMENT):
            self._known += 1

    def reach(self, weights: Weights, places: Iterable[Place]) -> Reach:
        """What was counted, beside the stages whose probability then is known.

        One that the CRM does not keep has no history to lack.
        """
        stages = [place.stage for place in places if place.step != OFF]
        told = [weight for stage in stages if (weight := weights.at(stage, self._since))]
        found = [weight for weight in told if weight.kept]
        return Reach(self._deals, self._known, len(found), sum(weight.known for weight in found))
