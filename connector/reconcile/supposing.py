"""A plan of what would be different if stages had other probabilities; nobody can apply it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from connector.model import (
    Binding,
    EditStage,
    Outcome,
    Pipeline,
    Process,
    ProcessStage,
    Stage,
    StageValues,
)
from connector.reconcile.matching import bound, match
from connector.reconcile.plan import Plan, Planned


def suppose(
    processes: Sequence[Process],
    account: str,
    remote: str,
    live: Sequence[Pipeline],
    values: Mapping[str, float],
) -> Plan:
    """The changes that would give open stages, by their keys, these probabilities.

    A stage that several processes have is changed in all of them.
    """
    changes = tuple(
        Planned(_edit(pipeline, stage, values[desired.key]), ())
        for pipeline, desired, stage in _open(processes, account, live)
        if desired.key in values
    )
    return Plan(account, remote, changes=changes)


def weighed(
    processes: Sequence[Process], account: str, live: Sequence[Pipeline]
) -> tuple[Pipeline, ...]:
    """The pipelines with the process's probability of stages that the CRM keeps none of."""
    desired = {
        (pipeline.id, stage.id): each.probability
        for pipeline, each, stage in _open(processes, account, live)
        if not stage.weighted
    }
    return tuple(
        replace(
            pipeline,
            stages=tuple(
                replace(stage, probability=desired.get((pipeline.id, stage.id), stage.probability))
                for stage in pipeline.stages
            ),
        )
        for pipeline in live
    )


def open_stages(
    processes: Sequence[Process], account: str, live: Sequence[Pipeline]
) -> dict[str, ProcessStage]:
    """The open stages of the processes bound to an account that its pipelines have, by key."""
    return {desired.key: desired for _, desired, _ in _open(processes, account, live)}


def _open(
    processes: Sequence[Process], account: str, live: Sequence[Pipeline]
) -> Iterator[tuple[Pipeline, ProcessStage, Stage]]:
    pipelines = {pipeline.id: pipeline for pipeline in live}
    for process, binding in bound(tuple(processes), account):
        if binding.pipeline in pipelines:
            yield from _pairs(process, binding, pipelines[binding.pipeline])


def _pairs(
    process: Process, binding: Binding, pipeline: Pipeline
) -> Iterator[tuple[Pipeline, ProcessStage, Stage]]:
    for desired, stage in match(process, binding, pipeline).pairs:
        if stage.outcome is Outcome.OPEN:
            yield pipeline, desired, stage


def _edit(pipeline: Pipeline, stage: Stage, probability: float) -> EditStage:
    before = StageValues(probability=stage.probability)
    return EditStage(pipeline.id, stage.id, before, StageValues(probability=probability))
