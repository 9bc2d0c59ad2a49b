"""Versions of pipelines: each is in force from one pull to the next that saw another one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from sqlite_utils import Database

from connector.model import Outcome, Pipeline, Stage
from connector.store.encoding import storable
from connector.store.keys import AccountKeys

LARGEST_INTEGER = 2**63 - 1

# A version counts only after the instant it came into force. Before anything was known of a
# pipeline, the first version seen stands in.
_VERSIONS = """
    SELECT v.id, p.remote, v.label,
           s.remote, t.label, t.probability, t.outcome, t.slot, t.writable
    FROM pipeline_versions v JOIN pipelines p ON p.id = v.pipeline
    LEFT JOIN version_stages t ON t.version = v.id LEFT JOIN stages s ON s.id = t.stage
    WHERE p.account = :account AND (
        :at IS NULL AND v.valid_to IS NULL
        OR v.valid_from < :at AND (v.valid_to IS NULL OR v.valid_to >= :at)
        OR v.valid_from >= :at AND v.id = (SELECT MIN(first.id) FROM pipeline_versions first
                                           WHERE first.pipeline = v.pipeline))
    ORDER BY p.id, v.id, t.position
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A pipeline as it was in force, under the key of that version."""

    id: int
    pipeline: Pipeline


def versions(db: Database, account: int, at: int | None = None) -> Iterator[Version]:
    """The version of every pipeline in force at an instant in milliseconds, or now.

    Pipelines come in the order they were first seen.
    """
    rows = db.execute(_VERSIONS, {"account": account, "at": at})
    for (key, remote, label), group in groupby(rows, key=lambda row: row[:3]):
        stages = tuple(
            Stage(stage, name, probability, Outcome(outcome), slot, bool(writable))
            for *_, stage, name, probability, outcome, slot, writable in group
            if stage is not None
        )
        yield Version(key, Pipeline(remote, label, stages))


def record_pipelines(db: Database, keys: AccountKeys, live: tuple[Pipeline, ...], at: int) -> None:
    """Close the versions that are no longer what is live, and open one where the live differs.

    Names of pipelines and stages that are gone stay.
    """
    live = tuple(_storable(pipeline) for pipeline in live)
    known = tuple(versions(db, keys.account))
    for version in known:
        if version.pipeline not in live:
            _close(db, version, at)
    unchanged = {version.pipeline.id for version in known if version.pipeline in live}
    for pipeline in live:
        if pipeline.id not in unchanged:
            _open(db, keys, pipeline, at)


def _storable(pipeline: Pipeline) -> Pipeline:
    stages = tuple(
        replace(stage, slot=None) if abs(stage.slot or 0) > LARGEST_INTEGER else stage
        for stage in pipeline.stages
    )
    return storable(replace(pipeline, stages=stages))


def _close(db: Database, version: Version, at: int) -> None:
    # A clock that was set back must not make a version end before it began.
    db.execute(
        "UPDATE pipeline_versions SET valid_to = MAX(valid_from, ?) WHERE id = ?", (at, version.id)
    )


def _open(db: Database, keys: AccountKeys, pipeline: Pipeline, at: int) -> None:
    key = keys.pipelines[pipeline.id]
    db.execute("UPDATE pipelines SET label = ? WHERE id = ?", (pipeline.label, key))
    version = db.execute(
        "INSERT INTO pipeline_versions (pipeline, label, valid_from) SELECT ?, ?,"
        " MAX(?, IFNULL(MAX(valid_to), ?)) FROM pipeline_versions WHERE pipeline = ?",
        (key, pipeline.label, at, at, key),
    ).lastrowid
    for position, stage in enumerate(pipeline.stages):
        stage_key = keys.stages[stage.id]
        db.execute(
            "UPDATE stages SET pipeline = ?, label = ? WHERE id = ?", (key, stage.label, stage_key)
        )
        db.execute(
            "INSERT INTO version_stages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                version,
                position,
                stage_key,
                stage.label,
                stage.probability,
                stage.outcome,
                stage.slot,
                stage.writable,
            ),
        )
