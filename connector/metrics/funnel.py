"""The stages a report counts by: those of a process, or of a pipeline no process stands for."""

from dataclasses import dataclass
from typing import NamedTuple

from connector.model import Outcome

# The step of a stage that the funnel does not have.
OFF = -1


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """One stage of a funnel; its place among `Funnel.stages` is its step.

    `key` is the stage's key in the process, or its id in the CRM; `probability` is what the process
    says, or what the CRM said as of the instant of the report. A `cancelled` stage is a lost
    one whose deals were called off, which some do not count as decided.
    """

    key: str
    label: str
    outcome: Outcome
    probability: float | None
    phase: str = ""
    mandatory: bool = False
    ask: bool = False
    max_days: int | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Funnel:
    """Stages in the order of the process file, which is what next, skipped and back go by.

    Pipelines of several accounts that one process stands for are one funnel, under the process's
    key; a pipeline without a process is one by itself, under "account/pipeline id".
    `key_conversions` are the moves that matter most, each from one step to another.
    """

    key: str
    label: str
    stages: tuple[FunnelStage, ...]
    bound: bool = True
    key_conversions: tuple[tuple[int, int], ...] = ()

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of the open stages, in order."""
        return tuple(
            step for step, stage in enumerate(self.stages) if stage.outcome is Outcome.OPEN
        )


class Place(NamedTuple):
    """Where a stage of a CRM stands: in which funnel and on which step of it.

    `funnel` and `step` are positions; `step` is OFF where the funnel does not have the stage.
    `outcome` is what the CRM counted the stage as, as of the instant of the report. `stage` is the
    key under which `Weights` knows the stage.
    """

    funnel: int
    step: int
    outcome: Outcome
    stage: int
