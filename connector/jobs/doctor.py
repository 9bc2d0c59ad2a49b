"""Doctor: look at everything connector needs, changing nothing, and say what was found."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from connector.config import Account, Config, load_config, usable_config
from connector.errors import FileFaults
from connector.jobs import checks
from connector.jobs.database_health import Remembered, database_health, footprint
from connector.jobs.doctor_keys import examine_keys
from connector.jobs.machine import Machine
from connector.jobs.nearby import near
from connector.process import check_bindings, load_processes
from connector.report.document import Count, CrmText
from connector.report.findings import Check, Code, Finding, Level, finding
from connector.store import held_by


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
            yield replace(found, account=account.name, crm=account.crm)


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
    yield from examine_keys(config, account, remembered.remote.id if remembered else None, machine)
    holder = held_by(config.database, account.name)
    yield checks.lock(holder)
    zone = remembered.remote.time_zone if remembered else "UTC"
    pulled = remembered.pulled if remembered else None
    yield checks.last_pull(account.name, pulled, machine.now(), zone)
