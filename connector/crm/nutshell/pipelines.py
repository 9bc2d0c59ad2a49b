"""Nutshell's pipelines, with three stages each for what becomes of leads."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from connector.crm.answers import Answer
from connector.crm.nutshell import shapes
from connector.crm.nutshell.shapes import Record
from connector.crm.nutshell.statuses import Status
from connector.model import Outcome, Pipeline, PipelineState, Stage

# Absent in older answers, where every pipeline was in use (Nutshell fact, 2026-11).
_STATES = {2: PipelineState.DRAFT, 3: PipelineState.RETIRED}

_ENDS = (
    (Status.WON, "Won", Outcome.WON),
    (Status.LOST, "Lost", Outcome.LOST),
    (Status.CANCELLED, "Cancelled", Outcome.LOST),
)


def status_stage(pipeline: str, status: Status) -> str:
    """The id of the stage that stands for a status in a pipeline."""
    return f"{pipeline}:{status}"


def read_pipelines(stagesets: Answer, stages: Answer) -> tuple[Pipeline, ...]:
    """Every pipeline with its stages in order, and those that stand for won, lost and cancelled."""
    try:
        return _pipelines(stagesets, stages)
    except ValueError as fault:
        raise stagesets.bad(fault) from fault


def _pipelines(stagesets: Answer, stages: Answer) -> tuple[Pipeline, ...]:
    found = [_Found.of(each) for each in shapes.records(shapes.rows(stagesets, "stagesets"))]
    told = list(shapes.records(shapes.rows(stages, "stages")))
    if found and not told:
        raise stages.bad("no stage at all, though there are pipelines")
    pipeline_of = {stage: each.id for each in found for stage in each.stages}
    for stage in told:
        remote = shapes.record_id(stage, "stages")
        pipeline = shapes.link(shapes.linked(stage).get("stageset"), "stagesets")
        pipeline_of[remote] = pipeline or pipeline_of.get(remote, "")
    by_id = {shapes.record_id(stage, "stages"): stage for stage in told}
    return tuple(each.pipeline(by_id, pipeline_of) for each in found)


@dataclass(frozen=True, slots=True)
class _Found:
    """One stageset as it was told, and the ids of the stages it names."""

    id: str
    record: Record
    stages: tuple[str, ...]

    @classmethod
    def of(cls, record: Record) -> "_Found":
        named = shapes.links(shapes.linked(record).get("stages"), "stages")
        return cls(shapes.record_id(record, "stagesets"), record, tuple(named))

    def pipeline(self, by_id: Mapping[str, Record], pipeline_of: Mapping[str, str]) -> Pipeline:
        ours = [stage for stage in by_id if pipeline_of[stage] == self.id]
        told = list(dict.fromkeys((*self.stages, *ours)))
        places = {stage: _position(by_id[stage]) for stage in ours}
        ours.sort(key=lambda stage: (places[stage] is None, places[stage] or 0, told.index(stage)))
        return Pipeline(
            id=self.id,
            label=shapes.text(self.record.get("name")),
            stages=(
                *(_stage(stage, by_id[stage], places[stage]) for stage in ours),
                *_ends(self.id),
            ),
            state=_STATES.get(shapes.number(self.record.get("status")) or 0, PipelineState.ACTIVE),
        )


def _position(stage: Record) -> int | None:
    return shapes.number(stage.get("position"))


def _stage(remote: str, record: Record, slot: int | None) -> Stage:
    return Stage(
        id=remote,
        label=shapes.text(record.get("name")),
        probability=None,
        outcome=Outcome.OPEN,
        slot=slot,
        writable=False,
        weighted=False,
    )


def _ends(pipeline: str) -> Iterator[Stage]:
    for status, label, outcome in _ENDS:
        yield Stage(
            id=status_stage(pipeline, status),
            label=label,
            probability=1.0 if outcome is Outcome.WON else 0.0,
            outcome=outcome,
            writable=False,
            weighted=False,
            configured=False,
            cancelled=status is Status.CANCELLED,
        )


def pipeline_of_stages(pipelines: Iterable[Pipeline]) -> dict[str, str]:
    """Which pipeline each stage belongs to."""
    return {stage.id: pipeline.id for pipeline in pipelines for stage in pipeline.stages}
