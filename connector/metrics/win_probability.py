"""How likely open deals are won, from what became of earlier ones, as of each of several instants.

A deal that has lain in a stage for some time moves on as the visits that lasted longer did, and
from the stage it enters next it is won as often as the deals that entered that one. Feed
`WinHistory` every deal once; it keeps lengths, never deals.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.funnel import OFF, Place
from connector.metrics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Outcome

HOUR = 3_600_000
DAY = 24 * HOUR
# Visits times instants up to which lengths are counted to the millisecond.
EXACT = 200_000

# How a stay ended, beside the number of the stop entered next.
_WON, _LOST, _CUT = 253, 254, 255
_WAY_BITS, _LENGTH_BITS = 8, 42
_LENGTHS = (1 << _LENGTH_BITS) - 1


def grain_for(visits: int, instants: int) -> int:
    """The unit of time in which so much can be counted: a millisecond, an hour or a day."""
    if visits * instants <= EXACT:
        return 1
    return HOUR if instants == 1 else DAY


class Curve(NamedTuple):
    """What a stay is worth once it has lasted: `worth[n]` as long as it is under `lengths[n]`."""

    lengths: Sequence[int]
    worth: Sequence[float]

    def beyond(self, spent: int) -> float:
        """The worth of a stay that has lasted so long and goes on; 0 where none lasted longer."""
        index = bisect_right(self.lengths, spent)
        return self.worth[index] if index < len(self.worth) else 0.0


class Decisions(NamedTuple):
    """The deals of a funnel that were decided."""

    won: int
    lost: int

    @property
    def rate(self) -> float | None:
        """The win rate, won / (won + lost); None where there are too few to tell."""
        decided = self.won + self.lost
        return self.won / decided if decided >= ENOUGH_TO_TELL else None


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely deals were won as of one instant, by what was known then."""

    _stops: "Stops"
    _grain: int
    _decisions: Mapping[int, Decisions]
    _values: Mapping[int, float]
    _curves: Mapping[int, Curve]

    def overall(self, funnel: int) -> float | None:
        """The win rate of all deals of a funnel decided by then; None where too few were."""
        return self._decisions.get(funnel, Decisions(0, 0)).rate

    def entering(self, place: Place) -> float | None:
        """The Aalen–Johansen share won of the deals that entered a stage; None where too few."""
        if self.overall(place.funnel) is None:
            return None
        return self._values.get(self._stops.number(place))

    def sitting(self, place: Place, spent: int) -> float | None:
        """The probability of a deal that has been in a stage for so many milliseconds.

        Σ over the stages entered next of the incidence of that move beyond the time spent × the
        Aalen–Johansen value of that stage, won being worth 1 and lost 0.
        """
        if self.overall(place.funnel) is None:
            return None
        curve = self._curves.get(self._stops.number(place))
        return curve.beyond(spent // self._grain) if curve else None


class Stops:
    """Numbers for the stages deals stop at: one for each step of a funnel, wherever it is bound.

    A stage that a funnel does not have stands for itself. Even the entry into a funnel is one.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int], int] = {}
        self._known: dict[int, int] = {}

    def number(self, place: Place) -> int:
        """The number of a stage."""
        known = self._known.get(place.stage)
        if known is None:
            step = OFF - 1 - place.stage if place.step == OFF else place.step
            known = self._known[place.stage] = self._of(place.funnel, step)
        return known

    def entry(self, funnel: int) -> int:
        """The number of the entry into a funnel."""
        return self._of(funnel, OFF)

    def funnels(self) -> Iterator[int]:
        """Every funnel that was entered."""
        return (funnel for funnel, step in self._numbers if step == OFF)

    def _of(self, funnel: int, step: int) -> int:
        return self._numbers.setdefault((funnel, step), len(self._numbers))


class _Stays:
    """Stays from a stop on, as of each instant: how long they lasted and how they ended, as codes.

    What ended by an instant is told once, for that instant and all later ones; `_undone` takes it
    back where a deal was reopened.
    """

    def __init__(self, instants: Sequence[int], grain: int):
        self._instants = instants
        self._grain = grain
        self._ended = [array("q") for _ in instants]
        self._undone = [array("q") for _ in instants]
        self._lasting = [array("q") for _ in instants]

    def lasting(self, began: Mapping[int, int], since: int, until: int) -> None:
        """At the instants of these positions, the stays at these stops went on."""
        for position in range(since, until):
            codes = self._codes(began, self._instants[position], _CUT)
            self._lasting[position].extend(codes)

    def ended(self, began: Mapping[int, int], at: int, way: int, since: int, until: int) -> None:
        """At the instants of these positions, they had ended at a moment in some way."""
        if since == until:
            return
        codes = self._codes(began, at, way)
        self._ended[since].extend(codes)
        if until < len(self._instants):
            self._undone[until].extend(codes)

    def counts(self) -> Iterator[Counter[int]]:
        """How many stays there were of each code, instant by instant."""
        ended: Counter[int] = Counter()
        for told, undone, lasting in zip(self._ended, self._undone, self._lasting, strict=True):
            ended.update(told)
            if undone:
                ended.subtract(undone)
            counts = ended.copy()
            counts.update(lasting)
            yield counts

    def _codes(self, began: Mapping[int, int], at: int, way: int) -> "array[int]":
        grain = self._grain
        return array(
            "q",
            [
                (stop << _LENGTH_BITS | (at - start) // grain) << _WAY_BITS | way
                for stop, start in began.items()
            ],
        )


class WinHistory:
    """What became of deals and of their stays in stages, as of each of ascending instants.

    `grain` is the unit of time lengths are counted in. A deal that left a funnel, or was archived
    or merged, is censored there; one that was reopened is open again.
    """

    def __init__(self, instants: Sequence[int], grain: int = 1):
        self._instants = instants
        self._grain = grain
        self._stops = Stops()
        self._visits = _Stays(instants, grain)
        self._fates = _Stays(instants, grain)
        # By position: how many more or fewer deals of a funnel were decided in a way than before.
        self._decided: list[Counter[tuple[int, int]]] = [Counter() for _ in instants]

    def take(self, deal: DealHistory) -> None:
        """Count one deal."""
        visits = deal.visits
        edges = [bisect_right(self._instants, visit.entered) for visit in visits]
        edges.append(len(self._instants))
        for funnel in {visit.place.funnel for visit in visits if visit.place is not None}:
            self._take(funnel, deal, edges)

    def chances(self) -> Iterator[Chances]:
        """What was known of winning, instant by instant."""
        rows = zip(self._visits.counts(), self._fates.counts(), self._decisions(), strict=True)
        for visits, fates, decisions in rows:
            worth = {_WON: 1.0, _LOST: 0.0, _CUT: None}
            fated = _curves(fates, worth)
            values = {stop: curve.worth[0] if curve.worth else 0.0 for stop, curve in fated.items()}
            moved = _curves(visits, {**values, **worth})
            yield Chances(self._stops, self._grain, decisions, values, moved)

    def _decisions(self) -> Iterator[dict[int, Decisions]]:
        known: Counter[tuple[int, int]] = Counter()
        funnels = tuple(self._stops.funnels())
        for decided in self._decided:
            known.update(decided)
            yield {each: Decisions(known[each, _WON], known[each, _LOST]) for each in funnels}

    def _take(self, funnel: int, deal: DealHistory, edges: Sequence[int]) -> None:
        """Follow a deal through one funnel, visit by visit; `edges` are instants' positions."""
        last = len(self._instants)
        began: dict[int, int] = {}
        away: int | None = None
        for number, visit in enumerate(deal.visits):
            since, until = edges[number], edges[number + 1]
            place, entered, left, cut = visit
            if place is None or place.funnel != funnel:
                away = entered if away is None else away
                self._fates.ended(began, away, _CUT, since, until)
                continue
            away = None
            if not began:
                began[self._stops.entry(funnel)] = entered if number else min(deal.created, entered)
            if place.outcome is not Outcome.OPEN:
                way = _WON if place.outcome is Outcome.WON else _LOST
                self._fates.ended(began, entered, way, since, until)
                self._decide(funnel, way, since, until)
                continue
            stop = self._stops.number(place)
            began.setdefault(stop, entered)
            if left is not None and cut:
                until = bisect_right(self._instants, left)
                self._fates.ended(began, left, _CUT, until, last)
            if since < until:
                self._fates.lasting(began, since, until)
                self._visits.lasting({stop: entered}, since, until)
            if left is not None:
                way = _CUT if cut else self._way(deal.visits[number + 1], funnel)
                self._visits.ended({stop: entered}, left, way, until, last)

    def _decide(self, funnel: int, way: int, since: int, until: int) -> None:
        if since < until:
            self._decided[since][funnel, way] += 1
            if until < len(self._instants):
                self._decided[until][funnel, way] -= 1

    def _way(self, following: Visit, funnel: int) -> int:
        place = following.place
        if place is None or place.funnel != funnel:
            return _CUT
        match place.outcome:
            case Outcome.WON:
                return _WON
            case Outcome.LOST:
                return _LOST
            case Outcome.OPEN:
                return self._stops.number(place)


def _curves(counts: Mapping[int, int], worth: Mapping[int, float | None]) -> dict[int, Curve]:
    """The curve of every stop, from its stays by length and by the worth of how they ended.

    From the longest stay back: w(x−) = Σ dₖ/n · worthₖ + (1 − d/n) · w(x), where of n stays that
    lasted x, dₖ ended there in way k. That is Σ S(x−)/S(u) · dₖ/n · worthₖ beyond any u, summed as
    Aalen and Johansen (1978) do; what never ended is worth nothing.
    """
    found: dict[int, Curve] = {}
    known = sorted(counts.items(), reverse=True)
    for stop, codes in groupby(known, lambda counted: counted[0] >> _LENGTH_BITS + _WAY_BITS):
        lengths: list[int] = []
        worths: list[float] = []
        at_risk = ended = 0
        gained = beyond = 0.0
        last = -1
        for code, stays in codes:
            length = code >> _WAY_BITS
            if length != last:
                if ended:
                    beyond = (gained + (at_risk - ended) * beyond) / at_risk
                    lengths.append(last & _LENGTHS)
                    worths.append(beyond)
                    ended, gained = 0, 0.0
                last = length
            at_risk += stays
            value = worth[code & 255]
            if value is not None:
                ended += stays
                gained += stays * value
        if ended:
            lengths.append(last & _LENGTHS)
            worths.append((gained + (at_risk - ended) * beyond) / at_risk)
        found[stop] = Curve(lengths[::-1], worths[::-1])
    return found
