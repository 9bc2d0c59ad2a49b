"""A pipeline's versions as one history: what the audit trail tells, and what pulls saw.

It is the history of a single value, the whole pipeline as text, or None while it is gone; so it is
merged like the history of a deal's field.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlite_utils import Database

from connector.model import Pipeline, PipelineVersion, Trail, Unread
from connector.store.encoding import decode, encode, storable
from connector.store.instants import optional_ms, to_ms
from connector.store.keys import AccountKeys
from connector.store.merge import Known, merge
from connector.store.pipelines import as_kept, live_versions, touched, versions_of
from connector.store.pulls import Pull
from connector.store.quarantine import set_aside


def record_pipelines(
    db: Database,
    keys: AccountKeys,
    pull: Pull,
    live: tuple[Pipeline, ...],
    trails: Mapping[str, Trail],
) -> None:
    """Bring the versions up to what a pull saw live and, where their trails were read, to these.

    Names of pipelines and stages that are gone stay.
    """
    seen, before = to_ms(pull.started), _last_seen(db, pull.account)
    kept = {pipeline.id: as_kept(pipeline) for pipeline in live}
    known = {version.pipeline.id: version.pipeline for version in live_versions(db, pull.account)}
    for remote in {**known, **kept}:
        now, trail = kept.get(remote), trails.get(remote, Trail(()))
        if now != known.get(remote) or trail.versions:
            _bring_up(db, keys, remote, _upto(trail.versions, now, seen), now, seen, before)
    for pipeline in live:
        if pipeline.id in trails:
            _note_trail(db, keys, pull, pipeline, trails[pipeline.id].unread)


def _last_seen(db: Database, account: int) -> int:
    """When the last pull looked, or the beginning of time."""
    row = db.execute(
        "SELECT MAX(started) FROM pulls WHERE account = ? AND state = 'complete'", (account,)
    ).fetchone()
    return int(row[0] or 0)


def _upto(
    trail: Sequence[PipelineVersion], now: Pipeline | None, seen: int
) -> tuple[PipelineVersion, ...]:
    """The trail up to what the pull saw; what was edited in between is for the next pull."""
    same = [n for n, version in enumerate(trail, 1) if as_kept(version.pipeline) == now]
    earlier = [n for n, version in enumerate(trail, 1) if to_ms(version.at) <= seen]
    return tuple(trail[: max(same[-1:] + earlier[-1:], default=0)])


def _bring_up(
    db: Database,
    keys: AccountKeys,
    remote: str,
    trail: Iterable[PipelineVersion],
    now: Pipeline | None,
    seen: int,
    before: int,
) -> None:
    stored = versions_of(db, keys.account, remote)
    history = evolved(
        tuple(_with_gaps([version for _, version in stored])),
        tuple(_known(version) for version in trail),
        None if now is None else _text(now),
        seen,
        before,
    )
    _rewrite(db, keys, stored, tuple(_rows(history)))


def evolved(
    stored: Sequence[Known], trail: Sequence[Known], live: str | None, seen: int, before: int
) -> tuple[Known, ...]:
    """The history with a trail merged in, ended by what a pull saw at `seen`.

    The pull before it looked at `before`, so what the trail does not tell happened since then.
    """
    history = tuple(_turns(merge(stored, trail)))
    last = history[-1] if history else Known(-1, None)
    if last.value == live:
        return history
    at = max(seen, last.at + 1)
    return (*history, Known(at, live, max(0, last.at, min(before, at))))


def _turns(history: Iterable[Known]) -> Iterator[Known]:
    """Without the entries that changed nothing we keep, such as whether deals get a close date."""
    value = None
    for known in history:
        if known.value != value:
            yield known
        value = known.value


def _with_gaps(versions: Sequence[PipelineVersion]) -> Iterator[Known]:
    """The stored versions, with a None wherever the pipeline was gone."""
    following = [*(version.at for version in versions[1:]), None]
    for version, after in zip(versions, following, strict=False):
        yield _known(version)
        if version.until is not None and version.until != after:
            yield Known(to_ms(version.until), None, to_ms(version.at))


def _known(version: PipelineVersion) -> Known:
    text = _text(as_kept(version.pipeline))
    return Known(to_ms(version.at), text, optional_ms(version.not_before), version.by)


def _text(pipeline: Pipeline) -> str:
    return encode(pipeline).decode()


Row = tuple[Known, int | None]


def _rows(history: Sequence[Known]) -> Iterator[Row]:
    """Each version with the instant it ended."""
    ends = [*(known.at for known in history[1:]), None]
    return (row for row in zip(history, ends, strict=False) if row[0].value is not None)


def _rewrite(
    db: Database,
    keys: AccountKeys,
    stored: Sequence[tuple[int, PipelineVersion]],
    rows: Sequence[Row],
) -> None:
    """Keep the first rows that stay as they are, and write the others anew, in their order."""
    same = 0
    for (_, version), row in zip(stored, rows, strict=False):
        if (_known(version), optional_ms(version.until)) != row:
            break
        same += 1
    for key, _ in stored[same:]:
        db.execute("DELETE FROM version_stages WHERE version = ?", (key,))
        db.execute("DELETE FROM pipeline_versions WHERE id = ?", (key,))
    for known, until in rows[same:]:
        _write(db, keys, known, until)


def _write(db: Database, keys: AccountKeys, known: Known, until: int | None) -> None:
    pipeline = decode(known.value or "", Pipeline)
    key = keys.pipelines[pipeline.id]
    db.execute("UPDATE pipelines SET label = ? WHERE id = ?", (pipeline.label, key))
    version = db.execute(
        "INSERT INTO pipeline_versions (pipeline, label, valid_from, valid_to, not_before,"
        " changed_by, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            key,
            pipeline.label,
            known.at,
            until,
            known.not_before,
            storable(known.by),
            pipeline.state,
        ),
    ).lastrowid
    for position, stage in enumerate(pipeline.stages):
        stage_key = keys.stages[stage.id]
        db.execute(
            "UPDATE stages SET pipeline = ?, label = ? WHERE id = ?", (key, stage.label, stage_key)
        )
        db.execute(
            "INSERT INTO version_stages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                version,
                position,
                stage_key,
                stage.label,
                stage.probability,
                stage.outcome,
                stage.slot,
                stage.writable,
                stage.weighted,
                stage.configured,
                stage.cancelled,
            ),
        )


def _note_trail(
    db: Database, keys: AccountKeys, pull: Pull, pipeline: Pipeline, unread: tuple[Unread, ...]
) -> None:
    db.execute(
        "UPDATE pipelines SET audited = ? WHERE id = ?",
        (touched(pipeline), keys.pipelines[storable(pipeline.id)]),
    )
    set_aside(db, pull, unread)
