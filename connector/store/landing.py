"""The pages of a pull, kept apart until the whole of it can be promoted."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlite_utils import Database

from connector.errors import BadAnswer, StoreError
from connector.model import Merged, Page
from connector.store.database import writing
from connector.store.encoding import decode, digest, encode, storable
from connector.store.instants import to_ms
from connector.store.landed import Landed, as_landed
from connector.store.merge import joined
from connector.store.pulls import Pull, give_up
from connector.store.quarantine import commonest_reason, set_aside

# From so many unread deals on, a pull of what changed can be judged by itself.
TELLING = 10


@contextmanager
def repeatable(db: Database) -> Iterator[None]:
    """What is read of a CRM can be read again: until the end, no commit waits for the disk.

    A power cut may then lose the last commits, though never a part of one (SQLite, WAL).
    """
    db.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        db.execute("PRAGMA synchronous = FULL")


def land(db: Database, pull: Pull, page: Page, leg: str = "") -> None:
    """Keep one page; of a deal that comes twice, the later read counts, or adds to the first.

    `leg` is the part of the pull that the next page will be of.
    """
    deals = [_joined(db, pull, as_landed(deal)) for deal in page.deals]
    rows = [_row(pull, "deal", deal, live=deal.archived_at is None) for deal in deals]
    rows += [_row(pull, "merged", merged) for merged in page.merged]
    rows += [(pull.id, "missing", storable(remote), False, 0, b"") for remote in page.missing]
    with writing(db):
        _turn_page(db, pull, page, leg)
        db.conn.executemany(
            "INSERT INTO landing (pull, kind, remote, live, digest, body) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET live = excluded.live, digest = excluded.digest,"
            " body = excluded.body",
            rows,
        )
        set_aside(db, pull, page.unread)


def finish(db: Database, pull: Pull) -> None:
    """Note that the last page of a pull has landed."""
    with writing(db):
        db.execute("UPDATE pulls SET landed = 1 WHERE id = ?", (pull.id,))


def refuse_unreadable(db: Database, pull: Pull) -> None:
    """Give a pull up, and raise `BadAnswer`, where most of its deals could not be read.

    A few deals that changed say nothing of the rest.
    """
    unread, read = db.execute(
        "SELECT deals_unread, (SELECT COUNT(*) FROM landing WHERE pull = pulls.id"
        " AND kind = 'deal') FROM pulls WHERE id = ?",
        (pull.id,),
    ).fetchone()
    if unread <= read or (pull.since and unread < TELLING):
        return
    reason = commonest_reason(db, pull)
    give_up(db, pull)
    raise BadAnswer(
        f"{unread:,} of {unread + read:,} deals could not be read, most often because: {reason}."
        " Nothing was stored. If pulling again does not help, report it: the CRM's answers may"
        " have changed."
    )


def _turn_page(db: Database, pull: Pull, page: Page, leg: str) -> None:
    whole = sum(unread.field is None for unread in page.unread)
    turned = db.execute(
        "UPDATE pulls SET leg = ?, bookmark = ?, pages = pages + 1,"
        " deals_unread = deals_unread + ? WHERE id = ? AND state = 'open'",
        (leg, page.bookmark, whole, pull.id),
    ).rowcount
    if not turned:
        raise StoreError(f"pull {pull.id}: it is over, so nothing more can land; pull again")


def _joined(db: Database, pull: Pull, deal: Landed) -> Landed:
    """A part of a deal's history with what landed of the deal before."""
    if deal.whole:
        return deal
    row = db.execute(
        "SELECT body FROM landing WHERE pull = ? AND kind = 'deal' AND remote = ?",
        (pull.id, storable(deal.id)),
    ).fetchone()
    if row is None:
        return deal
    earlier = decode(row[0], Landed)
    new = joined(earlier.history, deal.history, to_ms(pull.started))
    return msgspec.structs.replace(deal, history={**earlier.history, **new}, whole=earlier.whole)


def _row(
    pull: Pull, kind: str, record: Landed | Merged, *, live: bool = False
) -> tuple[int, str, str, bool, int, bytes]:
    body = encode(record)
    return pull.id, kind, storable(record.id), live, digest(body), body
