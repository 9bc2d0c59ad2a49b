"""Pulls as they begin: resumed or new, of what changed or of everything."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlite_utils import Database

from connector.store.database import writing
from connector.store.encoding import decode, encode
from connector.store.instants import from_ms, optional_instant, optional_ms, to_ms

RESUMABLE = timedelta(hours=1)
# A quota is used up for the rest of a day; what was read until then is not read again.
RESUMABLE_WHEN_HELD = timedelta(days=1)

# A verification is due this much early, since a nightly job never starts at the same second.
SLACK = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Pull:
    """One read of an account under way.

    `since` None reads everything, and `verifies` is then the instant from which on earlier pulls
    should have seen what it finds. `horizon` is the earlier of the CRM's and this machine's clock
    at the start, so that no clock that is ahead lets the next pull miss a change. `leg` and
    `bookmark` say where it goes on.
    """

    id: int
    account: int
    started: datetime
    since: datetime | None
    horizon: datetime
    verifies: datetime | None = None
    leg: str | None = None
    bookmark: str | None = None
    resumed: bool = False
    pages: int = 0
    deals: int = 0


def begin(
    db: Database,
    account: int,
    started: datetime,
    fields: tuple[str, ...],
    *,
    full: bool = False,
    here: datetime | None = None,
    verify_days: int = 7,
) -> Pull:
    """The unfinished pull of the same fields begun within the hour, or else a new one.

    `started` is the CRM's clock and `here` this machine's. A pull is full when `full` says so, when
    none was completed before, when a field is tracked that the last complete one did not track, and
    when what changed is due to be verified: after so many days, after one where the CRM's count of
    deals is not what was found, and at once where a night left a difference it cannot explain.
    """
    with writing(db):
        pull = _unfinished(db, account)
        if pull is not None and _can_go_on(db, pull, started, fields, full):
            db.execute("UPDATE pulls SET held = 0 WHERE id = ?", (pull.id,))
            return pull
        if pull is not None:
            _abandon(db, pull)
        since, verifies = _reach(db, account, started, fields, full, timedelta(days=verify_days))
        horizon = min(started, here or started)
        return _new(db, account, started, fields, since, horizon, verifies)


def hold(db: Database, pull: Pull) -> None:
    """Keep what landed of a pull for a day, because the CRM answers no more until then."""
    with writing(db):
        db.execute("UPDATE pulls SET held = 1 WHERE id = ? AND state = 'open'", (pull.id,))


def give_up(db: Database, pull: Pull) -> None:
    """Forget a pull and all that landed of it."""
    with writing(db):
        _abandon(db, pull)


def count_trusted(db: Database, pull: Pull) -> bool:
    """Whether the CRM's count of deals was what the last read of everything found."""
    last_full = _last(db, pull.account, full=True)
    return last_full is not None and last_full.agreed


def _unfinished(db: Database, account: int) -> Pull | None:
    row = db.execute(
        "SELECT id, started, since, horizon, verifies, leg, bookmark, pages,"
        " (SELECT COUNT(*) FROM landing WHERE pull = pulls.id AND kind = 'deal')"
        " FROM pulls WHERE account = ? AND state = 'open'",
        (account,),
    ).fetchone()
    if row is None:
        return None
    key, started, since, horizon, verifies, leg, bookmark, pages, deals = row
    return Pull(
        key,
        account,
        from_ms(started),
        optional_instant(since),
        from_ms(horizon),
        optional_instant(verifies),
        leg,
        bookmark,
        resumed=True,
        pages=pages,
        deals=deals,
    )


def _can_go_on(
    db: Database, pull: Pull, started: datetime, fields: tuple[str, ...], full: bool
) -> bool:
    held = db.execute("SELECT held FROM pulls WHERE id = ?", (pull.id,)).fetchone()[0]
    young_for = RESUMABLE_WHEN_HELD if held else RESUMABLE
    young = timedelta(0) <= started - pull.started < young_for
    wide_enough = pull.since is None or not full
    return young and wide_enough and _fields(db, pull.id) == frozenset(fields)


def _abandon(db: Database, pull: Pull) -> None:
    db.execute("DELETE FROM landing WHERE pull = ?", (pull.id,))
    db.execute("DELETE FROM quarantine WHERE pull = ?", (pull.id,))
    db.execute("UPDATE pulls SET state = 'abandoned' WHERE id = ?", (pull.id,))


def _fields(db: Database, pull: int) -> frozenset[str]:
    row = db.execute("SELECT fields FROM pulls WHERE id = ?", (pull,)).fetchone()
    return decode(row[0], frozenset[str])


class _Complete(NamedTuple):
    """A pull that can be built on; whether the CRM's count agreed with what it left live."""

    id: int
    started: datetime
    watermark: datetime
    full: bool
    agreed: bool


def _reach(
    db: Database,
    account: int,
    started: datetime,
    fields: tuple[str, ...],
    full: bool,
    patience: timedelta,
) -> tuple[datetime | None, datetime | None]:
    """Since when to read, None for everything, and what a read of everything verifies."""
    last = _last(db, account)
    if last is None or not _fields(db, last.id).issuperset(fields):
        return None, None
    if full or _verification_due(last, _last(db, account, full=True), started, patience):
        return None, last.watermark
    return last.watermark, None


def _verification_due(
    last: _Complete, last_full: _Complete | None, started: datetime, patience: timedelta
) -> bool:
    if last_full is None or (last_full.agreed and not last.agreed):
        return True
    wait = patience if last_full.agreed else min(patience, timedelta(days=1))
    return not timedelta(0) <= started - last_full.started < wait - SLACK


def _last(db: Database, account: int, *, full: bool = False) -> _Complete | None:
    row = db.execute(
        "SELECT id, started, watermark, since IS NULL, counted IS NULL OR counted = live FROM pulls"
        " WHERE account = ? AND state = 'complete' AND NOT suspect AND (NOT ? OR since IS NULL)"
        " ORDER BY id DESC LIMIT 1",
        (account, full),
    ).fetchone()
    if row is None:
        return None
    key, started, watermark, whole, agreed = row
    return _Complete(key, from_ms(started), from_ms(watermark), bool(whole), bool(agreed))


def _new(
    db: Database,
    account: int,
    started: datetime,
    fields: tuple[str, ...],
    since: datetime | None,
    horizon: datetime,
    verifies: datetime | None,
) -> Pull:
    row = db.execute(
        "INSERT INTO pulls (account, started, since, horizon, verifies, fields)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (
            account,
            to_ms(started),
            optional_ms(since),
            to_ms(horizon),
            optional_ms(verifies),
            encode(sorted(fields)).decode(),
        ),
    ).fetchone()
    # As it will come back from the database, to the millisecond.
    started, horizon = from_ms(to_ms(started)), from_ms(to_ms(horizon))
    return Pull(int(row[0]), account, started, since, horizon, verifies)
