"""Desired against live: every difference between the processes and the pipelines of an account."""

from collections.abc import Callable, Iterator
from functools import partial

from connector.model import Binding, Pipeline, PipelineState, Process, ProcessStage, Stage
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.matching import Match, bound, closes_by_status, id_of, match
from connector.reconcile.values import same_value


def compare(
    processes: tuple[Process, ...], account: str, live: tuple[Pipeline, ...]
) -> tuple[Drift, ...]:
    """Every drift of an account: binding by binding, then the pipelines without a process.

    A pipeline that only an inactive process is bound to is nobody's drift, nor is a draft or a
    retired one without a process. What a CRM does not keep cannot drift.
    """
    by_id = {pipeline.id: pipeline for pipeline in live}
    drifts: list[Drift] = []
    for process, binding in bound(processes, account):
        drifts += _of_binding(process, binding, by_id.get(binding.pipeline))
    return (*drifts, *_without_process(processes, account, live))


def _of_binding(process: Process, binding: Binding, pipeline: Pipeline | None) -> Iterator[Drift]:
    label = process.label_in(binding.language)
    if pipeline is None:
        place = (binding.account, binding.pipeline, label)
        yield Drift(DriftKind.PIPELINE_MISSING, *place, label, None, process.key)
        return
    about = partial(
        Drift,
        account=binding.account,
        pipeline=pipeline.id,
        pipeline_label=pipeline.label,
        process=process.key,
    )
    if pipeline.state is not PipelineState.ACTIVE:
        yield about(DriftKind.PIPELINE_INACTIVE, desired=PipelineState.ACTIVE, live=pipeline.state)
    if pipeline.state is PipelineState.RETIRED:
        return
    if pipeline.label != label:
        yield about(DriftKind.PIPELINE_LABEL, desired=label, live=pipeline.label)
    yield from _of_stages(match(process, binding, pipeline), binding, pipeline, about)


def _of_stages(
    found: Match, binding: Binding, pipeline: Pipeline, about: Callable[..., Drift]
) -> Iterator[Drift]:
    for desired, live in found.pairs:
        stage = partial(about, stage=live.id, key=desired.key, stage_label=live.label)
        yield from _of_stage(desired, live, binding.language, stage)
    yield from _of_order(found, pipeline, about)
    for missing in found.missing:
        label, pin = missing.label_in(binding.language), binding.stages.get(missing.key)
        stage_id = pin if closes_by_status(pipeline) else id_of(missing.key, binding)
        at = partial(about, stage=stage_id, key=missing.key, stage_label=label)
        yield at(DriftKind.STAGE_MISSING, desired=label, live=None)
    for unknown in found.unknown:
        at = partial(about, stage=unknown.id, stage_label=unknown.label)
        yield at(DriftKind.STAGE_UNKNOWN, desired=None, live=unknown.label)


def _of_stage(
    desired: ProcessStage, live: Stage, language: str, about: Callable[..., Drift]
) -> Iterator[Drift]:
    label = desired.label_in(language)
    if live.configured and live.label != label:
        yield about(DriftKind.LABEL, desired=label, live=live.label)
    if live.weighted and not same_value(live.probability, desired.probability):
        yield about(DriftKind.PROBABILITY, desired=desired.probability, live=live.probability)
    if live.configured and live.outcome != desired.outcome:
        yield about(DriftKind.OUTCOME, desired=desired.outcome, live=live.outcome)


def _of_order(found: Match, pipeline: Pipeline, about: Callable[..., Drift]) -> Iterator[Drift]:
    """Order among the matched stages only, so that a stage of nobody's never causes drift."""
    desired = tuple(live.id for _, live in found.pairs if live.configured)
    live = tuple(stage.id for stage in pipeline.stages if stage.id in desired)
    if live != desired:
        yield about(DriftKind.ORDER, desired=desired, live=live)


def _without_process(
    processes: tuple[Process, ...], account: str, live: tuple[Pipeline, ...]
) -> Iterator[Drift]:
    bindings = (binding for process in processes for binding in process.bindings)
    taken = {binding.pipeline for binding in bindings if binding.account == account}
    for pipeline in live:
        if pipeline.id not in taken and pipeline.state is PipelineState.ACTIVE:
            place = (account, pipeline.id, pipeline.label)
            yield Drift(DriftKind.PIPELINE_WITHOUT_PROCESS, *place, None, pipeline.label)
