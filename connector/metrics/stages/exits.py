"""Where deals go from a stage, and how soon: exits that compete, one incidence each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from connector.metrics.flow.route import Ending
from connector.metrics.funnel import Funnel, Place
from connector.metrics.statistics.aalen_johansen import Estimate, cumulative_incidence
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Outcome

# A deal that left the process went somewhere, too: what is left out would count as staying.
WAYS = (Ending.ADVANCED, Ending.SKIPPED, Ending.BACK, Ending.WON, Ending.LOST, Ending.LEFT)


class ExitCount(NamedTuple):
    """So many visits of a stage of the same length that ended in the same one next.

    Lengths are as in `StayCount`. A visit that has not ended has no stage next; one that ended in a
    stage nobody knows has neither, but did end.
    """

    stage: int
    ended: bool
    onto: int | None
    length: int
    visits: int


@dataclass(frozen=True, slots=True)
class Exit:
    """The share of visits that end one way: by the horizon, None where not known, and at all."""

    way: Ending
    visits: int
    by_horizon: Estimate | None
    at_last: Estimate


@dataclass(frozen=True, slots=True)
class StageExits:
    """The exits of one stage; `exits` is empty where fewer than ten visits have ended.

    `last` is how long the longest visit lasted, in seconds: the end of the incidence.
    """

    funnel: int
    step: int
    visits: int
    ended: int
    last: float
    exits: tuple[Exit, ...]


def stage_exits(
    funnel: int,
    step: int,
    counted: Mapping[tuple[int, Ending], int],
    horizon: float,
) -> StageExits:
    """The incidence of every way out of a stage, from its visits by length and how they ended."""
    visits, there = sum(counted.values()), Ending.THERE
    ended = sum(stays for (_, way), stays in counted.items() if way is not there)
    lengths = sorted({length for length, _ in counted})
    by_way = [[counted.get((length, way), 0) for length in lengths] for way in WAYS]
    unended = [counted.get((length, there), 0) for length in lengths]
    incidence = cumulative_incidence([each / 1000 for each in lengths], by_way, unended)
    exits = tuple(
        Exit(way, sum(by_way[cause]), incidence.at(cause, horizon), incidence.last(cause))
        for cause, way in enumerate(WAYS)
    )
    enough = ended >= ENOUGH_TO_TELL
    return StageExits(funnel, step, visits, ended, incidence.longest, exits if enough else ())


def by_way_out(
    counts: Iterable[ExitCount], places: Mapping[int, Place], funnels: tuple[Funnel, ...]
) -> dict[tuple[int, int], Counter[tuple[int, Ending]]]:
    """Visits by length and how they ended, by funnel and step."""
    found: dict[tuple[int, int], Counter[tuple[int, Ending]]] = {}
    for count in counts:
        place = places[count.stage]
        way = _way(place, count, places, funnels[place.funnel].steps)
        counted = found.setdefault((place.funnel, place.step), Counter())
        counted[count.length, way] += count.visits
    return found


def _way(
    place: Place, count: ExitCount, places: Mapping[int, Place], steps: tuple[int, ...]
) -> Ending:
    if not count.ended:
        return Ending.THERE
    onto = places.get(count.onto) if count.onto is not None else None
    if onto is None or onto.funnel != place.funnel:
        return Ending.LEFT
    if onto.outcome is not Outcome.OPEN:
        return Ending.WON if onto.outcome is Outcome.WON else Ending.LOST
    if onto.step not in steps:
        return Ending.LEFT
    if onto.step < place.step:
        return Ending.BACK
    passed = steps.index(onto.step) - steps.index(place.step)
    return Ending.ADVANCED if passed <= 1 else Ending.SKIPPED
