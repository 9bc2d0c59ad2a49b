"""Doctor: look at everything connector needs, changing nothing, and say what was found."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from connector.config import Account, Config, Secret, load_config, usable_config
from connector.config.secret import FromFile
from connector.crm.hubspot import scopes
from connector.errors import ConnectorError, CrmError, FileFaults, StoreError
from connector.jobs import checks
from connector.jobs.checks import MEGABYTE
from connector.jobs.due import standing
from connector.model import Remote
from connector.process import check_bindings, load_processes
from connector.report.document import Count, CrmText
from connector.report.findings import Check, Code, Finding, Level, finding
from connector.store import accounts, close, held_by, history, open_database, runs
from connector.store import check as store_check
from connector.store.check import Breach
from connector.store.runs import Outcome

_UNREADABLE = "file"  # where the database is broken as a file, and no longer to be asked


@dataclass(frozen=True, slots=True)
class Machine:
    """What doctor asks of this machine: the time, and the bytes free where a path lies."""

    now: Callable[[], datetime]
    free: Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Remembered:
    """An account as the database knows it; never pulled where `pulled` is None."""

    remote: Remote
    pulled: datetime | None


@dataclass(frozen=True, slots=True)
class _Database:
    findings: tuple[Finding, ...]
    accounts: Mapping[str, Remembered | None] = field(default_factory=dict)


def examine(path: Path, env: Mapping[str, str], machine: Machine) -> Iterator[Finding]:
    """Every finding about the configuration at `path` and all it names, as it is found.

    A broken configuration does not stop it: what has no fault is used, and defaults for the rest.
    """
    config = usable_config(path, env)
    of_config = tuple(_configuration(path, env, config))
    yield from of_config
    yield from _processes(config, bound=all(each.level is Level.OK for each in of_config))
    database = _database(config, machine.now())
    yield from database.findings
    yield checks.disk(machine.free(config.database.parent), _size(config.database))
    yield from checks.time_zones(_zones(config, database.accounts))
    for account in config.accounts:
        for found in _account(config, account, database.accounts.get(account.name), machine):
            yield replace(found, account=account.name)


def _configuration(path: Path, env: Mapping[str, str], config: Config) -> Iterator[Finding]:
    check = Check.CONFIGURATION
    if not path.exists():
        yield finding(check, Code.CONFIG_MISSING, Level.PROBLEM, file=path.name)
        return
    try:
        load_config(path, env)
    except FileFaults as error:
        yield from _faults(check, Code.CONFIG_FAULT, error, config)
        return
    if not config.accounts:
        yield finding(check, Code.CONFIG_WITHOUT_ACCOUNTS, Level.PROBLEM)
        return
    known, jobs = Count(len(config.accounts)), Count(len(config.jobs))
    yield finding(check, Code.CONFIG_READ, accounts=known, jobs=jobs)


def _processes(config: Config, *, bound: bool) -> Iterator[Finding]:
    """The process files; their bindings only where the accounts they are `bound` to are known."""
    check, folder = Check.PROCESSES, _short(config.mappings, config)
    if not any(config.mappings.glob("*.toml")):
        yield finding(check, Code.PROCESSES_NONE, Level.WARNING, folder=folder)
        return
    try:
        processes = load_processes(config.mappings)
        crms = {each.name: each.crm for each in config.accounts}
        if bound and (faults := check_bindings(processes, crms)):
            raise FileFaults(faults)
    except FileFaults as error:
        yield from _faults(check, Code.PROCESS_FAULT, error, config)
    else:
        count = Count(len(processes))
        yield finding(check, Code.PROCESSES_READ, count=count, folder=folder)


def _faults(check: Check, code: Code, error: FileFaults, config: Config) -> Iterator[Finding]:
    for fault in error.faults:
        near = replace(fault, file=_short(Path(fault.file).absolute(), config))
        yield finding(check, code, Level.PROBLEM, fault=CrmText(str(near)))


def _database(config: Config, now: datetime) -> _Database:
    """The database's health and what it knows; where there is none, none is made."""
    check, file = Check.DATABASE, _short(config.database, config)
    if not config.database.exists():
        return _Database((finding(check, Code.DATABASE_NONE, Level.WARNING, file=file),))
    try:
        db = open_database(config.database)
    except StoreError as error:
        said = CrmText(str(error))
        return _Database((finding(check, Code.DATABASE_UNUSABLE, Level.PROBLEM, said=said),))
    try:
        breaches = store_check.check(db)
        if any(breach.where == _UNREADABLE for breach in breaches):
            return _Database((_broken(breaches),))
        known = {each.name: _remembered(db, each.name, now) for each in config.accounts}
        of_jobs = tuple(_jobs(db, config, now))
    finally:
        close(db)
    size = Count(_size(config.database) // MEGABYTE)
    whole = finding(check, Code.DATABASE_WHOLE, file=file, megabytes=size)
    return _Database((_broken(breaches) if breaches else whole, *of_jobs), known)


def _jobs(db: Database, config: Config, now: datetime) -> Iterator[Finding]:
    """How the scheduler and each job stand."""
    yield checks.scheduler(runs.heartbeat(db), now)
    since = runs.known_since(db)
    for job in config.jobs:
        last, success = runs.last(db, job.name), runs.last(db, job.name, Outcome.DONE)
        yield checks.job(standing(job, last, success, since.get(job.name), now))


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


def _size(database: Path) -> int:
    """The bytes a database takes with its write-ahead log."""
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _remembered(db: Database, name: str, now: datetime) -> Remembered | None:
    key = accounts.find(db, name)
    if key is None:
        return None
    last = history.last_pull(db, key)
    return Remembered(accounts.remote(db, key, now), last.finished if last else None)


def _zones(config: Config, known: Mapping[str, Remembered | None]) -> tuple[str, ...]:
    """The time zones of jobs and of accounts pulled before, each once."""
    of_jobs = [str(job.zone) for job in config.jobs]
    of_accounts = [each.remote.time_zone for each in known.values() if each]
    return tuple(dict.fromkeys([*of_jobs, *of_accounts]))


def _account(
    config: Config, account: Account, remembered: Remembered | None, machine: Machine
) -> Iterator[Finding]:
    if account.token is None:
        yield finding(Check.PORTAL, Code.CRM_LATER, Level.WARNING, crm=account.crm)
        return
    known = remembered.remote.id if remembered else None
    yield from _reading_key(config, account, account.token, known, machine)
    yield from _writing_key(config, account, known)
    holder = held_by(config.database, account.name)
    yield checks.lock(holder)
    zone = remembered.remote.time_zone if remembered else "UTC"
    pulled = remembered.pulled if remembered else None
    yield checks.last_pull(account.name, pulled, machine.now(), zone)


def _reading_key(
    config: Config, account: Account, secret: Secret, known: str | None, machine: Machine
) -> Iterator[Finding]:
    token, found = _revealed(Check.TOKEN, secret, config)
    yield found
    if token is None:
        return
    asked = machine.now()
    try:
        key = scopes.inspect(token, scopes.READING, account.base_url)
    except CrmError as error:
        yield checks.refusal(Check.PORTAL, error)
        return
    yield checks.portal(Check.PORTAL, key.remote, account.account_id, known)
    yield from checks.scopes(Check.SCOPES, key)
    yield checks.clock(asked, machine.now(), key.remote.now)
    yield checks.quota(key.quota)


def _writing_key(config: Config, account: Account, known: str | None) -> Iterator[Finding]:
    check = Check.WRITE_TOKEN
    if account.write_token is None:
        yield finding(check, Code.TOKEN_SHARED)
        return
    token, found = _revealed(check, account.write_token, config)
    yield found
    if token is None:
        return
    try:
        key = scopes.inspect(token, scopes.WRITING, account.base_url)
    except CrmError as error:
        yield checks.refusal(check, error)
        return
    portal = checks.portal(check, key.remote, account.account_id, known)
    if portal.level is not Level.OK:
        yield portal
    yield from checks.scopes(Check.WRITE_SCOPES, key)


def _revealed(check: Check, secret: Secret, config: Config) -> tuple[str | None, Finding]:
    """A key and where it came from, or why there is none."""
    try:
        token = secret.reveal()
    except ConnectorError as error:
        return None, finding(check, Code.TOKEN_NONE, Level.PROBLEM, said=CrmText(str(error)))
    match secret.origin:
        case FromFile(path):
            # Windows keeps its rights elsewhere, and answers with a mode that says nothing.
            mode = path.stat().st_mode if os.name != "nt" else 0
            return token, checks.token_file(check, _short(path, config), mode)
    return token, finding(check, Code.TOKEN_FOUND, origin=str(secret.origin))


def _short(path: Path, config: Config) -> str:
    """A path as people know it: from the folder of config.toml where it lies below that."""
    folder = config.path.absolute().parent
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
