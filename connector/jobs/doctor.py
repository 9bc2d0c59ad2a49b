"""Doctor: look at everything connector needs, changing nothing, and say what was found."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from connector.config import Account, Config, Secret, Step, load_config, usable_config
from connector.config.secret import FromFile
from connector.crm.hubspot import scopes
from connector.crm.hubspot.needs import Need
from connector.errors import ConnectorError, CrmError, FileFaults
from connector.jobs import checks
from connector.jobs.database_health import Remembered, database_health, footprint
from connector.jobs.nearby import near, nearby
from connector.process import check_bindings, load_processes
from connector.report.document import Count, CrmText
from connector.report.findings import Check, Code, Finding, Level, finding
from connector.store import held_by


@dataclass(frozen=True, slots=True)
class Machine:
    """What doctor asks of this machine: the time, and the bytes free where a path lies."""

    now: Callable[[], datetime]
    free: Callable[[Path], int]


def examine(path: Path, env: Mapping[str, str], machine: Machine) -> Iterator[Finding]:
    """Every finding about the configuration at `path` and all it names, as it is found.

    A broken configuration does not stop it: what has no fault is used, and defaults for the rest.
    """
    config = usable_config(path, env)
    of_config = tuple(_configuration(path, env, config))
    yield from of_config
    yield from checks.same_portals(config.accounts)
    yield from _processes(config, bound=all(each.level is Level.OK for each in of_config))
    database = database_health(config, machine.now())
    yield from database.findings
    room = next(folder for folder in config.database.parents if folder.is_dir())
    yield checks.disk(machine.free(room), footprint(config.database))
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
    check, folder = Check.PROCESSES, near(config.mappings, config)
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
        short = replace(fault, file=near(Path(fault.file).absolute(), config))
        yield finding(check, code, Level.PROBLEM, fault=CrmText(str(short)))


def _zones(config: Config, known: Mapping[str, Remembered | None]) -> tuple[str, ...]:
    """The time zones of jobs and of accounts pulled before, each once."""
    of_jobs = [str(job.zone) for job in config.jobs]
    of_accounts = [each.remote.time_zone for each in known.values() if each]
    return tuple(dict.fromkeys([*of_jobs, *of_accounts]))


def _account(
    config: Config, account: Account, remembered: Remembered | None, machine: Machine
) -> Iterator[Finding]:
    if account.token is None:
        yield finding(Check.PORTAL, Code.CRM_LATER, Level.PROBLEM, crm=account.crm)
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
    needs, welcome = _asked_of_reading_key(config, account)
    asked = machine.now()
    try:
        key = scopes.inspect(token, needs, account.base_url, welcome=welcome)
    except CrmError as error:
        yield checks.refusal(Check.PORTAL, error)
        return
    yield checks.portal(Check.PORTAL, key.remote, account.account_id, known)
    yield from checks.scopes(Check.SCOPES, key)
    yield checks.clock(asked, machine.now(), key.remote.now)
    yield checks.quota(key.quota)


def _asked_of_reading_key(
    config: Config, account: Account
) -> tuple[tuple[Need, ...], tuple[Need, ...]]:
    """What the key must do, and what else it may: apply uses it where there is no other one."""
    if account.write_token is not None:
        return scopes.READING, ()
    if any(account.name in job.accounts and Step.APPLY in job.do for job in config.jobs):
        return scopes.READING + scopes.WRITING, ()
    return scopes.READING, scopes.WRITING


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
        return None, finding(
            check, Code.TOKEN_NONE, Level.PROBLEM, said=CrmText(nearby(error, config))
        )
    match secret.origin:
        case FromFile(path):
            file, is_open = near(path, config), secret.origin.open_to_others
            return token, checks.token_file(check, file, open_to_others=is_open)
    return token, finding(check, Code.TOKEN_FOUND, origin=str(secret.origin))
