"""Deals as rows: reading what is known of one, and writing what differs."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from sqlite_utils import Database

from connector.model import Field
from connector.store.keys import AccountKeys
from connector.store.merge import Known
from connector.store.visits import Visit, visits

History = Mapping[str, tuple[Known, ...]]
Place = tuple[int, int, int, int]


class Gone(NamedTuple):
    """When and how a deal ended; all None while it lives."""

    at: int | None = None
    how: str | None = None
    into: str | None = None


class Columns(NamedTuple):
    """What a deal's row says of it, ids as integer keys, in the order it is written."""

    name: str
    created_at: int
    modified_at: int
    stage: int | None
    pipeline: int | None
    owner: int | None
    amount: str | None
    home_amount: str | None
    currency: str
    close_date: str | None


class Stored(NamedTuple):
    """A deal as the database holds it, its history by field."""

    columns: Columns
    gone: Gone
    history: History

    def visits(self) -> tuple[Visit, ...]:
        """The deal's stays in its stages."""
        return visits(self.history.get(Field.STAGE, ()), self.gone.at)


def find(db: Database, account: int, remote: str) -> tuple[int, Stored] | None:
    """The key of a deal and what is known of it."""
    row = db.execute(
        "SELECT id, gone_at, gone_how, merged_into, name, created_at, modified_at, stage, pipeline,"
        " owner, amount, home_amount, currency, close_date"
        " FROM deals WHERE account = ? AND remote = ?",
        (account, remote),
    ).fetchone()
    if row is None:
        return None
    return row[0], Stored(Columns(*row[4:]), Gone(*row[1:4]), _history(db, row[0]))


def add(db: Database, keys: AccountKeys, remote: str, deal: Stored, digest: int) -> int:
    """Write a deal that was not known; how many changes it brought."""
    key = db.execute(
        "INSERT INTO deals (name, created_at, modified_at, stage, pipeline, owner, amount,"
        " home_amount, currency, close_date, gone_at, gone_how, merged_into, digest, account,"
        " remote) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*deal.columns, *deal.gone, digest, keys.account, remote),
    ).lastrowid
    _write_visits(db, keys, int(key or 0), deal)
    return _write_changes(db, keys, int(key or 0), {}, deal.history)


def update(
    db: Database, keys: AccountKeys, key: int, before: Stored, after: Stored, digest: int | None
) -> int:
    """Write what differs; how many changes were added.

    A deal without a digest is never taken for unchanged by the next pull that reads it.
    """
    db.execute(
        "UPDATE deals SET name = ?, created_at = ?, modified_at = ?, stage = ?, pipeline = ?,"
        " owner = ?, amount = ?, home_amount = ?, currency = ?, close_date = ?, gone_at = ?,"
        " gone_how = ?, merged_into = ?, digest = ? WHERE id = ?",
        (*after.columns, *after.gone, digest, key),
    )
    if before.visits() != after.visits():
        db.execute("DELETE FROM visits WHERE deal = ?", (key,))
        _write_visits(db, keys, key, after)
    return _write_changes(db, keys, key, before.history, after.history)


def by_field(changes: Iterable[tuple[str, Known]]) -> dict[str, tuple[Known, ...]]:
    """Changes, each with the name of its field, as one history per field."""
    fields: dict[str, list[Known]] = {}
    for field, known in changes:
        fields.setdefault(field, []).append(known)
    return {field: tuple(history) for field, history in fields.items()}


def _history(db: Database, key: int) -> dict[str, tuple[Known, ...]]:
    rows = db.execute(
        "SELECT f.remote, c.at, c.value, c.not_before, c.changed_by FROM changes c"
        " JOIN fields f ON f.id = c.field WHERE c.deal = ? ORDER BY c.field, c.at, c.tie",
        (key,),
    )
    return by_field((field, Known(*known)) for field, *known in rows)


def _write_visits(db: Database, keys: AccountKeys, key: int, deal: Stored) -> None:
    db.conn.executemany(
        "INSERT INTO visits (deal, number, stage, entered_at, left_at, cut)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (key, number, keys.stages.optional(stage), *stay)
            for number, (stage, *stay) in enumerate(deal.visits())
        ],
    )


def _write_changes(
    db: Database, keys: AccountKeys, key: int, before: History, after: History
) -> int:
    old, new = _placed(keys, key, before), _placed(keys, key, after)
    stale = [place for place, known in old.items() if new.get(place) != known]
    fresh = [(place, known) for place, known in new.items() if old.get(place) != known]
    db.conn.executemany(
        "DELETE FROM changes WHERE deal = ? AND field = ? AND at = ? AND tie = ?", stale
    )
    db.conn.executemany(
        "INSERT INTO changes (deal, field, at, tie, value, not_before, changed_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(*place, known.value, known.not_before, known.by) for place, known in fresh],
    )
    return len(fresh)


def _placed(keys: AccountKeys, key: int, history: History) -> dict[Place, Known]:
    """Every change under its primary key; changes of one instant are numbered in their order."""
    return {
        (key, keys.fields[field], at, tie): known
        for field, changes in history.items()
        for at, ties in groupby(changes, lambda known: known.at)
        for tie, known in enumerate(ties)
    }
