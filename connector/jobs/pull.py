"""Pull: read an account into the database, all of it or what changed.

A read of everything lists active deals, then archived ones, then what was modified since it began.
A night reads what was modified, and more only where that leaves a question: the archived listing
where the CRM counts fewer deals than there should be, former owners where a deal names an unknown
one, an audit trail where its pipeline moved.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database

from connector.config import Account
from connector.errors import ConnectorError, NotAuthorised, QuotaUsedUp, SuspectPull, WrongAccount
from connector.jobs.doubts import doubts_of, how_else, why_suspect
from connector.jobs.legs import Reading, begun
from connector.jobs.surroundings import Surroundings, beside
from connector.jobs.trails import Trails
from connector.model import Crm, Field, Owners, Page, Pipeline, Remote, Unread
from connector.store import accounts, census, landing, promotion, pulls
from connector.store.promotion import Promoted
from connector.store.pulls import Pull


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull did; `seconds` are of this run, also where it went on from an earlier one.

    `faults` say which audit trails and owners could not be read, and why. `counted` is how many
    live deals the CRM says it has, None where it does not say. `doubts` say
    what of it may be otherwise: deals that count as gone, times in stage the CRM tells otherwise.
    """

    account: str
    remote: Remote
    pull: Pull
    promoted: Promoted
    seconds: float
    faults: tuple[str, ...] = ()
    counted: int | None = None
    doubts: tuple[str, ...] = ()

    @property
    def disagrees(self) -> bool:
        """Whether a read of everything found other deals than the CRM says it has."""
        whole = self.pull.since is None and self.counted is not None
        return whole and self.counted != self.promoted.live


def pull(
    account: Account,
    crm: Crm,
    db: Database,
    *,
    full: bool = False,
    accept_suspect: bool = False,
    landed: Callable[[int], None] = lambda deals: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Pulled:
    """Read an account and promote what was read, or leave the database as it was.

    `landed` hears of each page how many deals it had. Pages that landed before a failure are kept,
    so that the next pull within the hour goes on behind them, or within a day where the quota was
    used up. Raises `SuspectPull` where there are far fewer deals than before: what was read is
    stored then, and nothing taken for gone, unless `accept_suspect` says that it is so.
    """
    began, here = time.monotonic(), now()
    with beside(crm) as threads, landing.repeatable(db):
        ahead = _ahead(account, crm, db, threads)
        remote = _identify_beside(account, crm)
        run = pulls.begin(
            db,
            accounts.remember(db, account.name, remote),
            remote.now,
            (*Field.ALWAYS, *account.fields),
            full=full or accept_suspect,
            here=min(here, remote.now - timedelta(seconds=time.monotonic() - began)),
            verify_days=account.verify_days,
        )
        reading = Reading(crm, db, run, landed, ahead)
        found = _found(crm, db, run, reading, remote, threads, accept_suspect=accept_suspect)
        seconds = time.monotonic() - began
        promoted = promotion.promote(
            db,
            run,
            found.pipelines,
            found.owners.known,
            remote.now + timedelta(seconds=seconds),
            found.trails.read,
            counted=found.count.counted,
            suspect=found.count.suspect is not None,
        )
    if found.count.suspect:
        raise SuspectPull(f"{account.name}: {found.count.suspect}{how_else(account.crm)}")
    doubts = tuple(doubts_of(run, account.crm, crm, db, reading.unfound))
    faults = (*found.trails.faults, *map(_not_read, found.owners.unread))
    return Pulled(account.name, remote, run, promoted, seconds, faults, found.count.counted, doubts)


@dataclass(frozen=True, slots=True)
class _Count:
    """How many live deals the CRM says it has, and why too few were found to be believed.

    `ended` is the account the key opens when all deals were read.
    """

    counted: int | None
    ended: Remote
    suspect: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What a pull read beside the deals, which have landed."""

    count: _Count
    pipelines: tuple[Pipeline, ...]
    trails: Trails
    owners: Owners


def _found(
    crm: Crm,
    db: Database,
    run: Pull,
    reading: Reading,
    begun: Remote,
    threads: ThreadPoolExecutor,
    *,
    accept_suspect: bool,
) -> _Found:
    """Land every deal of the pull, and read the rest meanwhile."""
    try:
        surroundings = Surroundings(crm, run, threads)
        if run.since is None:
            count = _read_everything(crm, db, run, reading, threads, accept=accept_suspect)
        else:
            count = _read_changed(crm, db, run, reading)
        landing.refuse_unreadable(db, run)
        _refuse_other(db, run, begun, count.ended)
        pipelines, trails = surroundings.pipelines(db)
        owners = surroundings.owners(reading.owners - census.named_owners(db, run))
    except QuotaUsedUp:
        pulls.hold(db, run)
        raise
    landing.finish(db, run)
    return _Found(count, pipelines, trails, owners)


def _read_everything(
    crm: Crm,
    db: Database,
    run: Pull,
    reading: Reading,
    threads: ThreadPoolExecutor,
    *,
    accept: bool,
) -> _Count:
    reading.deals()
    reading.archived()
    counting, ending = threads.submit(crm.count), threads.submit(crm.account)
    reading.meanwhile()
    found = census.census(db, run)
    suspect = None if accept else why_suspect(found.before, found.seen)
    if suspect is None:
        reading.unseen(census.unseen(db, run))
    return _Count(counting.result(), ending.result(), suspect)


def _read_changed(crm: Crm, db: Database, run: Pull, reading: Reading) -> _Count:
    reading.deals()
    reading.unread(census.unread_before(db, run))
    counted, known = crm.count(), census.census(db, run).after
    suspect = None
    if counted is not None and counted < known:
        if why_suspect(known, counted) and pulls.count_trusted(db, run):
            suspect = _reread(db, run, reading)
        else:
            reading.archived()
    return _Count(counted, crm.account(), suspect)


def _reread(db: Database, run: Pull, reading: Reading) -> str | None:
    """Read everything in a night whose count collapsed, and why the deals are suspect, or None."""
    reading.everything()
    reading.archived()
    found = census.census(db, run)
    suspect = why_suspect(found.before, found.seen)
    if suspect is None:
        reading.unseen(census.unseen(db, run))
    return suspect


def _not_read(owner: Unread) -> str:
    return f"owner {owner.record} was not read: {owner.reason}"


def _ahead(
    account: Account, crm: Crm, db: Database, threads: ThreadPoolExecutor
) -> Iterator[Page] | None:
    """The deals of an account that was never pulled, already asked for: it will be all of them."""
    never_pulled = accounts.find(db, account.name) is None
    return begun(crm.deals(None), threads) if never_pulled else None


def _identify_beside(account: Account, crm: Crm) -> Remote:
    """The account behind the key; where it is refused, whatever was asked beside it ends."""
    try:
        return identify(account, crm)
    except ConnectorError:
        crm.stop()
        raise


def identify(account: Account, crm: Crm) -> Remote:
    """The account behind the key, refused where config.toml names another."""
    remote = crm.account()
    if account.account_id not in (None, remote.id):
        raise WrongAccount(
            f"{account.name}: config.toml says account {account.account_id}, but the key opens"
            f" {remote.id} ({remote.name}). Use the right key, or correct account_id."
        )
    return remote


def _refuse_other(db: Database, run: Pull, begun: Remote, ended: Remote) -> None:
    """Throw away what was read while the key came to open another account."""
    if begun.id == ended.id:
        return
    pulls.give_up(db, run)
    raise NotAuthorised(
        f"The key opened account {begun.id} ({begun.name}) when the pull began and"
        f" {ended.id} ({ended.name}) when it ended. Nothing was stored; check the key."
    )
