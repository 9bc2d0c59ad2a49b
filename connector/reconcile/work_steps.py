"""What a list of work orders says: each thing an admin does, since when, and what was done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connector.reconcile.drift import Drift, DriftValue
from connector.reconcile.work_orders import Namesake, Wish, WorkOrder
from connector.reconcile.work_review import Closed


class Act(StrEnum):
    """What an admin does."""

    CREATE_PIPELINE = "create-pipeline"
    ACTIVATE_PIPELINE = "activate-pipeline"
    RENAME_STAGE = "rename-stage"
    ADD_STAGE = "add-stage"
    SET_PROBABILITY = "set-probability"
    ORDER_STAGES = "order-stages"
    DELETE_STAGE = "delete-stage"
    RENAME_PIPELINE = "rename-pipeline"


@dataclass(frozen=True, slots=True)
class Move:
    """A stage dragged to right behind another one, or to the top; both by label."""

    stage: str
    behind: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, with labels as they are when everything before it is done.

    A `temporary` one gives a stage a name for a while, so that another can have its present one.
    `stages` are those of a new pipeline, or all in the order to reach; `behind` is where a new
    stage goes, None for the top. `weights` are the probabilities of new stages, none where stages
    have none. `blocked` is what bears the wanted label and is to keep it.
    """

    order: WorkOrder
    act: Act
    pipeline: str
    stage: str | None = None
    before: DriftValue = None
    after: DriftValue = None
    temporary: bool = False
    behind: str | None = None
    stages: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    moves: tuple[Move, ...] = ()
    blocked: str = ""


@dataclass(frozen=True, slots=True)
class Worklist:
    """What is left to an admin of one account.

    `since` says when each order was first found. `closed` are the orders that ended by this very
    reading, `lately` those a list still tells of. `namesakes` are there and wait to be named.
    """

    steps: tuple[Step, ...] = ()
    since: Mapping[Wish, datetime] = field(default_factory=dict)
    closed: tuple[Closed, ...] = ()
    lately: tuple[Closed, ...] = ()
    namesakes: tuple[Namesake, ...] = ()

    def lists(self, drift: Drift) -> bool:
        """Whether a drift is on it: by a step, or because the process file alone is behind."""
        twins = {(twin.missing.pipeline, twin.id) for twin in self.namesakes}
        names = {twin.missing.id for twin in self.namesakes}
        names |= {step.order.drift.id for step in self.steps}
        return drift.id in names or (drift.pipeline, drift.stage) in twins
