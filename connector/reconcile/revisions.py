"""How a pipeline came to be as it is: its versions, told as the edits between them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import pairwise

from connector.model import (
    BEGINNING,
    CreateStage,
    EditStage,
    Pipeline,
    PipelineVersion,
    Stage,
    StageChange,
)
from connector.reconcile.values import same_value

# The journal goes by the CRM's clock as its answers tell it, in whole seconds and once a run; the
# trail goes by the CRM's own.
CLOCKS_AGREE = timedelta(minutes=1)


class EditKind(StrEnum):
    """What can happen to a pipeline."""

    FIRST_KNOWN = "first-known"
    PIPELINE_ADDED = "pipeline-added"
    PIPELINE_REMOVED = "pipeline-removed"
    PIPELINE_LABEL = "pipeline-label"
    PIPELINE_STATE = "pipeline-state"
    STAGE_ADDED = "stage-added"
    STAGE_REMOVED = "stage-removed"
    STAGE_MOVED = "stage-moved"
    LABEL = "label"
    PROBABILITY = "probability"
    OUTCOME = "outcome"
    WRITABLE = "writable"


@dataclass(frozen=True, slots=True)
class Placed:
    """A stage and its place in the pipeline, counted from 1."""

    stage: Stage
    place: int


EditValue = Pipeline | Placed | str | float | bool | None


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that changed in a pipeline.

    `before` and `after` are labels, states, probabilities, outcomes, a yes or no, places counted
    from 1, stages with their place where they are added or removed, or the whole pipeline where it
    is added, removed or first known. `run` is the run of connector that did it, if one did.
    """

    kind: EditKind
    before: EditValue
    after: EditValue
    stage: str | None = None
    label: str = ""
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """What one version brought; where the pipeline was removed, the version is its last one."""

    version: PipelineVersion
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """A change our journal says was sent, and may have arrived, in a run of connector."""

    run: int
    change: StageChange
    sent_at: datetime
    settled_at: datetime | None


def revisions(
    versions: Sequence[PipelineVersion],
    writes: Sequence[Write] = (),
    looks: Sequence[datetime] = (),
) -> tuple[Revision, ...]:
    """What each version of one pipeline brought, oldest first, and each time it was removed.

    `looks` are the instants pulls looked at; a removal lies behind the last that still saw it.
    """
    told: list[Revision] = []
    for row in unbroken_rows(versions):
        first, last = row[0], row[-1]
        kind = EditKind.FIRST_KNOWN if first.not_before == BEGINNING else EditKind.PIPELINE_ADDED
        told.append(Revision(first, (Edit(kind, None, first.pipeline),)))
        told += (_revision(before, version, writes) for before, version in pairwise(row))
        if last.until is not None:
            told.append(_removal(last, last.until, looks))
    return tuple(told)


def _removal(last: PipelineVersion, gone: datetime, looks: Iterable[datetime]) -> Revision:
    seen = max((look for look in looks if last.at <= look < gone), default=last.at)
    version = replace(last, at=gone, not_before=seen, by=None)
    return Revision(version, (Edit(EditKind.PIPELINE_REMOVED, last.pipeline, None),))


def unbroken_rows(versions: Iterable[PipelineVersion]) -> list[list[PipelineVersion]]:
    """The versions in rows in which each follows on the one before; between rows it was gone."""
    rows: list[list[PipelineVersion]] = []
    for version in versions:
        if rows and rows[-1][-1].until == version.at:
            rows[-1].append(version)
        else:
            rows.append([version])
    return rows


def _revision(
    before: PipelineVersion, version: PipelineVersion, writes: Iterable[Write]
) -> Revision:
    edits = tuple(edits_between(before.pipeline, version.pipeline))
    near = [write for write in writes if _at_the_time(write, version)]
    return Revision(version, _attributed(edits, version, near))


