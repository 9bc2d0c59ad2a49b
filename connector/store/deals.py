"""Deals as rows: reading what is known of one, and writing what differs."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from sqlite_utils import Database

from connector.model import Field
from connector.store.keys import AccountKeys
from connector.store.merge import Gap, Known
from connector.store.visits import Visit, visits

History = Mapping[str, tuple[Known, ...]]
# Rows a statement inserts; it takes two thirds of the time of one statement a row.
AT_ONCE = 100

# Deal, field, at, tie, value, not before, by.
ChangeRow = tuple[int, int, int, int, str | None, int | None, str | None]


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


class New(NamedTuple):
    """A deal that was not known, under its id in the CRM."""

    remote: str
    deal: Stored
    digest: int


def find(db: Database, account: int, remote: str) -> tuple[int, Stored] | None:
    """The key of a deal and what is known of it."""
    row = db.execute(
        "SELECT id FROM deals WHERE account = ? AND remote = ?", (account, remote)
    ).fetchone()
    return None if row is None else (row[0], stored(db, row[0]))


def stored(db: Database, key: int) -> Stored:
    """What is known of the deal with a key."""
    row = db.execute(
        "SELECT gone_at, gone_how, merged_into, name, created_at, modified_at, stage, pipeline,"
        " owner, amount, home_amount, currency, close_date FROM deals WHERE id = ?",
        (key,),
    ).fetchone()
    return Stored(Columns(*row[3:]), Gone(*row[:3]), _history(db, key))


def add(db: Database, keys: AccountKeys, new: Sequence[New]) -> list[int]:
    """Write deals that were not known; how many changes each of them brought."""
    first = db.execute("SELECT IFNULL(MAX(id), 0) + 1 FROM deals").fetchone()[0]
    rows = list(enumerate(new, first))
    db.conn.executemany(
        "INSERT INTO deals (name, created_at, modified_at, stage, pipeline, owner, amount,"
        " home_amount, currency, close_date, gone_at, gone_how, merged_into, id, digest, account,"
        " remote) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*d.columns, *d.gone, key, digest, keys.account, remote)
            for key, (remote, d, digest) in rows
        ],
    )
    _insert_visits(db, [row for key, each in rows for row in _visit_rows(keys, key, each.deal)])
    changes = [_change_rows(keys, key, each.deal.history) for key, each in rows]
    _insert_changes(db, (row for each in changes for row in each))
    return [len(each) for each in changes]


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
        _insert_visits(db, _visit_rows(keys, key, after))
    return _write_changes(db, keys, key, before.history, after.history)


def _history(db: Database, key: int) -> dict[str, tuple[Known, ...]]:
    rows = db.execute(
        "SELECT f.remote, c.at, c.value, c.not_before, c.changed_by FROM changes c"
        " JOIN fields f ON f.id = c.field WHERE c.deal = ? ORDER BY c.field, c.at, c.tie",
        (key,),
    )
    fields: dict[str, list[Known]] = {}
    for field, *known in rows:
        fields.setdefault(field, []).append(Known(*known))
    return {field: tuple(history) for field, history in fields.items()}


def note_gaps(db: Database, keys: AccountKeys, key: int, gaps: Mapping[str, Gap]) -> int:
    """Keep the gaps in a deal's history by field; how many are new."""
    rows = [(key, keys.fields[field], *each) for field, each in gaps.items()]
    return int(db.conn.executemany("INSERT OR IGNORE INTO gaps VALUES (?, ?, ?, ?)", rows).rowcount)


def _visit_rows(keys: AccountKeys, key: int, deal: Stored) -> list[tuple[int | None, ...]]:
    return [
        (key, number, keys.stages.optional(stage), *stay)
        for number, (stage, *stay) in enumerate(deal.visits())
    ]


def _insert_visits(db: Database, rows: Iterable[tuple[int | None, ...]]) -> None:
    _insert(db, "visits (deal, number, stage, entered_at, left_at, cut)", list(rows))


def _write_changes(
    db: Database, keys: AccountKeys, key: int, before: History, after: History
) -> int:
    old, new = _change_rows(keys, key, before), _change_rows(keys, key, after)
    kept = set(old) & set(new)
    db.conn.executemany(
        "DELETE FROM changes WHERE deal = ? AND field = ? AND at = ? AND tie = ?",
        [row[:4] for row in old if row not in kept],
    )
    fresh = [row for row in new if row not in kept]
    _insert_changes(db, fresh)
    return len(fresh)


def _insert_changes(db: Database, rows: Iterable[ChangeRow]) -> None:
    _insert(db, "changes (deal, field, at, tie, value, not_before, changed_by)", list(rows))


def _insert(db: Database, into: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert many rows with few statements; `into` is a table of our own with its columns."""
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        row = f"({', '.join('?' * len(some[0]))})"
        values = f"VALUES {', '.join([row] * len(some))}"
        db.conn.execute(f"INSERT INTO {into} {values}", list(chain.from_iterable(some)))


def _change_rows(keys: AccountKeys, key: int, history: History) -> list[ChangeRow]:
    """Every change as its row; changes of one instant are numbered in their order."""
    rows: list[ChangeRow] = []
    for field, changes in history.items():
        field_key, last, tie = keys.fields[field], None, 0
        for known in changes:
            at = known.at
            tie = tie + 1 if at == last else 0
            rows.append((key, field_key, at, tie, known.value, known.not_before, known.by))
            last = at
    return rows
