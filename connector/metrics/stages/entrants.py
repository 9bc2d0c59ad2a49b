"""Of every deal that entered a stage: how long it took from its first entry to won or lost."""

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.statistics.aalen_johansen import Incidence, cumulative_incidence
from connector.metrics.statistics.lengths import EXACT, by_length
from connector.model import Outcome

# The causes of an `Incidence` of entrants.
WON, LOST = 0, 1


class Ending(NamedTuple):
    """How a deal ended as far as one funnel goes, and when; OPEN is censored there."""

    outcome: Outcome
    at: int


class Entrants:
    """The first entries into the open stages of one funnel; feed it every deal with `take`.

    A deal that is archived, merged or in another pipeline by now is censored at the moment it left;
    one that was reopened is open.
    """

    def __init__(self, funnel: int, steps: int, as_of: int):
        self._funnel = funnel
        self._as_of = as_of
        self._lengths = [{outcome: array("q") for outcome in Outcome} for _ in range(steps)]
        self.won = 0
        self.lost = 0

    def take(self, deal: DealHistory) -> Ending | None:
        """Count a deal under every stage it entered, and tell how it ended; None if never here."""
        end = ending(deal, self._funnel, self._as_of)
        if end is None:
            return None
        self.won += end.outcome is Outcome.WON
        self.lost += end.outcome is Outcome.LOST
        for step, entered in self._firsts(deal.visits).items():
            self._lengths[step][end.outcome].append(max(end.at - entered, 0))
        return end

    def entered(self, step: int) -> int:
        """How many deals entered a stage."""
        return sum(map(len, self._lengths[step].values()))

    def decided(self, step: int, outcome: Outcome) -> int:
        """How many of those that entered a stage have come to an outcome."""
        return len(self._lengths[step][outcome])

    @property
    def binned(self) -> bool:
        """Whether lengths are counted in hours, so that each is off by half an hour at most."""
        return any(self.entered(step) > EXACT for step in range(len(self._lengths)))

    def incidence(self, step: int) -> Incidence:
        """The incidence of winning and losing (causes WON and LOST) since the first entry."""
        counted = [
            by_length(self._lengths[step][outcome], binned=self.entered(step) > EXACT)
            for outcome in (Outcome.WON, Outcome.LOST, Outcome.OPEN)
        ]
        lengths = sorted(set().union(*counted))
        won, lost, cut = ([each[length] for length in lengths] for each in counted)
        return cumulative_incidence(lengths, (won, lost), cut)

    def _firsts(self, visits: Iterable[Visit]) -> dict[int, int]:
        """When each open stage of the funnel was entered first, by step."""
        firsts: dict[int, int] = {}
        for place, entered, _, _ in visits:
            if (
                place is not None
                and place.funnel == self._funnel
                and place.step >= 0
                and place.outcome is Outcome.OPEN
            ):
                firsts.setdefault(place.step, entered)
        return firsts


def ending(deal: DealHistory, funnel: int, as_of: int) -> Ending | None:
    """How a deal ended in a funnel; None where it never was in it."""
    for number in range(len(deal.visits) - 1, -1, -1):
        visit = deal.visits[number]
        if visit.place is not None and visit.place.funnel == funnel:
            return _ended(deal, deal.visits[number:], as_of)
    return None


def _ended(deal: DealHistory, rest: Sequence[Visit], as_of: int) -> Ending:
    """The end of a deal from its last visit of the funnel on."""
    last = rest[0]
    if len(rest) == 1 and last.place is not None and last.place.outcome is not Outcome.OPEN:
        return Ending(last.place.outcome, last.entered)
    if len(rest) > 1:
        return Ending(Outcome.OPEN, rest[1].entered)
    return Ending(Outcome.OPEN, as_of if deal.gone is None else deal.gone)