def edits_between(before: Pipeline, after: Pipeline) -> Iterator[Edit]:
    """What makes one version of a pipeline the other; slots alone change nothing."""
    if before.label != after.label:
        yield Edit(EditKind.PIPELINE_LABEL, before.label, after.label)
    if before.state != after.state:
        yield Edit(EditKind.PIPELINE_STATE, before.state, after.state)
    old, new = _placed(before), _placed(after)
    for id_, gone in old.items():
        if id_ not in new:
            yield Edit(EditKind.STAGE_REMOVED, gone, None, id_, gone.stage.label)
    moved = _moved([id_ for id_ in old if id_ in new], [id_ for id_ in new if id_ in old])
    for id_, now in new.items():
        about = partial(Edit, stage=id_, label=now.stage.label)
        if id_ not in old:
            yield about(EditKind.STAGE_ADDED, None, now)
            continue
        if id_ in moved:
            yield about(EditKind.STAGE_MOVED, old[id_].place, now.place)
        yield from _of_stage(old[id_].stage, now.stage, about)


def _placed(pipeline: Pipeline) -> dict[str, Placed]:
    return {stage.id: Placed(stage, place) for place, stage in enumerate(pipeline.stages, 1)}


def _of_stage(before: Stage, after: Stage, about: "partial[Edit]") -> Iterator[Edit]:
    if before.label != after.label:
        yield about(EditKind.LABEL, before.label, after.label)
    if not same_value(before.probability, after.probability):
        yield about(EditKind.PROBABILITY, before.probability, after.probability)
    if before.outcome != after.outcome:
        yield about(EditKind.OUTCOME, before.outcome, after.outcome)
    if before.writable != after.writable:
        yield about(EditKind.WRITABLE, before.writable, after.writable)


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The fewest stages whose move makes one order of the same stages the other."""
    place = {id_: n for n, id_ in enumerate(after)}
    stay: dict[str, list[str]] = {}
    for id_ in before:
        ahead = [chain for last, chain in stay.items() if place[last] < place[id_]]
        stay[id_] = [*max(ahead, key=len, default=[]), id_]
    return {*before} - {*max(stay.values(), key=len, default=[])}


# --- whether it was us ----------------------------------------------------------------------------


def _at_the_time(write: Write, version: PipelineVersion) -> bool:
    earliest, latest = version.not_before or version.at, version.at
    settled = write.settled_at or write.sent_at
    in_time = write.sent_at - CLOCKS_AGREE <= latest and earliest <= settled + CLOCKS_AGREE
    return in_time and write.change.pipeline == version.pipeline.id


def _attributed(
    edits: tuple[Edit, ...], version: PipelineVersion, writes: Sequence[Write]
) -> tuple[Edit, ...]:
    """The edits with the runs that made them.

    An exact version is the work of one request, so that one edit of ours makes all of it ours, such
    as the places of other stages. Of what was seen between two pulls, each edit stands for itself.
    """
    runs = [_run_of(edit, writes) for edit in edits]
    ours = [run for run in runs if run is not None]
    if version.not_before is None and ours:
        runs = [ours[-1]] * len(edits)
    return tuple(replace(edit, run=run) for edit, run in zip(edits, runs, strict=True))


def _run_of(edit: Edit, writes: Iterable[Write]) -> int | None:
    """The last run that wrote what an edit came to."""
    runs = [write.run for write in writes if _wrote(write.change, edit)]
    return runs[-1] if runs else None


def _wrote(change: StageChange, edit: Edit) -> bool:
    if change.stage != edit.stage:
        return False
    match edit.kind, change:
        case EditKind.STAGE_ADDED, CreateStage():
            return True
        case EditKind.LABEL, EditStage(after=after):
            return after.label == edit.after
        case EditKind.PROBABILITY, EditStage(after=after):
            return same_value(after.probability, _number(edit.after))
        case EditKind.OUTCOME, EditStage(after=after):
            return after.probability is not None
        case EditKind.STAGE_MOVED, EditStage(after=after):
            return after.slot is not None
        case _:
            return False


def _number(value: EditValue) -> float | None:
    return value if isinstance(value, float | int) else None
