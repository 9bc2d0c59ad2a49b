"""Pull: read an account into the database, all of it or what changed."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlite_utils import Database

from connector.config import Account
from connector.errors import WrongAccount
from connector.jobs.trails import read_trails
from connector.model import Crm, Field, Page, Remote, Unread
from connector.store import accounts, landing, promotion
from connector.store.landing import Pull
from connector.store.pipelines import trails_due
from connector.store.promotion import Promoted


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull did; `seconds` are of this run, also where it went on from an earlier one.

    `faults` say which audit trails and owners could not be read, and why.
    """

    account: str
    remote: Remote
    pull: Pull
    promoted: Promoted
    seconds: float
    faults: tuple[str, ...] = ()


def pull(
    account: Account,
    crm: Crm,
    db: Database,
    *,
    full: bool = False,
    landed: Callable[[int], None] = lambda deals: None,
) -> Pulled:
    """Read an account and promote what was read, or leave the database as it was.

    `landed` hears of each page how many deals it had. Pages that landed before a failure are kept,
    so that the next pull within the hour goes on behind them.
    """
    began = time.monotonic()
    remote = identify(account, crm)
    fields = (*Field.ALWAYS, *account.fields)
    run = landing.begin(
        db, accounts.remember(db, account.name, remote), remote.now, fields, full=full
    )
    pipelines, owners = crm.pipelines(), crm.owners()
    due = trails_due(db, run.account, pipelines) if run.since else pipelines
    trails = read_trails(crm, due)
    for page in _left_to_read(crm, run):
        landing.land(db, run, page)
        landed(len(page.deals))
    landing.refuse_unreadable(db, run)
    seconds = time.monotonic() - began
    finished = remote.now + timedelta(seconds=seconds)
    promoted = promotion.promote(db, run, pipelines, owners.known, finished, trails.read)
    faults = (*trails.faults, *map(_not_read, owners.unread))
    return Pulled(account.name, remote, run, promoted, seconds, faults)


def _left_to_read(crm: Crm, run: Pull) -> Iterable[Page]:
    """The pages that have not landed yet; none where the last one has."""
    return () if run.landed else crm.deals(run.since, run.bookmark)


def _not_read(owner: Unread) -> str:
    return f"owner {owner.record} was not read: {owner.reason}"


def identify(account: Account, crm: Crm) -> Remote:
    """The account behind the key, refused where config.toml names another."""
    remote = crm.account()
    if account.account_id not in (None, remote.id):
        raise WrongAccount(
            f"{account.name}: config.toml says account {account.account_id}, but the key opens"
            f" {remote.id} ({remote.name}). Use the right key, or correct account_id."
        )
    return remote
