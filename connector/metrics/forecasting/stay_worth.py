"""What stays in a stage are worth by how long they have lasted, as of each of several instants.

Stays are kept as whole numbers: the stop they are at, their length, and the way they ended.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from connector.metrics.funnel import OFF, Place
from connector.model import Outcome

# How a stay ended, where it is not the number of the stop entered next. CUT is not at all.
WON, LOST, CUT = range(3)

# Lengths up to 69 years in milliseconds; more stops than fit are an OverflowError of the array.
_WAY_BITS, _LENGTH_BITS = 11, 41
_WAYS, _LENGTHS = (1 << _WAY_BITS) - 1, (1 << _LENGTH_BITS) - 1


class Stops:
    """Numbers for the open stages deals stop at, one for each step of a funnel.

    A stage that a funnel does not have stands for itself.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int], int] = {}
        self._known: dict[int, int] = {}

    def way(self, place: Place) -> int:
        """What entering a stage means for the stay before: WON, LOST or the number of a stop."""
        way = self._known.get(place.stage)
        return self._learn(place) if way is None else way

    def _learn(self, place: Place) -> int:
        way = self._known[place.stage] = self._way(place)
        return way

    def _way(self, place: Place) -> int:
        match place.outcome:
            case Outcome.WON:
                return WON
            case Outcome.LOST:
                return LOST
            case Outcome.OPEN:
                step = OFF - 1 - place.stage if place.step == OFF else place.step
                fresh = CUT + 1 + len(self._numbers)
                return self._numbers.setdefault((place.funnel, step), fresh)


class Stays:
    """Stays from a stop on, as of each of ascending instants; lengths are in units of `grain` ms.

    Instants are named by their positions. What ended by one is told once, for it and all later
    ones; `_undone` takes it back where a deal was reopened.
    """

    def __init__(self, instants: Sequence[int], grain: int):
        self._instants = instants
        self._grain = grain
        self._ended = [array("q") for _ in instants]
        self._undone = [array("q") for _ in instants]
        self._lasting = [array("q") for _ in instants]

    def lasting(self, began: Mapping[int, int], since: int, until: int) -> None:
        """At these instants, the stays that began at these stops went on."""
        for position in range(since, until):
            self._tell(self._lasting[position], began, self._instants[position], CUT)

    def ended(self, began: Mapping[int, int], at: int, way: int, since: int, until: int) -> None:
        """At these instants, they had ended at a moment in some way."""
        if since == until:
            return
        self._tell(self._ended[since], began, at, way)
        if until < len(self._instants):
            self._tell(self._undone[until], began, at, way)

    def over(self, stop: int, length: int, way: int, since: int) -> None:
        """From an instant on, a stay of a length had ended in some way for good."""
        if since < len(self._instants):
            code = (stop << _LENGTH_BITS | length // self._grain) << _WAY_BITS | way
            self._ended[since].append(code)

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

    def _tell(self, codes: "array[int]", began: Mapping[int, int], at: int, way: int) -> None:
        grain = self._grain
        for stop, start in began.items():
            codes.append((stop << _LENGTH_BITS | (at - start) // grain) << _WAY_BITS | way)


class Curve(NamedTuple):
    """What a stay is worth once it has lasted: `worth[n]` as long as it is under `lengths[n]`.

    `exits[n]` stays ended at that length or later.
    """

    lengths: Sequence[int]
    worth: Sequence[float]
    exits: Sequence[int]

    def beyond(self, spent: int) -> float:
        """The worth of a stay that has lasted so long and goes on; 0 where none lasted longer."""
        index = bisect_right(self.lengths, spent)
        return self.worth[index] if index < len(self.worth) else 0.0

    def exits_beyond(self, spent: int) -> int:
        """How many longer stays have ended, which is all the worth of one goes by."""
        index = bisect_right(self.lengths, spent)
        return self.exits[index] if index < len(self.exits) else 0


def curves(counts: Mapping[int, int], worth: Mapping[int, float]) -> dict[int, Curve]:
    """The curve of every stop, from its stays and what each way they ended in is worth."""
    known = sorted(counts.items(), reverse=True)
    stops = groupby(known, lambda counted: counted[0] >> _LENGTH_BITS + _WAY_BITS)
    return {stop: _curve(codes, worth) for stop, codes in stops}


def _curve(codes: Iterable[tuple[int, int]], worth: Mapping[int, float]) -> Curve:
    """One stop's curve, from its longest stay back.

    w(x−) = Σ dₖ/n · worthₖ + (1 − d/n) · w(x), where of n stays that lasted x, dₖ ended there in
    way k. That is Σ S(x−)/S(u) · dₖ/n · worthₖ over the x beyond any u, as Aalen and Johansen
    (1978) sum it; what never ended is worth nothing.
    """
    lengths: list[int] = []
    worths: list[float] = []
    exits: list[int] = []
    at_risk, beyond, over = 0, 0.0, 0
    for length, same in groupby(codes, lambda counted: counted[0] >> _WAY_BITS & _LENGTHS):
        ended, gained = 0, 0.0
        for code, stays in same:
            at_risk += stays
            way = code & _WAYS
            if way != CUT:
                ended += stays
                gained += stays * worth[way]
        if ended:
            beyond = (gained + (at_risk - ended) * beyond) / at_risk
            lengths.append(length)
            worths.append(beyond)
            over += ended
            exits.append(over)
    return Curve(lengths[::-1], worths[::-1], exits[::-1])
