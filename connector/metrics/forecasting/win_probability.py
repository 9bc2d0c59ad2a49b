"""How likely open deals are won, from what became of earlier ones, as of each of several instants.

A deal that has lain in a stage for some time moves on as the visits that lasted longer did, and
from the stage it enters next it is won as often as the deals that entered that one. Feed
`WinHistory` every deal once; it keeps lengths, never deals.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.forecasting.stay_worth import CUT, LOST, WON, Curve, Stays, Stops, curves
from connector.metrics.funnel import Place
from connector.metrics.statistics.lengths import DAY, HOUR
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL

# Visits times instants up to which lengths are counted to the millisecond.
EXACT = 200_000


def grain_for(visits: int, instants: int) -> int:
    """The unit of time in which so much can be counted: a millisecond, an hour or a day."""
    if visits * instants <= EXACT:
        return 1
    return HOUR if instants == 1 else DAY


class Decisions(NamedTuple):
    """The deals of a funnel that were decided."""

    won: int = 0
    lost: int = 0

    @property
    def rate(self) -> float | None:
        """The win rate, won / (won + lost); None where there are too few to tell."""
        decided = self.won + self.lost
        return self.won / decided if decided >= ENOUGH_TO_TELL else None


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely deals were won as of one instant, by what was known then."""

    _stops: Stops
    _grain: int
    _decisions: Mapping[int, Decisions]
    _values: Mapping[int, float]
    _curves: Mapping[int, Curve]

    def overall(self, funnel: int) -> float | None:
        """The win rate of all deals of a funnel decided by then; None where too few were."""
        found = self._decisions.get(funnel)
        return found.rate if found else None

    def entering(self, place: Place) -> float | None:
        """The Aalen–Johansen share won of the deals that entered a stage; None where too few."""
        if self.overall(place.funnel) is None:
            return None
        return self._values.get(self._stops.way(place))

    def sitting(self, place: Place, spent: int) -> float | None:
        """The probability of a deal that has been in a stage for so many milliseconds.

        Σ over the stages entered next of the incidence of that move beyond the time spent × the
        Aalen–Johansen value of that stage, won being worth 1 and lost 0. None where too few deals
        were decided, or none has left the stage yet.
        """
        if self.overall(place.funnel) is None:
            return None
        curve = self._curves.get(self._stops.way(place))
        return curve.beyond(spent // self._grain) if curve and curve.lengths else None

    def seen(self, place: Place, spent: int) -> int:
        """How many deals are known to have lain longer in a stage and to have left it."""
        curve = self._curves.get(self._stops.way(place))
        return curve.exits_beyond(spent // self._grain) if curve else 0


class WinHistory:
    """What became of deals and of their stays in stages, as of each of ascending instants.

    `grain` is the unit of time lengths are counted in. A deal that left a funnel, or was archived
    or merged, is censored there; one that was reopened is open again.
    """

    def __init__(self, instants: Sequence[int], grain: int = 1):
        self._instants = instants
        self._grain = grain
        self._stops = Stops()
        self._visits = Stays(instants, grain)
        # From the first entry into a stage until the deal was decided.
        self._fates = Stays(instants, grain)
        # By position: how many more or fewer deals of a funnel were decided in a way than before.
        self._decided: list[Counter[tuple[int, int]]] = [Counter() for _ in instants]

    def take(self, deal: DealHistory) -> None:
        """Count one deal."""
        visits, instants = deal.visits, self._instants
        edges = [bisect_right(instants, entered) for _, entered, _, _ in visits]
        edges.append(len(instants))
        for funnel in {place.funnel for place, _, _, _ in visits if place is not None}:
            self._follow(funnel, visits, edges)

    def chances(self) -> Iterator[Chances]:
        """What was known of winning, instant by instant."""
        rows = zip(self._visits.counts(), self._fates.counts(), self._decisions(), strict=True)
        for visits, fates, decisions in rows:
            decided = curves(fates, {WON: 1.0, LOST: 0.0})
            values = {stop: curve.beyond(-1) for stop, curve in decided.items()}
            moved = curves(visits, {**values, WON: 1.0, LOST: 0.0})
            yield Chances(self._stops, self._grain, decisions, values, moved)

    def _decisions(self) -> Iterator[dict[int, Decisions]]:
        known: Counter[tuple[int, int]] = Counter()
        for decided in self._decided:
            known.update(decided)
            funnels = {funnel for funnel, _ in known}
            yield {each: Decisions(known[each, WON], known[each, LOST]) for each in funnels}

    def _follow(self, funnel: int, visits: Sequence[Visit], edges: Sequence[int]) -> None:
        """Follow a deal through one funnel; each visit holds from its edge to before the next."""
        ways, fates, stays = self._stops, self._fates, self._visits
        began: dict[int, int] = {}
        away: int | None = None
        stop: int | None = None
        start = 0
        for (place, entered, left, cut), since, until in zip(
            visits, edges, edges[1:], strict=False
        ):
            inside = place is not None and place.funnel == funnel
            way = ways.way(place) if place is not None and inside else CUT
            if stop is not None:
                stays.over(stop, entered - start, way, since)
                stop = None
            if not inside:
                away = entered if away is None else away
                fates.ended(began, away, CUT, since, until)
                continue
            away = None
            if way < CUT:
                self._decide(funnel, way, began, entered, since, until)
                continue
            began.setdefault(way, entered)
            stop, start = way, entered
            ends = until if not cut or left is None else self._cut(began, way, entered, left)
            if since < ends:
                fates.lasting(began, since, ends)
                stays.lasting({way: entered}, since, ends)

    def _cut(self, began: Mapping[int, int], stop: int, entered: int, left: int) -> int:
        """A deal that was archived or merged in a stop: censored; the first instant of that."""
        edge = bisect_right(self._instants, left)
        self._visits.over(stop, left - entered, CUT, edge)
        self._fates.ended(began, left, CUT, edge, len(self._instants))
        return edge

    def _decide(
        self, funnel: int, way: int, began: Mapping[int, int], at: int, since: int, until: int
    ) -> None:
        """A visit of a closed stage: as long as it lasts, the deal is won or lost."""
        if since == until:
            return
        self._fates.ended(began, at, way, since, until)
        self._decided[since][funnel, way] += 1
        if until < len(self._instants):
            self._decided[until][funnel, way] -= 1
