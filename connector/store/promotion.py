"""Promotion: what a pull landed becomes what the database knows, all at once or not at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from connector.errors import StoreError
from connector.model import Deal, Merged, Owner, Pipeline, Trail
from connector.store.database import writing
from connector.store.encoding import decode, storable
from connector.store.evolution import record_pipelines
from connector.store.instants import to_ms
from connector.store.keys import AccountKeys
from connector.store.landing import Pull
from connector.store.readings import take_deal, take_merged

# How far the next pull reaches back before the start of this one: the CRM's search lags behind
# its writes, and a deal read twice costs nothing.
OVERLAP = timedelta(hours=1)
CHUNK = 500

_NO_TRAILS: Mapping[str, Trail] = {}


@dataclass(frozen=True, slots=True)
class Promoted:
    """What a pull brought; `deals_same` were read and told nothing new.

    `quarantined` counts all that was set aside, `deals_unread` the deals among it that are missing
    or out of date for it.
    """

    deals_new: int
    deals_changed: int
    deals_same: int
    deals_gone: int
    changes_new: int
    quarantined: int
    deals_unread: int = 0


def promote(
    db: Database,
    pull: Pull,
    pipelines: tuple[Pipeline, ...],
    owners: tuple[Owner, ...],
    finished: datetime,
    trails: Mapping[str, Trail] = _NO_TRAILS,
) -> Promoted:
    """Make a landed pull part of the database and close it, in one transaction.

    What a pull sees of the pipelines counts from its start, unless the audit trails it read, by
    pipeline id, tell since when. Raises `StoreError` when its last page has not landed.
    """
    with writing(db):
        _refuse_unlanded(db, pull)
        keys = AccountKeys(db, pull.account)
        record_pipelines(db, keys, pull, pipelines, trails)
        _write_owners(db, keys, owners)
        promoted = _promote_landed(db, keys, pull)
        _close(db, pull, promoted, finished)
    return promoted


def _refuse_unlanded(db: Database, pull: Pull) -> None:
    row = db.execute("SELECT state, landed FROM pulls WHERE id = ?", (pull.id,)).fetchone()
    if row is None or tuple(row) != ("open", 1):
        raise StoreError(f"pull {pull.id}: its last page has not landed; run the pull again")


def _write_owners(db: Database, keys: AccountKeys, owners: tuple[Owner, ...]) -> None:
    db.conn.executemany(
        "UPDATE owners SET name = ?, email = ?, user_id = ?, team = ?, archived = ? WHERE id = ?",
        [
            (o.name, o.email, o.user_id, o.team, o.archived, keys.owners[o.id])
            for o in map(storable, owners)
        ],
    )


def _promote_landed(db: Database, keys: AccountKeys, pull: Pull) -> Promoted:
    new = changed = changes = 0
    seen_at = to_ms(pull.started)
    for body, digest in _differing(db, pull):
        written = take_deal(db, keys, decode(body, Deal), digest, seen_at)
        new += written.new
        changed += written.changed
        changes += written.changes
    gone = sum(take_merged(db, keys, decode(body, Merged)) for body in _merged(db, pull))
    read, quarantined, unread = _landed(db, pull)
    return Promoted(new, changed, read - new - changed, gone, changes, quarantined, unread)


def _differing(db: Database, pull: Pull) -> Iterator[tuple[bytes, int]]:
    """The landed deals whose last read was not the very same, a chunk at a time."""
    # By its index, the table would be sorted anew for every chunk.
    last = 0
    while rows := db.execute(
        "SELECT l.rowid, l.body, l.digest FROM landing l NOT INDEXED"
        " LEFT JOIN deals d ON d.account = ? AND d.remote = l.remote"
        " WHERE l.rowid > ? AND l.pull = ? AND l.kind = 'deal' AND d.digest IS NOT l.digest"
        " ORDER BY l.rowid LIMIT ?",
        (pull.account, last, pull.id, CHUNK),
    ).fetchall():
        yield from ((body, digest) for _, body, digest in rows)
        last = rows[-1][0]


def _merged(db: Database, pull: Pull) -> Iterator[bytes]:
    rows = db.execute("SELECT body FROM landing WHERE pull = ? AND kind = 'merged'", (pull.id,))
    return (body for (body,) in rows)


def _landed(db: Database, pull: Pull) -> tuple[int, int, int]:
    row = db.execute(
        "SELECT (SELECT COUNT(*) FROM landing WHERE kind = 'deal' AND pull = :pull),"
        " (SELECT COUNT(*) FROM quarantine WHERE pull = :pull),"
        " (SELECT deals_unread FROM pulls WHERE id = :pull)",
        {"pull": pull.id},
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def _close(db: Database, pull: Pull, promoted: Promoted, finished: datetime) -> None:
    db.execute(
        "UPDATE pulls SET state = 'complete', finished = ?, watermark = ?, bookmark = NULL,"
        " deals_new = ?, deals_changed = ?, deals_same = ?, changes_new = ? WHERE id = ?",
        (
            to_ms(finished),
            to_ms(pull.started - OVERLAP),
            promoted.deals_new,
            promoted.deals_changed,
            promoted.deals_same,
            promoted.changes_new,
            pull.id,
        ),
    )
    db.execute("DELETE FROM landing WHERE pull = ?", (pull.id,))
