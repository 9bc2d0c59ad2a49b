"""What doctor makes of what it saw: values in, findings out."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connector.config import Account
from connector.crm.hubspot.needs import Need
from connector.crm.hubspot.scopes import Key, Quota
from connector.crm.nutshell.sight import Sight
from connector.errors import CrmError, NotAuthorised, QuotaUsedUp, Unreachable
from connector.jobs.due import Standing
from connector.jobs.standing import Life
from connector.model import Remote
from connector.report.document import Count, CrmText, Days, Instant, Items
from connector.report.findings import Check, Code, Finding, Level, finding

_OFF = timedelta(seconds=30)  # the Date header counts whole seconds, and an answer takes a few
_FAR_OFF = timedelta(minutes=5)
_LOW_QUOTA = 0.1
_OLD = timedelta(days=2)
MEGABYTE = 10**6
_LITTLE_ROOM = 1_000 * MEGABYTE
_NO_ROOM = 100 * MEGABYTE


def clock(asked: datetime, answered: datetime, there: datetime) -> Finding:
    """A clock, read here before and after an answer, against the CRM's in that answer."""
    ahead, behind = asked - there, there - answered
    apart = max(ahead, behind)
    if apart < _OFF:
        return finding(Check.CLOCK, Code.CLOCK_RIGHT, seconds=Count(_OFF.seconds))
    level = Level.PROBLEM if apart > _FAR_OFF else Level.WARNING
    code = Code.CLOCK_AHEAD if ahead > behind else Code.CLOCK_BEHIND
    return finding(Check.CLOCK, code, level, seconds=Count(round(apart.total_seconds())))


def quota(told: Quota | None) -> Finding:
    """What is left of the day's requests."""
    if told is None:
        return finding(Check.QUOTA, Code.QUOTA_UNTOLD)
    low = told.left < told.of * _LOW_QUOTA
    code, level = (Code.QUOTA_LOW, Level.WARNING) if low else (Code.QUOTA_LEFT, Level.OK)
    return finding(Check.QUOTA, code, level, left=Count(told.left), of=Count(told.of))


def scopes(check: Check, key: Key) -> Iterator[Finding]:
    """What a key may do against what it must do."""
    if key.missing:
        missing = _asked_for(key.missing)
        yield finding(check, Code.SCOPES_MISSING, Level.PROBLEM, scopes=missing)
    if key.surplus:
        surplus = Items(tuple(map(CrmText, key.surplus)))
        yield finding(check, Code.SCOPES_SURPLUS, Level.WARNING, scopes=surplus)
    if key.untried:
        untried = _asked_for(key.untried)
        yield finding(check, Code.SCOPES_UNTRIED, Level.WARNING, scopes=untried)
    elif not (key.missing or key.surplus):
        yield finding(check, Code.SCOPES_FIT if key.told else Code.SCOPES_TRIED)


def _asked_for(needs: tuple[Need, ...]) -> Items:
    """The scopes to ask for, one for each need."""
    return Items(tuple(need[0] for need in needs))


def portal(check: Check, remote: Remote, configured: str | None, known: str | None) -> Finding:
    """The portal a key opens, against the one config.toml and the database mean."""
    name, opened = CrmText(remote.name), CrmText(remote.id)
    for place, expected in (("account_id", configured), ("the database", known)):
        if expected is not None and expected != remote.id:
            return finding(
                check,
                Code.PORTAL_OTHER,
                Level.PROBLEM,
                name=name,
                id=opened,
                place=place,
                expected=CrmText(expected),
            )
    return finding(check, Code.PORTAL_FOUND, name=name, id=opened, kind=CrmText(remote.kind))


def user(email: str, seen: Sight) -> Finding:
    """The user behind a key of Nutshell's, whose leaving ends it."""
    found = seen.user
    if found is None:
        return finding(Check.USER, Code.USER_UNKNOWN, Level.WARNING, email=email)
    code, level = Code.USER_FOUND, Level.OK
    if found.archived:
        code, level = Code.USER_DISABLED, Level.WARNING
    return finding(Check.USER, code, level, name=CrmText(found.name), email=email)


def sight(email: str, seen: Sight) -> Iterator[Finding]:
    """What the user behind a key of Nutshell's seems not to see."""
    check = Check.SIGHT
    if seen.restricted:
        yield finding(check, Code.SIGHT_RESTRICTED, Level.WARNING, email=email)
    if seen.closed:
        pipelines = Items(tuple(map(CrmText, seen.closed)))
        yield finding(check, Code.SIGHT_PIPELINES, Level.WARNING, pipelines=pipelines)
    if not (seen.restricted or seen.closed):
        yield finding(check, Code.SIGHT_WHOLE)


