"""Deals as rows: a read of one is merged with what was known, and only differences are written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from connector.model import Change, Deal, Field, Merged
from connector.store.instants import optional_ms, to_ms
from connector.store.keys import AccountKeys
from connector.store.merge import Known, merge
from connector.store.visits import visits

History = Mapping[str, tuple[Known, ...]]
Place = tuple[int, int, int, int]

_SELECT = """
    SELECT id, name, created_at, modified_at, stage, pipeline, owner, amount, home_amount, currency,
           close_date, gone_at, gone_how, merged_into
    FROM deals WHERE account = ? AND remote = ?
"""
_INSERT = """
    INSERT INTO deals (
        name, created_at, modified_at, stage, pipeline, owner, amount, home_amount, currency,
        close_date, gone_at, gone_how, merged_into, digest, account, remote
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_UPDATE = """
    UPDATE deals SET
        name = ?, created_at = ?, modified_at = ?, stage = ?, pipeline = ?, owner = ?, amount = ?,
        home_amount = ?, currency = ?, close_date = ?, gone_at = ?, gone_how = ?, merged_into = ?,
        digest = ?
    WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class Written:
    """What a read of one deal brought."""

    new: bool = False
    changed: bool = False
    changes: int = 0


def write(db: Database, keys: AccountKeys, deal: Deal, digest: int) -> Written:
    """Merge one read of a deal into what is known of it; nothing is written where it tells nothing.

    `digest` is that of the read, so that the same one is recognised without being merged.
    """
    row = db.execute(_SELECT, (keys.account, deal.id)).fetchone()
    before = {} if row is None else _history(db, row[0])
    after = _merged(before, deal.changes)
    values = _values(keys, deal, after, row and row[-3:])
    if row is None:
        key = int(db.execute(_INSERT, (*values, digest, keys.account, deal.id)).lastrowid or 0)
    else:
        key = row[0]
        if values == row[1:] and after == before:
            return Written()
        db.execute(_UPDATE, (*values, digest, key))
    changes = _rewrite_changes(db, keys, key, before, after)
    _rewrite_visits(db, keys, key, after, gone_at=values[-3])
    return Written(new=row is None, changed=row is not None, changes=changes)


def mark_merged(db: Database, keys: AccountKeys, merged: Merged) -> bool:
    """End a deal that went up in another one; whether that was news.

    A deal that was never read has no history to end.
    """
    row = db.execute(_SELECT, (keys.account, merged.id)).fetchone()
    gone = (to_ms(merged.at), "merged", merged.into)
    if row is None or row[-3:] == gone:
        return False
    # Without a digest, a later read of the deal is never taken for unchanged.
    db.execute(
        "UPDATE deals SET gone_at = ?, gone_how = ?, merged_into = ?, digest = NULL WHERE id = ?",
        (*gone, row[0]),
    )
    _rewrite_visits(db, keys, row[0], _history(db, row[0]), gone_at=gone[0])
    return True


def _history(db: Database, key: int) -> dict[str, tuple[Known, ...]]:
    rows = db.execute(
        "SELECT f.remote, c.at, c.value, c.not_before, c.changed_by FROM changes c"
        " JOIN fields f ON f.id = c.field WHERE c.deal = ? ORDER BY c.field, c.at, c.tie",
        (key,),
    )
    return _by_field((row[0], Known(*row[1:])) for row in rows)


def _by_field(changes: Iterable[tuple[str, Known]]) -> dict[str, tuple[Known, ...]]:
    fields: dict[str, list[Known]] = {}
    for field, known in changes:
        fields.setdefault(field, []).append(known)
    return {field: tuple(history) for field, history in fields.items()}


def _known(change: Change) -> Known:
    return Known(to_ms(change.at), change.value, optional_ms(change.not_before), change.by)


def _merged(before: History, changes: Iterable[Change]) -> dict[str, tuple[Known, ...]]:
    read = _by_field((change.field, _known(change)) for change in changes)
    return {
        field: merge(before.get(field, ()), read.get(field, ())) for field in {**before, **read}
    }


def _values(
    keys: AccountKeys, deal: Deal, history: History, gone: tuple[Any, ...] | None
) -> tuple[Any, ...]:
    """The columns of a deal; the last change of each field is its current value."""
    now = {field: changes[-1].value for field, changes in history.items() if changes}
    return (
        deal.name,
        to_ms(deal.created_at),
        to_ms(deal.modified_at),
        keys.stages.optional(now.get(Field.STAGE)),
        keys.pipelines.optional(now.get(Field.PIPELINE)),
        keys.owners.optional(now.get(Field.OWNER)),
        now.get(Field.AMOUNT),
        deal.home_amount,
        deal.currency,
        now.get(Field.CLOSE_DATE),
        *_gone(deal, gone),
    )


def _gone(deal: Deal, known: tuple[Any, ...] | None) -> tuple[Any, ...]:
    if deal.archived_at is None:
        return None, None, None
    # The CRM lists merged deals as archived too, and the merge tells more.
    if known is not None and known[1] == "merged":
        return known
    return to_ms(deal.archived_at), "archived", None


def _rewrite_changes(
    db: Database, keys: AccountKeys, key: int, before: History, after: History
) -> int:
    old, new = _rows(keys, key, before), _rows(keys, key, after)
    stale = [place for place, row in old.items() if new.get(place) != row]
    fresh = [(*place, *row) for place, row in new.items() if old.get(place) != row]
    db.conn.executemany(
        "DELETE FROM changes WHERE deal = ? AND field = ? AND at = ? AND tie = ?", stale
    )
    db.conn.executemany("INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)", fresh)
    return len(fresh)


def _rows(
    keys: AccountKeys, key: int, history: History
) -> dict[Place, tuple[str | int | None, ...]]:
    rows: dict[Place, tuple[str | int | None, ...]] = {}
    for field, changes in history.items():
        ties = (tie for _, group in groupby(changes, lambda c: c.at) for tie, _ in enumerate(group))
        for tie, known in zip(ties, changes, strict=True):
            place = (key, keys.fields[field], known.at, tie)
            rows[place] = (known.value, known.not_before, known.by)
    return rows


def _rewrite_visits(
    db: Database, keys: AccountKeys, key: int, history: History, gone_at: int | None
) -> None:
    db.execute("DELETE FROM visits WHERE deal = ?", (key,))
    db.conn.executemany(
        "INSERT INTO visits VALUES (?, ?, ?, ?, ?, ?)",
        [
            (key, number, keys.stages.optional(visit.stage), *visit[1:])
            for number, visit in enumerate(visits(history.get(Field.STAGE, ()), gone_at))
        ],
    )
