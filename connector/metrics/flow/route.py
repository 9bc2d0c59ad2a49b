"""The stages a deal went through, funnel by funnel, and how each of its stays there ended.

Most deals go one of a few ways, so what there is to say of a way is worked out once and counted.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from connector.metrics.deal_history import Visit
from connector.metrics.funnel import Funnel, Place
from connector.metrics.periods import Window
from connector.model import Outcome

# Where a deal is when it is in none of a funnel's open stages; those are told by their steps.
OUTSIDE = -1
WON = -2
LOST = -3
GONE = -4  # archived or merged

# So many different routes are remembered at a time, which bounds the memory of odd histories.
_REMEMBERED = 50_000


class Ending(StrEnum):
    """How a stay in an open stage ended; exactly one of them fits."""

    ADVANCED = "advanced"
    SKIPPED = "skipped"
    BACK = "back"
    WON = "won"
    LOST = "lost"
    LEFT = "left"
    THERE = "there"


# What says something of how the stage was worked: the deal went somewhere within the process.
DECIDED = (Ending.ADVANCED, Ending.SKIPPED, Ending.BACK, Ending.WON, Ending.LOST)
FORWARD = (Ending.ADVANCED, Ending.SKIPPED, Ending.WON)


class Stay(NamedTuple):
    """A stay in an open stage of a funnel, by steps; `visit` and `last` number a deal's visits.

    `before` is where the deal came from, None where its history begins here; `onto` is where it
    went, None where it stays or went with the deal. `again` says that it had been here before.
    `skips` says that open stages were jumped over, `mandatory` that one of those was mandatory.
    """

    step: int
    ending: Ending
    visit: int
    last: int
    before: int | None
    onto: int | None
    again: bool
    skips: bool
    mandatory: bool


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A deal's way through one funnel: where it was one after the other, and its stays.

    `spots` are steps of open stages, WON, LOST or OUTSIDE, no two alike in a row; `begins` number
    the visits with which they begin.
    """

    funnel: int
    spots: tuple[int, ...]
    begins: tuple[int, ...]
    stays: tuple[Stay, ...]


class Closing(NamedTuple):
    """The visit of a won or lost stage in which a deal is now."""

    funnel: int
    visit: int


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A deal's way through everything; equal ways of one `Routes` are one and the same object.

    `final` is what its last stage counts as, of a deal that is gone too; OPEN where nobody knows.
    `mandatory` says that it ever jumped over a mandatory stage, `back` that it ever moved back.
    """

    ways: tuple[Way, ...]
    final: Outcome
    closing: Closing | None
    mandatory: bool
    back: bool


class Routes:
    """Finds the route of a deal."""

    def __init__(self, funnels: Sequence[Funnel]):
        self._funnels = funnels
        self._known: dict[tuple[tuple[int | None, ...], bool], Route] = {}

    def of(self, visits: Sequence[Visit]) -> Route:
        """The route these visits make."""
        cut = bool(visits and visits[-1].cut)
        key = tuple([visit.place.stage if visit.place else None for visit in visits]), cut
        route = self._known.get(key)
        if route is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            route = self._known[key] = _route(self._funnels, [each.place for each in visits], cut)
        return route


def begun_in(visits: Sequence[Visit], window: Window | None) -> range:
    """The numbers of the visits that began in a window, all of them without one."""
    if window is None:
        return range(len(visits))
    first, after = (bisect_left(visits, edge, key=lambda visit: visit.entered) for edge in window)
    return range(first, after)


def _route(funnels: Sequence[Funnel], places: Sequence[Place | None], cut: bool) -> Route:
    through = sorted({place.funnel for place in places if place})
    last = places[-1] if places else None
    ways = tuple(_way(funnel, funnels[funnel], places, cut) for funnel in through)
    stays = [stay for way in ways for stay in way.stays]
    final = last.outcome if last else Outcome.OPEN
    return Route(
        ways,
        final,
        Closing(last.funnel, len(places) - 1) if last and final is not Outcome.OPEN else None,
        mandatory=any(stay.mandatory for stay in stays),
        back=any(stay.ending is Ending.BACK for stay in stays),
    )


def _way(number: int, funnel: Funnel, places: Sequence[Place | None], cut: bool) -> Way:
    steps = frozenset(funnel.steps)
    runs = groupby(enumerate(_spot(place, number, steps) for place in places), lambda at: at[1])
    starts = [(spot, next(run)[0]) for spot, run in runs]
    spots, begins = zip(*starts, strict=True)
    return Way(number, spots, begins, tuple(_stays(funnel, spots, (*begins, len(places)), cut)))


def _spot(place: Place | None, funnel: int, steps: frozenset[int]) -> int:
    """What the CRM counts as won or lost is so, whether the process has the stage or not."""
    if place is None or place.funnel != funnel:
        return OUTSIDE
    if place.outcome is not Outcome.OPEN:
        return WON if place.outcome is Outcome.WON else LOST
    return place.step if place.step in steps else OUTSIDE


def _stays(
    funnel: Funnel, spots: Sequence[int], begins: Sequence[int], cut: bool
) -> Iterator[Stay]:
    for at, spot in enumerate(spots):
        if spot < 0:
            continue
        onto = spots[at + 1] if at + 1 < len(spots) else None
        jumped = _jumped(funnel, spot, onto)
        yield Stay(
            step=spot,
            ending=_ending(funnel, spot, onto, cut),
            visit=begins[at],
            last=begins[at + 1] - 1,
            before=spots[at - 1] if at else None,
            onto=onto,
            again=spot in spots[:at],
            skips=bool(jumped),
            mandatory=any(funnel.stages[step].mandatory for step in jumped),
        )


def _ending(funnel: Funnel, spot: int, onto: int | None, cut: bool) -> Ending:
    if onto is None:
        return Ending.LEFT if cut else Ending.THERE
    if onto < 0:
        return {WON: Ending.WON, LOST: Ending.LOST}.get(onto, Ending.LEFT)
    if onto < spot:
        return Ending.BACK
    return Ending.SKIPPED if _jumped(funnel, spot, onto) else Ending.ADVANCED


def _jumped(funnel: Funnel, spot: int, onto: int | None) -> list[int]:
    """The open stages between two spots; winning jumps over all that are left."""
    end = len(funnel.stages) if onto == WON else onto if onto is not None else 0
    return [step for step in funnel.steps if spot < step < end]
