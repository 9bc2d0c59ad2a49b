"""The accounts a database holds, each name tied to one account of a CRM for good."""

from datetime import datetime

from sqlite_utils import Database

from connector.errors import WrongAccount
from connector.model import Remote
from connector.store.database import writing
from connector.store.encoding import storable


def remember(db: Database, name: str, remote: Remote) -> int:
    """The key of an account, whose name stands for this one account of a CRM from now on.

    Raises `WrongAccount` when the name stood for another, because their deals would mix.
    """
    seen = storable(remote)
    with writing(db):
        _refuse_other(db, name, seen)
        row = db.execute(
            "INSERT INTO accounts (name, crm, remote, remote_name, kind, time_zone, currency)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " remote_name = excluded.remote_name, kind = excluded.kind,"
            " time_zone = excluded.time_zone, currency = excluded.currency RETURNING id",
            (name, seen.crm, seen.id, seen.name, seen.kind, seen.time_zone, seen.currency),
        ).fetchone()
    return int(row[0])


def find(db: Database, name: str) -> int | None:
    """The key of a remembered account."""
    row = db.execute("SELECT id FROM accounts WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def remote(db: Database, account: int, now: datetime) -> Remote:
    """The account as the CRM last described it, told as of an instant of the CRM's clock."""
    crm, remote_id, name, kind, zone, currency = db.execute(
        "SELECT crm, remote, remote_name, kind, time_zone, currency FROM accounts WHERE id = ?",
        (account,),
    ).fetchone()
    return Remote(crm, remote_id, name, kind, zone, currency, now)


def _refuse_other(db: Database, name: str, remote: Remote) -> None:
    row = db.execute("SELECT crm, remote FROM accounts WHERE name = ?", (name,)).fetchone()
    if row is not None and tuple(row) != (remote.crm, remote.id):
        raise WrongAccount(
            f"{name}: this name stands for {row[0]} account {row[1]} in the database, but the key"
            f" opens {remote.crm} account {remote.id}. Use the right key, or give the other account"
            " a name of its own in config.toml."
        )
