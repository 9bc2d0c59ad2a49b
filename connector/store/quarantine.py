"""What made no sense: kept for a person to look at, and deals asked for again by every pull."""

from collections.abc import Iterable

from sqlite_utils import Database

from connector.model import UNKNOWN, Unread
from connector.store.encoding import storable
from connector.store.pulls import Pull


def set_aside(db: Database, pull: Pull, unread: Iterable[Unread]) -> None:
    """Keep what made no sense, inside a transaction, for a person to look at."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO quarantine (pull, record, field, reason, raw)"
        " VALUES (?, ?, ?, ?, ?)",
        [_set_aside(pull, each) for each in unread],
    )


def commonest_reason(db: Database, pull: Pull) -> str:
    """Why most of the deals were set aside that a pull could not read."""
    row = db.execute(
        "SELECT reason FROM quarantine WHERE pull = ? AND field = ''"
        " GROUP BY reason ORDER BY COUNT(*) DESC, reason LIMIT 1",
        (pull.id,),
    ).fetchone()
    return str(row[0]).rstrip(".")


def remember_unread(db: Database, pull: Pull) -> None:
    """Note which deals are to be read again by id, and forget what this pull has found out."""
    values = {"pull": pull.id, "account": pull.account}
    db.execute(
        "INSERT OR IGNORE INTO unread_deals SELECT :account, record FROM quarantine"
        " WHERE pull = :pull AND field = '' AND record <> :unknown",
        {**values, "unknown": UNKNOWN},
    )
    db.execute(
        "DELETE FROM unread_deals WHERE account = :account"
        " AND remote IN (SELECT remote FROM landing WHERE pull = :pull)",
        values,
    )
    db.execute(
        "DELETE FROM quarantine WHERE pull IN"
        " (SELECT id FROM pulls WHERE account = :account AND id <> :pull)"
        " AND record IN (SELECT remote FROM landing WHERE pull = :pull"
        " UNION SELECT record FROM quarantine WHERE pull = :pull)",
        values,
    )


def _set_aside(pull: Pull, unread: Unread) -> tuple[int, str, str, str, str]:
    kept = storable(unread)
    return pull.id, kept.record, kept.field or "", kept.reason, kept.raw
