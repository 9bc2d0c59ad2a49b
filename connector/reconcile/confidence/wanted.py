"""What confidence the leads of a stage should have."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from connector.model import Capability, Outcome, Pipeline, Process
from connector.reconcile.confidence.leads import OpenLead
from connector.reconcile.matching import bound, match


class Basis(StrEnum):
    """Whose probability leads are given: the process's for their stage, or the history's."""

    PROCESS = "process"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Aim:
    """A live open stage whose leads connector may correct, and the process's probability for it."""

    pipeline: str
    stage: str
    process: str
    key: str
    probability: float


# How likely a lead of a stage is won; None where there is too little to tell.
Chance = Callable[[OpenLead, Aim], float | None]


def by_process(lead: OpenLead, aim: Aim) -> float | None:
    """The process's probability for the stage."""
    return aim.probability


def aims(
    processes: tuple[Process, ...],
    account: str,
    live: tuple[Pipeline, ...],
    can: frozenset[Capability],
) -> Mapping[str, Aim]:
    """The stages whose leads may be corrected, by id: open, in the process and managed."""
    return {aim.stage: aim for aim in _aims(processes, account, live, can)}


def _aims(
    processes: tuple[Process, ...],
    account: str,
    live: tuple[Pipeline, ...],
    can: frozenset[Capability],
) -> Iterator[Aim]:
    pipelines = {pipeline.id: pipeline for pipeline in live}
    for process, binding in bound(processes, account):
        pipeline = pipelines.get(binding.pipeline)
        if pipeline and Capability.CONFIDENCE in binding.manage & can:
            for desired, stage in match(process, binding, pipeline).pairs:
                if desired.outcome is stage.outcome is Outcome.OPEN:
                    yield Aim(pipeline.id, stage.id, process.key, desired.key, desired.probability)
