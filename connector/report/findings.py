"""What doctor may find, before anybody puts it into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from connector.report.document import Cell


class Level(StrEnum):
    """How bad a finding is; only a problem keeps connector from its work."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Check(StrEnum):
    """What is looked at, in the order it is told."""

    CONFIGURATION = "configuration"
    PROCESSES = "processes"
    DATABASE = "database"
    DISK = "disk"
    TIME_ZONES = "time-zones"
    SCHEDULER = "scheduler"
    JOB = "job"
    TOKEN = "token"  # noqa: S105 - the name of a check
    PORTAL = "portal"
    USER = "user"
    SIGHT = "sight"
    SCOPES = "scopes"
    WRITE_TOKEN = "write-token"  # noqa: S105 - the name of a check
    WRITE_SCOPES = "write-scopes"
    CLOCK = "clock"
    QUOTA = "quota"
    LOCK = "lock"
    LAST_PULL = "last-pull"


class Code(StrEnum):
    """Everything that can be found; machines decide by these."""

    CONFIG_READ = "config-read"
    CONFIG_MISSING = "config-missing"
    CONFIG_FAULT = "config-fault"
    CONFIG_WITHOUT_ACCOUNTS = "config-without-accounts"
    ACCOUNTS_SAME = "accounts-same"
    PROCESSES_READ = "processes-read"
    PROCESSES_NONE = "processes-none"
    PROCESS_FAULT = "process-fault"
    DATABASE_WHOLE = "database-whole"
    DATABASE_NONE = "database-none"
    DATABASE_BROKEN = "database-broken"
    DATABASE_UNUSABLE = "database-unusable"
    DISK_ROOM = "disk-room"
    DISK_LOW = "disk-low"
    DISK_FULL = "disk-full"
    ZONES_KNOWN = "zones-known"
    ZONE_UNKNOWN = "zone-unknown"
    SCHEDULER_ALIVE = "scheduler-alive"
    SCHEDULER_SILENT = "scheduler-silent"
    SCHEDULER_NONE = "scheduler-none"
    JOB_FRESH = "job-fresh"
    JOB_LATE = "job-late"
    JOB_NEVER = "job-never"
    TOKEN_FOUND = "token-found"  # noqa: S105 - the name of a finding
    TOKEN_NONE = "token-none"  # noqa: S105 - the name of a finding
    TOKEN_OPEN = "token-open"  # noqa: S105 - the name of a finding
    TOKEN_SHARED = "token-shared"  # noqa: S105 - the name of a finding
    PORTAL_FOUND = "portal-found"
    PORTAL_OTHER = "portal-other"
    KEY_REFUSED = "key-refused"
    CRM_SILENT = "crm-silent"
    CRM_FAULT = "crm-fault"
    USER_FOUND = "user-found"
    USER_UNKNOWN = "user-unknown"
    USER_DISABLED = "user-disabled"
    SIGHT_WHOLE = "sight-whole"
    SIGHT_RESTRICTED = "sight-restricted"
    SIGHT_PIPELINES = "sight-pipelines"
    SCOPES_FIT = "scopes-fit"
    SCOPES_TRIED = "scopes-tried"
    SCOPES_UNTRIED = "scopes-untried"
    SCOPES_MISSING = "scopes-missing"
    SCOPES_SURPLUS = "scopes-surplus"
    CLOCK_RIGHT = "clock-right"
    CLOCK_AHEAD = "clock-ahead"
    CLOCK_BEHIND = "clock-behind"
    QUOTA_LEFT = "quota-left"
    QUOTA_LOW = "quota-low"
    QUOTA_GONE = "quota-gone"
    QUOTA_UNTOLD = "quota-untold"
    LOCK_FREE = "lock-free"
    LOCK_HELD = "lock-held"
    PULL_FRESH = "pull-fresh"
    PULL_OLD = "pull-old"
    PULL_NEVER = "pull-never"


NOT_AUTHORISED = frozenset({Code.KEY_REFUSED, Code.SCOPES_MISSING})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing doctor looked at, with the cells its words need; `account` None: this machine.

    `crm` is that of the account; some things have other words there.
    """

    check: Check
    code: Code
    level: Level
    data: Mapping[str, Cell]
    account: str | None = None
    crm: str = ""


def finding(check: Check, code: Code, level: Level = Level.OK, **data: Cell) -> Finding:
    """A finding of this machine, with its data by name."""
    return Finding(check, code, level, data)
