"""The nouns of connector as frozen values, and the protocol every CRM answers.

Instants are aware datetimes in UTC. Probabilities are floats from 0 to 1. Values of deals are the
canonical texts of `Change.value`; money is decimal text there, so that no cent is lost.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec


class Outcome(StrEnum):
    """What a stage says of the deals in it."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Capability(StrEnum):
    """What a binding manages and what an account can write: a part of its stages' configuration,
    or the confidence of deals.
    """

    LABEL = "label"
    PROBABILITY = "probability"
    ORDER = "order"
    CREATE = "create"
    CONFIDENCE = "confidence"


class PipelineState(StrEnum):
    """Whether deals run through a pipeline; Nutshell has drafts and retired ones (2026-11)."""

    ACTIVE = "active"
    DRAFT = "draft"
    RETIRED = "retired"


# --- what a CRM has -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a live pipeline; its identity is the id, everything else is an attribute.

    `slot` is the number the CRM keeps the stage's place in. Numbers may have gaps and mean nothing
    but their order, so they are never compared, only written to when free.

    Not every CRM keeps everything, and what it does not keep cannot drift. A stage that is not
    `weighted` has no probability in the CRM. One that is not `configured` stands for a status that
    deals have (won, lost, cancelled) in a CRM where those are no stages: nobody gave it a label or
    a place. `cancelled` is a lost one whose deals were called off.
    """

    id: str
    label: str
    probability: float | None
    outcome: Outcome
    slot: int | None = None
    writable: bool = True
    weighted: bool = True
    configured: bool = True
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One pipeline; the order of `stages` is the order of the pipeline.

    `updated` is when the CRM says it was last touched. It is no value of the pipeline: two that
    differ in nothing else are equal.
    """

    id: str
    label: str
    stages: tuple[Stage, ...]
    updated: datetime | None = field(default=None, compare=False)
    state: PipelineState = PipelineState.ACTIVE

    def stage(self, stage_id: str) -> Stage | None:
        """The stage with this id, if the pipeline has it."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)


# As `not_before`: nobody knows since when.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PipelineVersion:
    """A pipeline as it was from an instant on, until its next version or until it was gone.

    The instant is exact when `not_before` is None; otherwise it came to be so somewhere in
    (not_before, at]. `by` is the user id under which the CRM logs changes, None where it does not
    tell. `until` is None while nothing is known to have ended it.
    """

    pipeline: Pipeline
    at: datetime
    by: str | None = None
    not_before: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """An account as the CRM itself describes it, and the CRM's clock when it did.

    `crm` is "hubspot" or "nutshell", `kind` what the CRM calls accounts of this sort.
    """

    crm: str
    id: str
    name: str
    kind: str
    time_zone: str
    currency: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """A person deals belong to; `user_id` is the id under which the CRM logs what they change."""

    id: str
    name: str
    email: str = ""
    user_id: str = ""
    team: str = ""
    archived: bool = False


# --- deals ----------------------------------------------------------------------------------------


class Field:
    """The names of the deal fields connector always keeps the history of."""

    STAGE = "stage"
    PIPELINE = "pipeline"
    AMOUNT = "amount"
    CLOSE_DATE = "close_date"
    OWNER = "owner"
    FORECAST_CATEGORY = "forecast_category"

    ALWAYS = (STAGE, PIPELINE, AMOUNT, CLOSE_DATE, OWNER, FORECAST_CATEGORY)


# A pull makes a hundred thousand of these, at a fifth of what a dataclass takes.
class Change(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One field of one deal took a value at an instant.

    The instant is exact when `not_before` is None; otherwise the change happened somewhere in
    (not_before, at]. `value` is canonical text: ids as they are, amounts as plain decimals
    ("1500.5"), close dates as ISO instants in UTC, None for emptied.
    """

    field: str
    value: str | None
    at: datetime
    not_before: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal (HubSpot) or lead (Nutshell) with the history of its tracked fields, oldest first.

    For every tracked field, the value of its last change is the deal's current value; a field
    without a change is empty. Changes of one field at one instant stand in the source's order.
    `whole` says that these are all changes the CRM knows of; otherwise they are those since the
    instant that was read from, and what every field is now.
    """

    id: str
    name: str
    created_at: datetime
    modified_at: datetime
    changes: tuple[Change, ...]
    currency: str = ""
    home_amount: str | None = None
    archived_at: datetime | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Merged:
    """A deal that went up in another one, known from the survivor's merge record."""

    id: str
    into: str
    at: datetime


