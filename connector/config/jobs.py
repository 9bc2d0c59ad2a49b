"""The `[[jobs]]` of config.toml: what is done every night, when by whose clock, and for whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, tzinfo
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.config.shape import ConfigTable, JobTable
from connector.model import Capability
from connector.tomlfile import Place, nearest


class Step(StrEnum):
    """One thing a job does; a job does its steps in the order its file gives them."""

    PULL = "pull"
    DRIFT = "drift"
    PLAN = "plan"
    REPORT = "report"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Job:
    """What is done once a local date, when the clocks of a zone show `at` for the first time.

    `accounts` are names; `auto` are the kinds of correction that its apply may make unasked;
    `folder` is where its answers go.
    """

    name: str
    at: time
    zone: tzinfo
    do: tuple[Step, ...]
    accounts: tuple[str, ...]
    auto: frozenset[Capability] = frozenset()
    folder: Path = Path("reports")


def read_jobs(table: ConfigTable, folder: Path) -> Iterator[Job]:
    """The jobs of a file without faults, in its order."""
    for job in table.jobs:
        yield Job(
            job.name,
            time.fromisoformat(job.at),
            _zone(job.timezone),
            tuple(map(Step, job.do)),
            tuple(table.accounts if job.accounts is None else job.accounts),
            frozenset(map(Capability, job.auto)),
            folder / Path(job.folder).expanduser(),
        )


def check_jobs(table: ConfigTable) -> Iterator[tuple[Place, str]]:
    """Every rule jobs break beyond their shape, with the place where they do."""
    names: set[str] = set()
    for index, job in enumerate(table.jobs):
        place: Place = ("jobs", index)
        if job.name in names:
            yield (*place, "name"), f'"{job.name}" is already the name of another job'
        names.add(job.name)
        yield from _misplaced(place, job, table.accounts)
        yield from _auto(place, job)


def _misplaced(
    place: Place, job: JobTable, accounts: Mapping[str, object]
) -> Iterator[tuple[Place, str]]:
    """Where a job says a zone or an account there is not."""
    if not _known(job.timezone):
        wrong = f'"{job.timezone}" is no time zone this machine knows'
        if job.timezone is None:
            wrong = "is missing, and this machine does not tell its own time zone"
        yield (*place, "timezone"), f'{wrong}; take a name like "Europe/Oslo"'
    for number, account in enumerate(job.accounts or ()):
        if account not in accounts:
            yield (
                (*place, "accounts", number),
                f'no account "{account}"{nearest(account, accounts)}',
            )


def _auto(place: Place, job: JobTable) -> Iterator[tuple[Place, str]]:
    """An apply nobody watches must say what it may correct, and nothing else may."""
    if "apply" in job.do and not job.auto:
        yield (
            (*place, "auto"),
            'is missing; say what apply may correct unasked: ["label"] or ["label", "probability"]',
        )
    if job.auto and "apply" not in job.do:
        yield (*place, "auto"), 'says what apply may correct, but "do" has no "apply"'
    for key, values in (("do", job.do), ("auto", job.auto), ("accounts", job.accounts or [])):
        yield from (((*place, key), f'"{value}" stands here twice') for value in _twice(values))


def _twice(values: Sequence[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})


def _known(zone: str | None) -> bool:
    try:
        _zone(zone)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _zone(name: str | None) -> tzinfo:
    if name is not None:
        return ZoneInfo(name)
    from tzlocal import get_localzone

    return get_localzone()
