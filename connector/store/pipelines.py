"""Versions of pipelines as the database tells them: what was in force when, and by whose hand."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from sqlite_utils import Database

from connector.model import Outcome, Pipeline, PipelineState, PipelineVersion, Stage
from connector.store.encoding import storable
from connector.store.instants import from_ms, optional_instant, to_ms

LARGEST_INTEGER = 2**63 - 1

_VERSIONS = """
    SELECT v.id, p.remote, v.label, v.valid_from, v.changed_by, v.not_before, v.valid_to,
           v.state, s.remote, t.label, t.probability, t.outcome, t.slot, t.writable, t.weighted,
           t.configured, t.cancelled
    FROM pipeline_versions v JOIN pipelines p ON p.id = v.pipeline
    LEFT JOIN version_stages t ON t.version = v.id LEFT JOIN stages s ON s.id = t.stage
    WHERE p.account = :account AND ({which})
    ORDER BY p.id, v.id, t.position
"""

_NOW = "v.valid_to IS NULL"

# A version counts only after the instant it came into force. The first known one stands in for the
# time in which it may have been so already.
_AT = """
    v.valid_from < :at AND (v.valid_to IS NULL OR v.valid_to >= :at)
    OR v.valid_from >= :at AND v.not_before < :at
       AND v.id = (SELECT MIN(w.id) FROM pipeline_versions w WHERE w.pipeline = v.pipeline)
"""

_TRAIL_READ = "SELECT remote, audited FROM pipelines WHERE account = ? AND audited IS NOT NULL"


def live_versions(db: Database, account: int) -> tuple[PipelineVersion, ...]:
    """The version of every pipeline in force now, pipelines in the order they were first seen."""
    return tuple(version for _, version in _read(db, _NOW, account=account))


def versions_at(db: Database, account: int, at: int) -> tuple[PipelineVersion, ...]:
    """The version of every pipeline in force at an instant in milliseconds, in the same order."""
    return tuple(version for _, version in _read(db, _AT, account=account, at=at))


def all_versions(db: Database, account: int) -> tuple[PipelineVersion, ...]:
    """Every version of every pipeline, pipeline by pipeline, each oldest first."""
    return tuple(version for _, version in _read(db, "TRUE", account=account))


def versions_of(
    db: Database, account: int, pipeline: str
) -> tuple[tuple[int, PipelineVersion], ...]:
    """Every version of one pipeline under its key, oldest first."""
    return tuple(_read(db, "p.remote = :pipeline", account=account, pipeline=pipeline))


def trails_due(db: Database, account: int, live: Iterable[Pipeline]) -> tuple[Pipeline, ...]:
    """The live pipelines whose audit trail may tell something new.

    Their trail was never read, or their values or the instant they were touched moved since.
    """
    read = dict(db.execute(_TRAIL_READ, (account,)).fetchall())
    known = {version.pipeline for version in live_versions(db, account)}
    return tuple(
        pipeline
        for pipeline in live
        if read.get(pipeline.id) != touched(pipeline) or as_kept(pipeline) not in known
    )


def touched(pipeline: Pipeline) -> int:
    """When the CRM says a pipeline was last touched, in milliseconds; 0 where it does not say."""
    return 0 if pipeline.updated is None else to_ms(pipeline.updated)


def as_kept(pipeline: Pipeline) -> Pipeline:
    """The pipeline as it will come back from the database."""
    stages = tuple(
        replace(stage, slot=None) if abs(stage.slot or 0) > LARGEST_INTEGER else stage
        for stage in pipeline.stages
    )
    return storable(Pipeline(pipeline.id, pipeline.label, stages, state=pipeline.state))


def _read(db: Database, which: str, **values: object) -> Iterator[tuple[int, PipelineVersion]]:
    rows = db.execute(_VERSIONS.format(which=which), values)
    for (key, remote, label, *life), group in groupby(rows, key=lambda row: row[:8]):
        stages = tuple(
            Stage(stage, name, probability, Outcome(outcome), slot, *map(bool, flags))
            for stage, name, probability, outcome, slot, *flags in (row[8:] for row in group)
            if stage is not None
        )
        valid_from, by, not_before, valid_to, state = life
        yield (
            key,
            PipelineVersion(
                Pipeline(remote, label, stages, state=PipelineState(state)),
                from_ms(valid_from),
                by,
                optional_instant(not_before),
                optional_instant(valid_to),
            ),
        )
