"""A plan: every drift as a change, a held change or a refusal, and what the changes would move."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connector.model import SetConfidence, StageChange
from connector.reconcile.drift import Drift


class Hazard(StrEnum):
    """Why a change waits for somebody to allow it by name.

    OUTCOME: deals lie in a stage whose outcome is not the desired one. LEAP: a probability moves
    by more than 25 points. BULK: more than half of a pipeline's stages would be edited; it must be
    allowed for every stage that nothing else holds, because half a bulk edit would free the rest
    of it to happen unasked the next time. CREATE: a stage is added.
    """

    OUTCOME = "outcome"
    LEAP = "leap"
    BULK = "bulk"
    CREATE = "create"


EVERY_STAGE = "*"

# A hazard and the stage it is allowed for: a stage key, a stage id or EVERY_STAGE.
Allowance = tuple[Hazard, str]

# Live deals by pipeline and stage id; a stage that is not in it holds none.
DealCounts = Mapping[tuple[str, str], int]


class Reason(StrEnum):
    """Why a drift cannot become a change; CHANGED_SINCE is met by the undoing of a run only."""

    NOT_MANAGED = "not-managed"
    NOT_PINNED = "not-pinned"
    LABEL_TAKEN = "label-taken"
    HOLDS_DEALS = "holds-deals"
    CANNOT_WRITE = "cannot-write"
    CHANGED_SINCE = "changed-since"


@dataclass(frozen=True, slots=True)
class Planned:
    """A change and the drifts it settles; a temporary label on the way settles none."""

    change: StageChange
    drifts: tuple[Drift, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A change that becomes one only when each of its hazards is allowed for its stage."""

    change: StageChange
    drifts: tuple[Drift, ...]
    hazards: tuple[Hazard, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A drift connector will not correct, why, and what an admin needs to know to do it.

    `data` holds for LABEL_TAKEN the `holder` of the label (a stage id) and its `holder_label`, and
    for HOLDS_DEALS the number of `deals`, if the deals of the account were ever pulled.
    """

    drift: Drift
    reason: Reason
    data: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenStage:
    """What of a live stage decides whether the writes of a plan are legal."""

    id: str
    label: str
    slot: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """The stages of a pipeline the plan changes, as they were when it was made."""

    pipeline: str
    stages: tuple[SeenStage, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about the drifts of one account, in the order it must be done.

    `remote` is the account's id at the CRM, so that a plan is never applied to another one;
    `processes` are the keys of the active processes bound to the account. `leads` are written
    behind the changes of stages. `after_run` is the last run the account had when they were
    planned: a plan that does again what somebody turned back is another plan.
    """

    account: str
    remote: str
    processes: tuple[str, ...] = ()
    seen: tuple[Seen, ...] = ()
    changes: tuple[Planned, ...] = ()
    held: tuple[Held, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    leads: tuple[SetConfidence, ...] = ()
    after_run: int = 0


@dataclass(frozen=True, slots=True)
class Weighted:
    """Weighted pipeline, in home currency, before and after; `owner` None stands for nobody."""

    pipeline: str
    owner: str | None
    deals: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Impact:
    """What the changes of a plan (never the held ones) would move, by the deals of the last pull.

    `touched` deals lie in a stage whose probability changes; `opening` and `closing` ones would
    change their outcome; `modified` ones lie in an edited pipeline, so that HubSpot will probably
    mark them as modified (HubSpot fact, 2026-11). `unpriced` open ones of these have no amount in
    home currency and weigh nothing. `pipelines` are totals, so their owner is None.
    """

    touched: int
    opening: int
    closing: int
    modified: int
    pipelines: tuple[Weighted, ...]
    owners: tuple[Weighted, ...]
    unpriced: int = 0
