"""What an instance holds: pipelines, people, outcomes, products, sources, leads and their events.

Instants are whole epoch seconds here, the precision Nutshell keeps. Numbers grow in steps of four,
as in the recorded answers (Nutshell fact, 2026-11: leads 1003, events 19 and 39, stages 101, 105).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, NamedTuple

STEP = 4


def epoch(at: datetime) -> int:
    """An instant as epoch seconds, what is finer cut off."""
    return int(at.timestamp() // 1)


def iso(seconds: int) -> str:
    """Epoch seconds as JSON-RPC writes them, 2024-04-03T00:24:02+0000."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def number(ref: int | str) -> int:
    """The number of "1003-leads", "1003" or 1003; ValueError where there is none.

    Nutshell fact, 2026-11: plain integers are accepted where possible.
    """
    return int(str(ref).split("-", 1)[0])


class State(IntEnum):
    """What a pipeline is."""

    ACTIVE = 1
    DRAFT = 2
    RETIRED = 3


class Status(IntEnum):
    """What a lead is; outcomes are of the last three."""

    OPEN = 0
    PENDING = 1
    WON = 10
    LOST = 11
    CANCELLED = 12

    @property
    def closed(self) -> bool:
        """Whether a lead of this status has ended."""
        return self >= Status.WON


@dataclass(frozen=True, slots=True)
class Stageset:
    """A pipeline."""

    id: int
    name: str
    position: int
    modified: int
    state: State = State.ACTIVE
    default: bool = False
    can_access: bool = True

    @property
    def ref(self) -> str:
        """Its id as REST has it."""
        return f"{self.id}-stagesets"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline, at a position among the others; one no longer `active` is gone."""

    id: int
    stageset: int
    name: str
    position: int
    description: str | None = None
    rev: int = 0
    active: bool = True

    @property
    def ref(self) -> str:
        """Its id as REST has it."""
        return f"{self.id}-stages"


@dataclass(frozen=True, slots=True)
class Team:
    """A team, which can own leads as a user can."""

    id: int
    name: str
    created: int

    @property
    def ref(self) -> str:
        """Its id as REST links have it."""
        return f"{self.id}-teams"


@dataclass(frozen=True, slots=True)
class User:
    """Someone who works in the instance; a `restricted` one sees only own leads and the team's."""

    id: int
    name: str
    email: str
    created: int
    modified: int
    teams: tuple[int, ...] = ()
    administrator: bool = False
    restricted: bool = False
    enabled: bool = True
    rev: int = 0

    @property
    def ref(self) -> str:
        """Its id as REST has it."""
        return f"{self.id}-users"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A way to end a lead, a reason to lose one for example."""

    id: int
    name: str
    type: Status

    @property
    def ref(self) -> str:
        """Its id as REST has it."""
        return f"{self.id}-outcomes"


@dataclass(frozen=True, slots=True)
class Named:
    """A product, a source or a company, of which only the name counts."""

    id: int
    name: str
    type: str

    @property
    def ref(self) -> str:
        """Its id as REST has it."""
        return f"{self.id}-{self.type}"


class Stay(NamedTuple):
    """A lead was in a stage from an instant on; in none, `stage` None, while it was closed."""

    stage: int | None
    since: int


@dataclass(slots=True)
class Lead:
    """A lead; `owner` and `creator` are ids as REST has them."""

    id: int
    number: int
    name: str
    created: int
    modified: int
    stage: int
    creator: str
    owner: str | None
    currency: str
    amount: Decimal | None = None
    confidence: int = 0
    expected: int | None = None
    due: int | None = None
    status: Status = Status.OPEN
    outcome: int | None = None
    closed: int | None = None
    deleted: int | None = None
    description: str = ""
    products: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    rev: int = 0
    stays: list[Stay] = field(default_factory=list)

    @property
    def ref(self) -> str:
        """Its id as REST has it."""
        return f"{self.id}-leads"


class Change(NamedTuple):
    """One attribute before and after, as JSON."""

    attribute: str
    old: Any
    new: Any


class Event(NamedTuple):
    """Something that happened to a record; `actor` and `payload` are ids as REST has them."""

    at: int
    actor: str
    action: str
    payload: str
    changes: tuple[Change, ...] = ()
