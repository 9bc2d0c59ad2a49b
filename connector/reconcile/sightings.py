"""Whether a drift is new, still open or back again, told by the times it was seen before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connector.reconcile.drift import Drift, DriftValue

# CRMs write one number in several ways; nobody sets a probability finer than this.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Mark:
    """A drift with the two values it has, as canonical JSON; with another value it is another."""

    drift: str
    desired: str
    live: str


def mark_of(drift: Drift) -> Mark:
    """The mark of a drift; half a surrogate pair, which no database holds, becomes "?"."""
    return Mark(_storable(drift.id), _canonical(drift.desired), _canonical(drift.live))


def value_of(text: str) -> DriftValue:
    """The value a mark holds as text."""
    value: str | float | list[str] | None = json.loads(text)
    return tuple(value) if isinstance(value, list) else value


def _canonical(value: DriftValue) -> str:
    rounded = round(float(value), _DIGITS) if isinstance(value, float | int) else value
    return _storable(json.dumps(rounded, ensure_ascii=False))


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Sighting:
    """An unbroken time in which a drift was there.

    It was there from the reading at `first` to the one at `last`, and `gone` is the first reading
    without it; None where there was none since.
    """

    first: datetime
    last: datetime
    gone: datetime | None = None


# The last sighting of each drift that was ever seen in an account.
Sightings = Mapping[Mark, Sighting]


class Status(StrEnum):
    """What a drift is to somebody who looked before."""

    NEW = "new"
    OPEN = "open"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Seen:
    """The status of a drift, and since when it is there; `gone` is when one that is back went."""

    status: Status
    since: datetime
    gone: datetime | None = None


def seen(drift: Drift, sightings: Sightings, at: datetime) -> Seen:
    """What a drift found by a reading at an instant is, going by the sightings before it.

    A reading of the last pull may be older than the last sighting, and a drift that went later was
    still there then.
    """
    before = sightings.get(mark_of(drift))
    if before is None:
        return Seen(Status.NEW, at)
    if before.gone is None or before.gone > at:
        return Seen(Status.OPEN, before.first)
    return Seen(Status.BACK, at, before.gone)
