"""What the database says of itself, of its accounts and of the jobs it keeps the record of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from connector.config import Config
from connector.errors import StoreError
from connector.jobs import checks
from connector.jobs.checks import MEGABYTE
from connector.jobs.nearby import near, nearby
from connector.jobs.standing import scheduler_life, standings
from connector.model import Remote
from connector.report.document import Count, CrmText
from connector.report.findings import Check, Code, Finding, Level, finding
from connector.store import accounts, close, history, open_database
from connector.store import check as store_check
from connector.store.check import Breach

_UNREADABLE = "file"  # where the database is broken as a file, and no longer to be asked


@dataclass(frozen=True, slots=True)
class Remembered:
    """An account as the database knows it; never pulled where `pulled` is None."""

    remote: Remote
    pulled: datetime | None


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """What was found, and what the database knows of the accounts of config.toml."""

    findings: tuple[Finding, ...]
    accounts: Mapping[str, Remembered | None] = field(default_factory=dict)


def database_health(config: Config, now: datetime) -> DatabaseHealth:
    """The database's health and what it knows; where there is none, none is made."""
    check, file = Check.DATABASE, near(config.database, config)
    if not config.database.exists():
        return DatabaseHealth((finding(check, Code.DATABASE_NONE, Level.WARNING, file=file),))
    try:
        db = open_database(config.database)
    except StoreError as error:
        said = CrmText(nearby(error, config))
        return DatabaseHealth((finding(check, Code.DATABASE_UNUSABLE, Level.PROBLEM, said=said),))
    try:
        breaches = store_check.check(db)
        if any(breach.where == _UNREADABLE for breach in breaches):
            return DatabaseHealth((_broken(breaches),))
        known = {each.name: _remembered(db, each.name, now) for each in config.accounts}
        of_jobs = tuple(_jobs(db, config, now))
    finally:
        close(db)
    size = Count(-(-footprint(config.database) // MEGABYTE))
    whole = finding(check, Code.DATABASE_WHOLE, file=file, megabytes=size)
    return DatabaseHealth((_broken(breaches) if breaches else whole, *of_jobs), known)


def _jobs(db: Database, config: Config, now: datetime) -> Iterator[Finding]:
    """How the scheduler and each job stand."""
    yield checks.scheduler(scheduler_life(db, config.database))
    yield from map(checks.job, standings(db, config.database, config.jobs, now))


def _broken(breaches: Sequence[Breach]) -> Finding:
    first = breaches[0]
    return finding(
        Check.DATABASE,
        Code.DATABASE_BROKEN,
        Level.PROBLEM,
        count=Count(len(breaches)),
        where=CrmText(first.where),
        message=CrmText(first.message),
    )


def footprint(database: Path) -> int:
    """The bytes a database takes with its write-ahead log."""
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _remembered(db: Database, name: str, now: datetime) -> Remembered | None:
    key = accounts.find(db, name)
    if key is None:
        return None
    last = history.last_pull(db, key)
    return Remembered(accounts.remote(db, key, now), last.finished if last else None)