def refusal(check: Check, error: CrmError) -> Finding:
    """Why a key opened nothing."""
    match error:
        case NotAuthorised():
            code = Code.KEY_REFUSED
        case QuotaUsedUp():
            code = Code.QUOTA_GONE
        case Unreachable():
            code = Code.CRM_SILENT
        case _:
            code = Code.CRM_FAULT
    return finding(check, code, Level.PROBLEM, said=CrmText(str(error)))


def token_file(check: Check, file: str, *, open_to_others: bool) -> Finding:
    """A key's file, which others on this machine should not read."""
    if open_to_others:
        return finding(check, Code.TOKEN_OPEN, Level.WARNING, file=file)
    return finding(check, Code.TOKEN_FOUND, origin=f"file {file}")


def disk(free: int, database: int) -> Finding:
    """The room left beside the database, both in bytes; a pull may write as much again."""
    code, level = Code.DISK_ROOM, Level.OK
    if free < _NO_ROOM:
        code, level = Code.DISK_FULL, Level.PROBLEM
    elif free < max(_LITTLE_ROOM, database):
        code, level = Code.DISK_LOW, Level.WARNING
    return finding(Check.DISK, code, level, free=Count(free // MEGABYTE))


def lock(holder: str | None) -> Finding:
    """Whether another run works on the account."""
    if holder is None:
        return finding(Check.LOCK, Code.LOCK_FREE)
    return finding(Check.LOCK, Code.LOCK_HELD, Level.WARNING, holder=holder)


def last_pull(account: str, finished: datetime | None, now: datetime, zone: str) -> Finding:
    """When everything was last read, in the account's own time zone."""
    check = Check.LAST_PULL
    if finished is None:
        return finding(check, Code.PULL_NEVER, Level.WARNING, account=account)
    at, age = Instant(finished, zone), now - finished
    if age > _OLD:
        days = Days(age.total_seconds())
        return finding(check, Code.PULL_OLD, Level.WARNING, at=at, days=days)
    return finding(check, Code.PULL_FRESH, at=at)


def scheduler(life: Life) -> Finding:
    """Whether `connector run` lives; who has other means to start jobs does without it."""
    check = Check.SCHEDULER
    if life.holder is not None:
        return finding(check, Code.SCHEDULER_ALIVE, holder=life.holder)
    if life.sign is None:
        return finding(check, Code.SCHEDULER_NONE)
    process, at = str(life.sign.process), Instant(life.sign.beat, "UTC")
    return finding(check, Code.SCHEDULER_SILENT, Level.WARNING, process=process, at=at)


def job(standing: Standing) -> Finding:
    """Whether a job has gone well lately."""
    name, success = standing.job.name, standing.success
    if success is None:
        level = Level.WARNING if standing.too_old else Level.OK
        return finding(Check.JOB, Code.JOB_NEVER, level, job=name)
    at = Instant(success.started, str(standing.job.zone))
    if standing.too_old:
        return finding(Check.JOB, Code.JOB_LATE, Level.WARNING, job=name, at=at)
    return finding(Check.JOB, Code.JOB_FRESH, job=name, at=at)


def same_portals(accounts: Sequence[Account]) -> Iterator[Finding]:
    """Portals that more than one account of config.toml says it is."""
    named: dict[tuple[str, str], list[str]] = {}
    for account in accounts:
        if account.account_id is not None:
            named.setdefault((account.crm, account.account_id), []).append(account.name)
    for (crm, remote), names in named.items():
        if len(names) > 1:
            yield finding(
                Check.CONFIGURATION,
                Code.ACCOUNTS_SAME,
                Level.WARNING,
                accounts=Items(tuple(map(CrmText, names))),
                kind="portal" if crm == "hubspot" else "instance",
                id=CrmText(remote),
            )


def time_zones(zones: tuple[str, ...]) -> Iterator[Finding]:
    """Whether this machine knows the time zones that days and nights are counted in."""
    unknown = [zone for zone in zones if not _known(zone)]
    for zone in unknown:
        yield finding(Check.TIME_ZONES, Code.ZONE_UNKNOWN, Level.PROBLEM, zone=CrmText(zone))
    if zones and not unknown:
        known = Items(tuple(map(CrmText, zones)))
        yield finding(Check.TIME_ZONES, Code.ZONES_KNOWN, zones=known)


def _known(zone: str) -> bool:
    try:
        return bool(ZoneInfo(zone).key)
    except (LookupError, ValueError, OSError):
        return False