# As `Unread.record`: the record does not even tell its id.
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Unread:
    """A record, or one value of it, that makes no sense and was set aside instead of stored."""

    record: str
    field: str | None
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Owners:
    """Everyone deals belong to or belonged to, and the records of owners that made no sense."""

    known: tuple[Owner, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Trail:
    """What an audit trail tells of one pipeline, oldest first, and what of it made no sense."""

    versions: tuple[PipelineVersion, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the CRM while deals are read; `bookmark` says where the next page begins.

    The bookmark is the CRM adapter's own text and None on the last page, and only there. `missing`
    are ids that were asked for and that the CRM says it does not have.
    """

    deals: tuple[Deal, ...]
    merged: tuple[Merged, ...] = ()
    unread: tuple[Unread, ...] = ()
    bookmark: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How many deals lie in a stage for one owner, and their amounts summed in home currency.

    `unpriced` of the `deals` count as zero in it: they have no amount, or one in another currency
    of which the CRM does not say what it is in the account's own.
    """

    pipeline: str
    stage: str
    owner: str | None
    deals: int
    amount: float
    unpriced: int = 0


# --- the process we want --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """A deal property that proves the buyer did what the stage says."""

    property: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that must be true before a deal leaves a stage."""

    key: str
    text: str
    property: str | None = None
    kind: str = "information"


@dataclass(frozen=True, slots=True)
class Task:
    """Work a seller does in a stage; `due` is counted from entering it, such as "2d"."""

    title: str
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Who last decided on a stage's probability, and why; it stands until `review_on`."""

    decided_by: str
    reason: str
    review_on: date


@dataclass(frozen=True, slots=True)
class ProcessStage:
    """One stage of a process; `labels` holds its label in further languages."""

    key: str
    label: str
    probability: float
    outcome: Outcome = Outcome.OPEN
    labels: Mapping[str, str] = field(default_factory=dict)
    phase: str = ""
    mandatory: bool = False
    buyer_action: str = ""
    evidence: tuple[Evidence, ...] = ()
    exit: tuple[Criterion, ...] = ()
    guidance: str = ""
    tasks: tuple[Task, ...] = ()
    max_days: int | None = None
    next: tuple[str, ...] = ()
    ask: bool = False
    cancelled: bool = False
    decision: Decision | None = None

    def label_in(self, language: str) -> str:
        """The label in a language, or the plain one where it has no translation."""
        return self.labels.get(language, self.label)


@dataclass(frozen=True, slots=True)
class Binding:
    """Which pipeline of an account a process stands for, and what of it connector may correct.

    `stages` maps stage keys to stage ids of the CRM; naming any pins the binding.
    """

    account: str
    pipeline: str
    language: str
    manage: frozenset[Capability] = frozenset()
    stages: Mapping[str, str] = field(default_factory=dict)

    @property
    def pinned(self) -> bool:
        """Whether the binding names stage ids instead of leaving stages to be found by label."""
        return bool(self.stages)


@dataclass(frozen=True, slots=True)
class Process:
    """The sales process we want: ordered stages, read from one TOML file named in `file`.

    `key_conversions` are at most two pairs of stage keys: the moves that matter most.
    """

    key: str
    label: str
    language: str
    stages: tuple[ProcessStage, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    bindings: tuple[Binding, ...] = ()
    active: bool = True
    note: str = ""
    default_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    applies_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    file: str = ""
    key_conversions: tuple[tuple[str, str], ...] = ()

    def label_in(self, language: str) -> str:
        """The process's name in a language, or the plain one where it has no translation."""
        return self.labels.get(language, self.label)

    def stage(self, key: str) -> ProcessStage | None:
        """The stage with this key, if the process has it."""
        return next((stage for stage in self.stages if stage.key == key), None)


# --- corrections ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StageValues:
    """The values of a stage that a change touches; None means the change leaves it alone."""

    label: str | None = None
    probability: float | None = None
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class EditStage:
    """Give values of one stage, as they are before, new ones; both sides name the same values."""

    pipeline: str
    stage: str
    before: StageValues
    after: StageValues


@dataclass(frozen=True, slots=True)
class CreateStage:
    """Add a stage under an id of our own making, so that a lost answer can be settled by a read."""

    pipeline: str
    stage: str
    after: StageValues


StageChange = EditStage | CreateStage


@dataclass(frozen=True, slots=True)
class SetConfidence:
    """Give an open deal in a stage another confidence, in whole per cent from 0 to 100."""

    deal: str
    pipeline: str
    stage: str
    before: int | None
    after: int


@dataclass(frozen=True, slots=True)
class LiveDeal:
    """A deal as it is this instant: where it stands, closing stages included, and its confidence.

    `rev` is the CRM's mark of this very state, to be handed back with a write.
    """

    id: str
    stage: str
    confidence: int | None
    rev: str


@runtime_checkable
class ConfidenceCrm(Protocol):
    """A CRM whose deals have a probability of their own that can be written, as Nutshell's."""

    def live_deal(self, deal_id: str) -> LiveDeal | None:
        """The deal as it is now; None where the CRM does not have it."""

    def set_confidence(self, deal_id: str, rev: str, confidence: int) -> None:
        """Send one confidence, once, for the state of the deal that `rev` marks.

        Raises `Rejected` with status 409 where the deal is in another state by now, and
        `UnknownOutcome` where the request may or may not have taken effect.
        """


# Which of some deals, each with when it was modified last, are on record as of then.
Known = Callable[[Mapping[str, datetime]], Collection[str]]


def nothing_known(modified: Mapping[str, datetime]) -> Collection[str]:
    """No deal is on record."""
    return ()


class Crm(Protocol):
    """What every CRM answers; the rest of connector knows no other way to one."""

    can: frozenset[Capability]

    def account(self) -> Remote:
        """The account behind the key, and the CRM's clock."""

    def pipelines(self) -> tuple[Pipeline, ...]:
        """Every live pipeline of the account."""

    def versions(self, pipeline_id: str) -> Trail:
        """Every version of a live pipeline that the CRM still knows of."""

    def owners(self, *, former: bool = False) -> Owners:
        """Everyone deals belong to, or those who left and whose deals may still name them."""

    def count(self) -> int | None:
        """How many active deals the CRM says it has, where it says so; its word may be late."""

    def deals(
        self,
        since: datetime | None,
        bookmark: str | None = None,
        known: Known = nothing_known,
    ) -> Iterator[Page]:
        """Active deals modified since an instant, or all, going on behind a page's bookmark.

        Of modified deals, those that are `known` as they are need not be read again. Every page is
        self-contained. The read is complete when a page without bookmark came. A
        bookmark the CRM no longer takes ends it with `Rejected`, status 400.
        """

    def archived(self, bookmark: str | None = None) -> Iterator[Page]:
        """Archived deals, in pages like those of active ones; none where the CRM lists none."""

    def by_id(self, ids: Sequence[str]) -> Iterator[Page]:
        """What each of these deals is now: active, archived or missing; no page has a bookmark."""

    def stop(self) -> None:
        """End every request that is under way or waits; nothing can be asked any more."""

    def write(self, change: StageChange) -> None:
        """Send one change, once.

        Raises `UnknownOutcome` where the request may or may not have taken effect.
        """
