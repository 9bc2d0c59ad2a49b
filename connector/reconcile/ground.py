"""What decides over the drifts of one pipeline: the process, the account and what was allowed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from connector.model import Binding, Capability, Pipeline, Process
from connector.reconcile.matching import bound, id_of, stage_ids
from connector.reconcile.plan import EVERY_STAGE, Allowance, DealCounts, Hazard, Reason

_NEEDS_PINS = frozenset({Capability.LABEL, Capability.CREATE})


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every pipeline of an account while a plan is made.

    `deals` None means that deals were never pulled. `taken_ids` are the stage ids of the whole
    account, because an id is unique in all its pipelines (HubSpot fact, 2026-11).
    """

    can: frozenset[Capability]
    deals: DealCounts | None
    allow: Collection[Allowance]
    taken_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ground:
    """One bound pipeline; `ids` are its process's stages in order, by key, missing ones too."""

    process: Process
    binding: Binding
    pipeline: Pipeline
    ids: Mapping[str, str]
    terms: Terms

    def barrier(self, part: Capability) -> Reason | None:
        """Why a part of the configuration is not corrected in this pipeline at all.

        What the CRM takes from nobody but an admin is theirs to do, whatever the binding manages.
        """
        can = part in self.terms.can
        if can and part not in self.binding.manage:
            return Reason.NOT_MANAGED
        if part in _NEEDS_PINS and not self.binding.pinned:
            return Reason.NOT_PINNED
        return None if can else Reason.CANNOT_WRITE

    def deals_in(self, stage: str) -> int | None:
        """How many deals lie in a stage; None where nobody knows."""
        deals = self.terms.deals
        return None if deals is None else deals.get((self.pipeline.id, stage), 0)

    def allows(self, hazard: Hazard, stage: str) -> bool:
        """Whether a hazard was allowed for a stage: by its id, its key or for every stage."""
        keys = (key for key, known in self.ids.items() if known == stage)
        return any((hazard, name) in self.terms.allow for name in (EVERY_STAGE, stage, *keys))

    def stage_count(self) -> int:
        """How many stages the pipeline has once the missing ones are there."""
        return len({*self.ids.values(), *self.labels()})

    def labels(self) -> dict[str, str]:
        """The live labels by stage id."""
        return {stage.id: stage.label for stage in self.pipeline.stages}


def stage_names(
    processes: tuple[Process, ...], account: str, live: tuple[Pipeline, ...]
) -> frozenset[str]:
    """What a stage of an account may be called in an allowance: keys, and ids live or to create."""
    names = {stage.id for pipeline in live for stage in pipeline.stages}
    for process, binding in bound(processes, account):
        for stage in process.stages:
            names |= {stage.key, id_of(stage.key, binding) or stage.key}
    return frozenset(names)


def grounds(
    processes: tuple[Process, ...], account: str, live: tuple[Pipeline, ...], terms: Terms
) -> Iterator[Ground]:
    """The ground of every live pipeline that an active process is bound to."""
    by_id = {pipeline.id: pipeline for pipeline in live}
    for process, binding in bound(processes, account):
        pipeline = by_id.get(binding.pipeline)
        if pipeline:
            yield Ground(process, binding, pipeline, stage_ids(process, binding, pipeline), terms)
