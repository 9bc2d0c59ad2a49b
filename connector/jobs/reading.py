"""The pipelines of an account, read live or as the last pull left them."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from connector.config import Account
from connector.crm.can import CAN
from connector.errors import NotFound
from connector.jobs.pull import identify
from connector.model import Capability, Crm, Pipeline, Process, Remote
from connector.reconcile.comparison import compare
from connector.reconcile.drift import Drift
from connector.store import accounts, history


@dataclass(frozen=True, slots=True)
class Reading:
    """The pipelines of an account as they stood at an instant of the CRM's clock.

    `can` is what the account's CRM lets us write; `stored` says that a pull read them earlier.
    """

    account: str
    remote: Remote
    pipelines: tuple[Pipeline, ...]
    can: frozenset[Capability]
    at: datetime
    stored: bool = False

    def drift(self, processes: tuple[Process, ...]) -> tuple[Drift, ...]:
        """How the pipelines differ from the processes bound to them."""
        return compare(processes, self.account, self.pipelines)


def read_live(account: Account, crm: Crm) -> Reading:
    """Read the pipelines from the CRM."""
    remote = identify(account, crm)
    return Reading(account.name, remote, crm.pipelines(), crm.can, remote.now)


def read_stored(account: Account, db: Database) -> Reading:
    """The pipelines as the last pull saw them."""
    stored = stored_account(account, db)
    pipelines = history.pipelines_now(db, stored.id)
    return Reading(account.name, stored.remote, pipelines, CAN[account.crm], stored.pulled, True)


@dataclass(frozen=True, slots=True)
class Stored:
    """An account as the database knows it, and the CRM's clock when it was last pulled."""

    id: int
    remote: Remote
    pulled: datetime


def stored_account(account: Account, db: Database) -> Stored:
    """The account in the database; raises `NotFound` where it was never pulled."""
    key = accounts.find(db, account.name)
    last = history.last_pull(db, key) if key is not None else None
    if key is None or last is None:
        raise NotFound(f"{account.name} was never pulled. Run: connector pull")
    return Stored(key, accounts.remote(db, key, last.finished), last.finished)
