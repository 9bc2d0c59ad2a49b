"""The pages of a pull, kept apart until the whole of it can be promoted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from connector.errors import BadAnswer, StoreError
from connector.model import Deal, Merged, Page, Unread
from connector.store.database import writing
from connector.store.encoding import decode, digest, encode, storable
from connector.store.instants import from_ms, optional_instant, optional_ms, to_ms

RESUMABLE = timedelta(hours=1)

# From so many unread deals on, a pull of what changed can be judged by itself.
TELLING = 10


@dataclass(frozen=True, slots=True)
class Pull:
    """One read of an account under way.

    `since` None reads everything. `landed` says that the last page is here, so that nothing is
    left to read but pipelines and owners.
    """

    id: int
    account: int
    started: datetime
    since: datetime | None
    bookmark: str | None = None
    resumed: bool = False
    pages: int = 0
    deals: int = 0
    landed: bool = False


def begin(
    db: Database,
    account: int,
    started: datetime,
    fields: tuple[str, ...],
    full: bool | None = None,
) -> Pull:
    """The unfinished pull of the same fields begun within the hour, or else a new one.

    `started` is the CRM's clock. A pull is full when `full` says so, when none was completed
    before, when a field is tracked that the last complete one did not track, or when that one set
    whole deals aside: they are read again although nobody touched them.
    """
    with writing(db):
        pull = _unfinished(db, account)
        if pull is not None and _can_go_on(db, pull, started, fields, full):
            return pull
        if pull is not None:
            _abandon(db, pull)
        return _new(db, account, started, fields, full)


def land(db: Database, pull: Pull, page: Page) -> None:
    """Keep one page; of a deal that comes twice, the later read counts."""
    rows = [_row(pull, "deal", deal) for deal in page.deals]
    rows += [_row(pull, "merged", merged) for merged in page.merged]
    with writing(db):
        _turn_page(db, pull, page)
        db.conn.executemany(
            "INSERT INTO landing (pull, kind, remote, digest, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET digest = excluded.digest, body = excluded.body",
            rows,
        )
        set_aside(db, pull, page.unread)


def refuse_unreadable(db: Database, pull: Pull) -> None:
    """Give a landed pull up, and raise `BadAnswer`, where most of its deals could not be read.

    A few deals that changed say nothing of the rest; the full pull that follows them does.
    """
    unread, read = db.execute(
        "SELECT deals_unread, (SELECT COUNT(*) FROM landing WHERE pull = pulls.id"
        " AND kind = 'deal') FROM pulls WHERE id = ?",
        (pull.id,),
    ).fetchone()
    if unread <= read or (pull.since and unread < TELLING):
        return
    reason = _commonest_reason(db, pull)
    with writing(db):
        _abandon(db, pull)
    raise BadAnswer(
        f"{unread:,} of {unread + read:,} deals could not be read, most often because: {reason}."
        " Nothing was stored. If pulling again does not help, report it: the CRM's answers may"
        " have changed."
    )


def set_aside(db: Database, pull: Pull, unread: Iterable[Unread]) -> None:
    """Keep what made no sense, inside a transaction, for a person to look at."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO quarantine (pull, record, field, reason, raw)"
        " VALUES (?, ?, ?, ?, ?)",
        [_set_aside(pull, each) for each in unread],
    )


def _commonest_reason(db: Database, pull: Pull) -> str:
    row = db.execute(
        "SELECT reason FROM quarantine WHERE pull = ? AND field = ''"
        " GROUP BY reason ORDER BY COUNT(*) DESC, reason LIMIT 1",
        (pull.id,),
    ).fetchone()
    return str(row[0]).rstrip(".")


def _turn_page(db: Database, pull: Pull, page: Page) -> None:
    whole = sum(unread.field is None for unread in page.unread)
    turned = db.execute(
        "UPDATE pulls SET bookmark = ?, landed = ?, pages = pages + 1,"
        " deals_unread = deals_unread + ? WHERE id = ? AND state = 'open'",
        (page.bookmark, page.bookmark is None, whole, pull.id),
    ).rowcount
    if not turned:
        raise StoreError(f"pull {pull.id}: it is over, so nothing more can land; pull again")


def _row(pull: Pull, kind: str, record: Deal | Merged) -> tuple[int, str, str, int, bytes]:
    body = encode(record)
    return pull.id, kind, storable(record.id), digest(body), body


def _set_aside(pull: Pull, unread: Unread) -> tuple[int, str, str, str, str]:
    kept = storable(unread)
    return pull.id, kept.record, kept.field or "", kept.reason, kept.raw


def _unfinished(db: Database, account: int) -> Pull | None:
    row = db.execute(
        "SELECT id, started, since, bookmark, pages, landed,"
        " (SELECT COUNT(*) FROM landing WHERE pull = pulls.id AND kind = 'deal')"
        " FROM pulls WHERE account = ? AND state = 'open'",
        (account,),
    ).fetchone()
    if row is None:
        return None
    key, started, since, bookmark, pages, landed, deals = row
    return Pull(
        key,
        account,
        from_ms(started),
        optional_instant(since),
        bookmark,
        resumed=True,
        pages=pages,
        deals=deals,
        landed=bool(landed),
    )


def _can_go_on(
    db: Database, pull: Pull, started: datetime, fields: tuple[str, ...], full: bool | None
) -> bool:
    young = timedelta(0) <= started - pull.started < RESUMABLE
    wide_enough = pull.since is None or not full
    return young and wide_enough and _fields(db, pull.id) == frozenset(fields)


def _fields(db: Database, pull: int) -> frozenset[str]:
    row = db.execute("SELECT fields FROM pulls WHERE id = ?", (pull,)).fetchone()
    return decode(row[0], frozenset[str])


def _abandon(db: Database, pull: Pull) -> None:
    db.execute("DELETE FROM landing WHERE pull = ?", (pull.id,))
    db.execute("DELETE FROM quarantine WHERE pull = ?", (pull.id,))
    db.execute("UPDATE pulls SET state = 'abandoned' WHERE id = ?", (pull.id,))


def _new(
    db: Database, account: int, started: datetime, fields: tuple[str, ...], full: bool | None
) -> Pull:
    since = None if full else _watermark(db, account, fields)
    row = db.execute(
        "INSERT INTO pulls (account, started, since, fields) VALUES (?, ?, ?, ?) RETURNING id",
        (account, to_ms(started), optional_ms(since), encode(sorted(fields)).decode()),
    ).fetchone()
    return Pull(int(row[0]), account, from_ms(to_ms(started)), since)


def _watermark(db: Database, account: int, fields: tuple[str, ...]) -> datetime | None:
    row = db.execute(
        "SELECT id, watermark, deals_unread FROM pulls WHERE account = ? AND state = 'complete'"
        " ORDER BY id DESC LIMIT 1",
        (account,),
    ).fetchone()
    if row is None:
        return None
    last, watermark, unread = row
    return None if unread or not _fields(db, last).issuperset(fields) else from_ms(watermark)
