"""The accounts a database holds, each tied to one account of a CRM for good."""

from sqlite_utils import Database

from connector.errors import WrongAccount
from connector.model import Remote
from connector.store.database import writing
from connector.store.records import storable


def remember(db: Database, name: str, crm: str, remote: Remote) -> int:
    """The key of an account, which stands for one account of one CRM from now on.

    Raises `WrongAccount` when the name stood for another, because their deals would mix.
    """
    remote = storable(remote)
    with writing(db):
        _refuse_other(db, name, crm, remote)
        row = db.execute(
            "INSERT INTO accounts (name, crm, remote, remote_name, kind, time_zone, currency)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " remote_name = excluded.remote_name, kind = excluded.kind,"
            " time_zone = excluded.time_zone, currency = excluded.currency RETURNING id",
            (name, crm, remote.id, remote.name, remote.kind, remote.time_zone, remote.currency),
        ).fetchone()
    return int(row[0])


def find(db: Database, name: str) -> int | None:
    """The key of a remembered account."""
    row = db.execute("SELECT id FROM accounts WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def _refuse_other(db: Database, name: str, crm: str, remote: Remote) -> None:
    known = db.execute("SELECT crm, remote FROM accounts WHERE name = ?", (name,)).fetchone()
    if known is not None and tuple(known) != (crm, remote.id):
        raise WrongAccount(
            f"{name}: this name stands for {known[0]} account {known[1]} in the database, but the"
            f" key opens {crm} account {remote.id}; use the right key, or give the other account"
            " a name of its own in config.toml"
        )
