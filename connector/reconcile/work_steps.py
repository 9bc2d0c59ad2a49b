"""The steps of a list of work orders: what an admin does, and where."""

from dataclasses import dataclass
from enum import StrEnum

from connector.reconcile.drift import DriftValue
from connector.reconcile.work_orders import WorkOrder


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
    stage goes, None for the top. `blocked` is what bears the wanted label and is to keep it.
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
    moves: tuple[Move, ...] = ()
    blocked: str = ""
