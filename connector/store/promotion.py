"""Promotion: what a pull landed becomes what the database knows, all at once or not at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from connector.errors import StoreError
from connector.model import Merged, Owner, Pipeline, Trail
from connector.store.census import LIVE
from connector.store.database import writing
from connector.store.encoding import decode, storable
from connector.store.evolution import record_pipelines
from connector.store.instants import optional_ms, to_ms
from connector.store.keys import AccountKeys
from connector.store.landed import Landed
from connector.store.pulls import Pull
from connector.store.quarantine import remember_unread
from connector.store.readings import Read, Written, take_deals, take_merged, take_missing

# How far the next pull reaches back before the start of this one: the CRM's search lags behind
# its writes, and a deal read twice costs nothing.
OVERLAP = timedelta(hours=1)
CHUNK = 500

_NO_TRAILS: Mapping[str, Trail] = {}


@dataclass(frozen=True, slots=True)
class Mended:
    """What a verification found that the pulls before it should have seen."""

    deals_new: int = 0
    deals_changed: int = 0
    deals_gone: int = 0

    def __bool__(self) -> bool:
        return self != Mended()

    def plus(self, written: Written) -> "Mended":
        """With what one deal brought."""
        return Mended(
            self.deals_new + written.new,
            self.deals_changed + (written.changed and not written.gone),
            self.deals_gone + written.gone,
        )


@dataclass(frozen=True, slots=True)
class Promoted:
    """What a pull brought; `deals_same` were read and told nothing new.

    `deals_gone` were merged or deleted; archived ones are deals that changed. `quarantined` counts
    all that was set aside, `deals_unread` the deals among it that are missing or out of date for
    it. `gaps` are spans of history that the CRM cut off before anybody read them. `live` is how
    many live deals there are now, unread ones among them.
    """

    deals_new: int
    deals_changed: int
    deals_same: int
    deals_gone: int
    changes_new: int
    quarantined: int
    deals_unread: int = 0
    gaps: int = 0
    live: int = 0
    mended: Mended | None = None


def promote(
    db: Database,
    pull: Pull,
    pipelines: tuple[Pipeline, ...],
    owners: tuple[Owner, ...],
    finished: datetime,
    trails: Mapping[str, Trail] = _NO_TRAILS,
    *,
    counted: int | None = None,
    suspect: bool = False,
) -> Promoted:
    """Make a landed pull part of the database and close it, in one transaction.

    What a pull sees of the pipelines counts from its start, unless the audit trails it read, by
    pipeline id, tell since when. `counted` is how many live deals the CRM says it has. Of a
    `suspect` pull nothing is taken for gone, and the next one reads from where this one did. Raises
    `StoreError` when its last page has not landed.
    """
    with writing(db):
        _refuse_unlanded(db, pull)
        keys = AccountKeys(db, pull.account)
        remember_unread(db, pull)
        record_pipelines(db, keys, pull, pipelines, trails)
        _write_owners(db, keys, owners)
        promoted = _promote_landed(db, keys, pull, suspect=suspect)
        _close(db, pull, promoted, finished, counted, suspect=suspect)
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


def _promote_landed(db: Database, keys: AccountKeys, pull: Pull, *, suspect: bool) -> Promoted:
    tally = Tally(pull.verifies)
    for chunk in _differing(db, pull, suspect=suspect):
        read = [Read(decode(body, Landed), digest, key) for body, digest, key in chunk]
        for deal, written in take_deals(db, keys, read, to_ms(pull.started)):
            tally.add(deal, written)
    gone = 0 if suspect else _take_gone(db, keys, pull)
    landed, quarantined, unread, live = _landed(db, pull)
    return Promoted(
        tally.new,
        tally.changed,
        landed - tally.new - tally.changed,
        gone,
        tally.changes,
        quarantined,
        unread,
        tally.gaps,
        live,
        tally.mended,
    )


class Tally:
    """What the deals of a pull brought, summed up.

    Where it `verifies` from an instant on, a deal with news from before it should have been seen.
    """

    def __init__(self, verifies: datetime | None):
        self.new = self.changed = self.changes = self.gaps = 0
        self.mended = None if verifies is None else Mended()
        self._verifies = optional_ms(verifies)

    def add(self, deal: Landed, written: Written) -> None:
        """Count one deal."""
        self.new += written.new
        self.changed += written.changed
        self.changes += written.changes
        self.gaps += written.gaps
        touched = deal.modified_at if deal.archived_at is None else deal.archived_at
        if self._verifies is not None and touched < self._verifies:
            self.mended = (self.mended or Mended()).plus(written)


def _take_gone(db: Database, keys: AccountKeys, pull: Pull) -> int:
    at = to_ms(pull.started)
    missing = sum(take_missing(db, keys, remote, at) for remote in _missing(db, pull))
    return missing + sum(take_merged(db, keys, decode(body, Merged)) for body in _merged(db, pull))


def _differing(
    db: Database, pull: Pull, *, suspect: bool
) -> Iterator[list[tuple[bytes, int, int | None]]]:
    """The landed deals whose last read was not the very same, by chunks, with the keys they have.

    Of a suspect pull those are left out that would be taken for gone.
    """
    # By its index, the table would be sorted anew for every chunk.
    last = 0
    while rows := db.execute(
        "SELECT l.rowid, l.body, l.digest, d.id FROM landing l NOT INDEXED"
        " LEFT JOIN deals d ON d.account = ? AND d.remote = l.remote"
        " WHERE l.rowid > ? AND l.pull = ? AND l.kind = 'deal' AND d.digest IS NOT l.digest"
        " AND (l.live OR NOT ? OR d.id IS NULL OR d.gone_at IS NOT NULL)"
        " ORDER BY l.rowid LIMIT ?",
        (pull.account, last, pull.id, suspect, CHUNK),
    ).fetchall():
        yield [tuple(row[1:]) for row in rows]
        last = rows[-1][0]


def _merged(db: Database, pull: Pull) -> Iterator[bytes]:
    rows = db.execute("SELECT body FROM landing WHERE pull = ? AND kind = 'merged'", (pull.id,))
    return (body for (body,) in rows)


def _missing(db: Database, pull: Pull) -> list[str]:
    rows = db.execute("SELECT remote FROM landing WHERE pull = ? AND kind = 'missing'", (pull.id,))
    return [remote for (remote,) in rows]


def _landed(db: Database, pull: Pull) -> tuple[int, int, int, int]:
    row = db.execute(
        "SELECT (SELECT COUNT(*) FROM landing WHERE kind = 'deal' AND pull = :pull),"
        " (SELECT COUNT(*) FROM quarantine WHERE pull = :pull),"
        " (SELECT deals_unread FROM pulls WHERE id = :pull),"
        f" (SELECT COUNT(*) FROM ({LIVE}))",
        {"pull": pull.id, "account": pull.account},
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def _close(
    db: Database,
    pull: Pull,
    promoted: Promoted,
    finished: datetime,
    counted: int | None,
    *,
    suspect: bool,
) -> None:
    db.execute(
        "UPDATE pulls SET state = 'complete', finished = ?, watermark = ?, bookmark = NULL,"
        " deals_new = ?, deals_changed = ?, deals_same = ?, changes_new = ?, counted = ?, live = ?,"
        " suspect = ? WHERE id = ?",
        (
            to_ms(finished),
            to_ms(pull.horizon - OVERLAP),
            promoted.deals_new,
            promoted.deals_changed,
            promoted.deals_same,
            promoted.changes_new,
            counted,
            promoted.live,
            suspect,
            pull.id,
        ),
    )
    db.execute("DELETE FROM landing WHERE pull = ?", (pull.id,))
