"""What a portal holds: people, pipelines, deals and the versions of their values.

Instants are whole epoch milliseconds here, the precision HubSpot keeps.
"""

from bisect import insort
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_ms(at: datetime) -> int:
    """An instant as epoch milliseconds."""
    return round(at.timestamp() * 1000)


def parse_instant(text: str) -> datetime:
    """An instant from ISO text, a date alone being its midnight in UTC, or epoch milliseconds."""
    if text.lstrip("-").isdecimal():
        try:
            return EPOCH + timedelta(milliseconds=int(text))
        except OverflowError as fault:
            raise ValueError(f"{text} is too far from today") from fault
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@lru_cache(10_000)  # the versions of a deal share most of their instants
def iso(ms: int) -> str:
    """Epoch milliseconds as HubSpot writes them: UTC, no fraction when it is zero."""
    seconds, rest = divmod(ms, 1000)
    text = datetime.fromtimestamp(seconds, UTC).isoformat()[:19]
    return f"{text}.{rest:03}Z" if rest else f"{text}Z"


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the account."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Someone deals belong to; `user_id` is the number that histories and audits name."""

    id: int
    user_id: int
    first_name: str
    last_name: str
    email: str
    created: int
    teams: tuple[Team, ...] = ()
    archived: bool = False


class Permission(StrEnum):
    """Who may change a stage."""

    OPEN = "CRM_PERMISSIONS_ENFORCEMENT"
    READ_ONLY = "READ_ONLY"
    INTERNAL_ONLY = "INTERNAL_ONLY"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline; `probability` is the text as stored."""

    id: str
    label: str
    order: int
    probability: str
    created: int
    updated: int
    permission: Permission = Permission.OPEN

    @property
    def chance(self) -> float:
        """The probability as a number."""
        return float(self.probability)

    @property
    def closed(self) -> bool:
        """HubSpot fact, 2026-11: closed means exactly a probability of 0 or 1."""
        return self.chance in (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A deal pipeline; its stages stand in the order they were made, not by `order`."""

    id: str
    label: str
    order: int
    stages: tuple[Stage, ...]
    created: int
    updated: int

    def stage(self, stage_id: str) -> Stage | None:
        """The stage with this id."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One past version of a pipeline, whole, as JSON text."""

    at: int
    user_id: int | None
    raw: str


@dataclass(frozen=True, slots=True)
class Property:
    """The definition of one deal property."""

    name: str
    label: str
    type: str = "string"
    options: tuple[str, ...] = ()
    custom: bool = False


class Version(NamedTuple):
    """A value that a property of a deal took."""

    value: str
    at: int
    source: str = "CRM_UI"
    user_id: int | None = None


@dataclass(slots=True)
class Deal:
    """A deal: every property's versions, oldest first."""

    id: int
    created: int
    modified: int
    history: dict[str, list[Version]] = field(default_factory=dict)
    archived: int | None = None
    merged_into: int | None = None
    merged: tuple[int, ...] = ()

    def listed(self, *, archived: bool = False) -> bool:
        """Whether the listing of active, or of archived, deals shows it."""
        return self.merged_into is None and (self.archived is not None) == archived

    def value(self, name: str) -> str | None:
        """The newest stored value; a cleared one counts as none."""
        versions = self.history.get(name)
        return versions[-1].value or None if versions else None

    def record(self, name: str, version: Version) -> None:
        """Add a version unless the property already holds that value."""
        versions = self.history.setdefault(name, [])
        if not versions or versions[-1].value != version.value:
            insort(versions, version, key=lambda known: known.at)
            self.modified = max(self.modified, version.at)
