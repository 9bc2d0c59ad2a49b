"""Which deals a pull saw, beside those that were known before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from connector.model import UNKNOWN
from connector.store.encoding import storable
from connector.store.instants import to_ms
from connector.store.pulls import Pull

# A deal that could not be read is there all the same.
LIVE = (
    "SELECT remote FROM deals WHERE account = :account AND gone_at IS NULL"
    " UNION SELECT remote FROM unread_deals WHERE account = :account"
)
_LANDED = "SELECT remote FROM landing WHERE pull = :pull"
_SEEN_LIVE = "SELECT remote FROM landing WHERE pull = :pull AND kind = 'deal' AND live"
_SEEN_GONE = (
    "SELECT remote FROM landing WHERE pull = :pull"
    " AND (kind = 'deal' AND NOT live OR kind IN ('merged', 'missing'))"
)
_UNREADABLE = (
    f"SELECT record FROM quarantine WHERE pull = :pull AND field = '' AND record <> '{UNKNOWN}'"
)


@dataclass(frozen=True, slots=True)
class Census:
    """How many live deals were known before a pull, will be after it, and were seen by it."""

    before: int
    after: int
    seen: int


def census(db: Database, pull: Pull) -> Census:
    """The live deals of an account as a pull that has not been promoted yet finds them."""
    return Census(
        before=_count(db, pull, LIVE),
        after=_count(
            db, pull, f"{LIVE} UNION {_SEEN_LIVE} UNION {_UNREADABLE} EXCEPT {_SEEN_GONE}"
        ),
        seen=_count(db, pull, f"{_SEEN_LIVE} EXCEPT {_SEEN_GONE} UNION {_UNREADABLE}"),
    )


def on_record(db: Database, account: int, modified: Mapping[str, datetime]) -> frozenset[str]:
    """Which of these live deals were read when they had been modified last at that instant."""
    asked = {storable(deal): to_ms(at) for deal, at in modified.items()}
    marks = ", ".join("?" * len(asked))
    rows = db.execute(
        "SELECT remote, modified_at FROM deals WHERE account = ? AND gone_at IS NULL"
        f" AND remote IN ({marks})",
        (account, *asked),
    )
    return frozenset(remote for remote, at in rows if asked[remote] == at)


def unseen(db: Database, pull: Pull) -> tuple[str, ...]:
    """The live deals of which a read of everything found no trace, unread ones among them."""
    return _ids(db, pull, f"{LIVE} EXCEPT {_LANDED} EXCEPT {_UNREADABLE} ORDER BY 1")


def unread_before(db: Database, pull: Pull) -> tuple[str, ...]:
    """The deals an earlier pull could not read, and this one has not read yet."""
    remembered = "SELECT remote FROM unread_deals WHERE account = :account"
    return _ids(db, pull, f"{remembered} EXCEPT {_LANDED} EXCEPT {_UNREADABLE} ORDER BY 1")


def named_owners(db: Database, pull: Pull) -> set[str]:
    """The owners whose names are known."""
    named = "SELECT remote FROM owners WHERE account = :account AND name <> ''"
    return set(_ids(db, pull, named))


def _ids(db: Database, pull: Pull, query: str) -> tuple[str, ...]:
    return tuple(remote for (remote,) in db.execute(query, _values(pull)))


def _count(db: Database, pull: Pull, query: str) -> int:
    return int(db.execute(f"SELECT COUNT(*) FROM ({query})", _values(pull)).fetchone()[0])


def _values(pull: Pull) -> dict[str, int]:
    return {"account": pull.account, "pull": pull.id}
