"""Since when a drift's live value is what it is, and by whose hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from connector.model import Pipeline, PipelineVersion
from connector.reconcile.drift import Drift, DriftKind, DriftValue
from connector.reconcile.revisions import EditKind, Revision, Write, revisions, unbroken_rows


@dataclass(frozen=True, slots=True)
class Origin:
    """The moment a live value came to be.

    Exact when `not_before` is None, otherwise somewhere in (not_before, at]; `not_before` is
    BEGINNING where it was so before the history begins. `by` is the CRM's user id, `run` the run of
    connector that wrote it.
    """

    at: datetime
    not_before: datetime | None = None
    by: str | None = None
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the drifts of an account come from, by drift id, and people's names by user id."""

    of: Mapping[str, Origin] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


# Which edits bring about which drift; nothing of ours removes a stage or renames a pipeline.
_EDITS = {
    DriftKind.LABEL: {EditKind.LABEL, EditKind.STAGE_ADDED},
    DriftKind.STAGE_UNKNOWN: {EditKind.LABEL, EditKind.STAGE_ADDED},
    DriftKind.PROBABILITY: {EditKind.PROBABILITY, EditKind.STAGE_ADDED},
    DriftKind.OUTCOME: {EditKind.OUTCOME, EditKind.STAGE_ADDED},
    DriftKind.ORDER: {EditKind.STAGE_MOVED, EditKind.STAGE_ADDED},
}


def origin(
    drift: Drift,
    versions: Sequence[PipelineVersion],
    writes: Sequence[Write] = (),
    looks: Sequence[datetime] = (),
) -> Origin | None:
    """When the live value of a drift came to be, by all versions of its pipeline, oldest first.

    None where no version is known. What a missing stage has is its absence; `looks` are the
    instants pulls looked at.
    """
    if not versions:
        return None
    row = unbroken_rows(versions)[-1]
    told = revisions(row, writes, looks)
    if drift.kind is DriftKind.PIPELINE_MISSING:
        return None if row[-1].until is None else _origin(drift, told[-1])
    now = _value(drift, row[-1].pipeline)
    as_now = takewhile(lambda each: _value(drift, each.pipeline) == now, reversed(row))
    return _origin(drift, told[len(row) - len([*as_now])])


def _origin(drift: Drift, revision: Revision) -> Origin:
    kinds = _EDITS.get(drift.kind, set())
    about = [e for e in revision.edits if e.kind in kinds and drift.stage in (None, e.stage)]
    run = next((edit.run for edit in about if edit.run is not None), None)
    version = revision.version
    return Origin(version.at, version.not_before, version.by, run)


def _value(drift: Drift, pipeline: Pipeline) -> DriftValue:
    """What a pipeline had in the place of a drift."""
    stage = pipeline.stage(drift.stage or "")
    match drift.kind:
        case DriftKind.PIPELINE_LABEL:
            return pipeline.label
        case DriftKind.PIPELINE_INACTIVE:
            return pipeline.state
        case DriftKind.ORDER:
            ordered = drift.live if isinstance(drift.live, tuple) else ()
            return tuple(each.id for each in pipeline.stages if each.id in ordered)
        case DriftKind.STAGE_MISSING if drift.stage is None:
            # Bound by its label, a stage is missing once it is called something else.
            return next((s.label for s in pipeline.stages if s.label == drift.desired), None)
        case DriftKind.STAGE_MISSING | DriftKind.LABEL | DriftKind.STAGE_UNKNOWN:
            return stage.label if stage else None
        case DriftKind.PROBABILITY:
            return stage.probability if stage else None
        case DriftKind.OUTCOME:
            return stage.outcome if stage else None
        case _:
            return None
