"""The moves of a deal that are not simply on to the next stage."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from connector.metrics.flow.route import GONE, OUTSIDE, Ending, Way
from connector.metrics.funnel import Funnel


class Kind(StrEnum):
    """Moves that are not the next step of the process."""

    SKIP = "skip"
    MANDATORY = "skip-of-mandatory"
    BACK = "back"
    AGAIN = "re-entry"
    LATE = "entered-late"
    LEFT = "left"


class Move(NamedTuple):
    """From one spot of a funnel to another; None where a deal's history in the funnel begins."""

    kind: Kind
    start: int | None
    onto: int


def moves(funnel: Funnel, way: Way, inside: range) -> Iterator[Move]:
    """The moves of a way that began or ended stays that began with one of these visits."""
    yield from _late(funnel, way, inside)
    for stay in way.stays:
        if stay.visit not in inside:
            continue
        if stay.skips and stay.onto is not None:
            yield Move(Kind.MANDATORY if stay.mandatory else Kind.SKIP, stay.step, stay.onto)
        if stay.ending is Ending.BACK and stay.onto is not None:
            yield Move(Kind.BACK, stay.step, stay.onto)
        if stay.ending is Ending.LEFT:
            yield Move(Kind.LEFT, stay.step, GONE if stay.onto is None else stay.onto)
        if stay.again and stay.before is not None:
            yield Move(Kind.AGAIN, stay.before, stay.step)


def _late(funnel: Funnel, way: Way, inside: range) -> Iterator[Move]:
    """The entry of a deal that did not come in by the first stage; one made in it is no skip."""
    first = min(funnel.steps, default=OUTSIDE)
    for begin, spot in zip(way.begins, way.spots, strict=True):
        if spot != OUTSIDE:
            if spot != first and begin in inside:
                yield Move(Kind.LATE, None, spot)
            return
