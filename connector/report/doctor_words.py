"""Doctor's findings in words: what was found, and how to mend it."""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.report.document import Term, Tone
from connector.report.findings import Check, Code, Finding, Level

LEVELS = {
    Level.OK: Term(Level.OK, "ok", Tone.GOOD),
    Level.WARNING: Term(Level.WARNING, "warning", Tone.CAUTION),
    Level.PROBLEM: Term(Level.PROBLEM, "problem", Tone.BAD),
}

CHECKS = {check: Term(check, check.replace("-", " ")) for check in Check}


@dataclass(frozen=True, slots=True)
class Words:
    """A finding as a template, and what to do about it where something can be done."""

    found: str
    mend: str = ""


_NEW_KEY = "Make a service key in HubSpot under Development > Keys; connector init shows how."
_LATE = "See connector run --status; docs/scheduling.md says how to have jobs started."
_SEES = "The key sees what this user sees, and goes dark when they leave"
_WIDEN = (
    "Let an administrator's user, one for connector alone, have the key. Until then reports lack"
    " what this one does not see."
)

WORDS: Mapping[Code, Words] = {
    Code.CONFIG_READ: Words("accounts: {accounts}, jobs: {jobs}"),
    Code.CONFIG_MISSING: Words("there is no {file}", "Run: connector init"),
    Code.CONFIG_FAULT: Words("{fault}", "Correct the file. What has no fault in it is used below."),
    Code.CONFIG_WITHOUT_ACCOUNTS: Words(
        "no account is named in it", "Run connector init, or add an [accounts.NAME] table."
    ),
    Code.ACCOUNTS_SAME: Words(
        "{accounts} are all {kind} {id}",
        "Keep one of them: each would be pulled, compared and corrected by itself.",
    ),
    Code.PROCESSES_READ: Words("files in {folder}: {count}, no faults"),
    Code.PROCESSES_NONE: Words(
        "no process files in {folder}", "Run: connector process import ACCOUNT --all"
    ),
    Code.PROCESS_FAULT: Words("{fault}", "Correct the file, then: connector process check"),
    Code.DATABASE_WHOLE: Words("{file} fits together, {megabytes} MB"),
    Code.DATABASE_NONE: Words("{file} is not there yet", "Run: connector pull"),
    Code.DATABASE_BROKEN: Words(
        "{count} rules broken, first at {where}: {message}",
        "See connector db check, then go back to a backup or pull into a new database.",
    ),
    Code.DATABASE_UNUSABLE: Words(
        "{said}", "Use the version of connector that wrote it, or go back to a backup."
    ),
    Code.DISK_ROOM: Words("{free} MB free"),
    Code.DISK_LOW: Words(
        "{free} MB free", "Make room: a pull may need as much again as the database has."
    ),
    Code.DISK_FULL: Words("{free} MB free", "Make room before the next pull; it would stop."),
    Code.ZONES_KNOWN: Words("{zones} known here"),
    Code.ZONE_UNKNOWN: Words(
        "{zone} is not known here", "Renew the time zone data: python -m pip install -U tzdata"
    ),
    Code.SCHEDULER_ALIVE: Words("{holder}"),
    Code.SCHEDULER_SILENT: Words(
        "process {process} died, last sign of life {at}", "Start it again: connector run"
    ),
    Code.SCHEDULER_NONE: Words("connector run does not run here"),
    Code.JOB_FRESH: Words("{job}: last went well {at}"),
    Code.JOB_LATE: Words("{job}: last went well {at}", _LATE),
    Code.JOB_NEVER: Words("{job}: never went well", _LATE),
    Code.TOKEN_FOUND: Words("from {origin}"),
    Code.TOKEN_NONE: Words("{said}"),
    Code.TOKEN_OPEN: Words("others on this machine have rights to {file}", "Run: chmod 600 {file}"),
    Code.TOKEN_SHARED: Words("none of its own; apply would use the key for reading"),
    Code.PORTAL_FOUND: Words("{name}, {id}, {kind}"),
    Code.PORTAL_OTHER: Words(
        "the key opens {id} ({name}), but {place} says {expected}",
        "Use the key of {expected}, or give the other portal an account of its own.",
    ),
    Code.KEY_REFUSED: Words("{said}", _NEW_KEY),
    Code.CRM_SILENT: Words("{said}", "Look at this machine's network and at status.hubspot.com."),
    Code.CRM_FAULT: Words("{said}", "Run connector --verbose doctor to see every request."),
    Code.USER_FOUND: Words(f"{{name}}, {{email}}. {_SEES}"),
    Code.USER_UNKNOWN: Words(
        f"nobody is called {{email}} there. {_SEES}",
        "Name the user whom the key acts as, so that you know whose leaving ends it.",
    ),
    Code.USER_DISABLED: Words(
        f"{{name}}, {{email}}, is disabled. {_SEES}",
        "Make a key for a user who stays, before this one goes dark.",
    ),
    Code.SIGHT_WHOLE: Words("no restriction is told of this user"),
    Code.SIGHT_RESTRICTED: Words("{email} may not see every lead", _WIDEN),
    Code.SIGHT_PIPELINES: Words("no access to {pipelines}", _WIDEN),
    Code.SCOPES_FIT: Words("just those that are needed"),
    Code.SCOPES_TRIED: Words("HubSpot does not tell them for this key; every read was tried"),
    Code.SCOPES_UNTRIED: Words(
        "HubSpot does not tell them for this key, and only a write would show {scopes}",
        "Look in HubSpot under Development > Keys whether the key has it.",
    ),
    Code.SCOPES_MISSING: Words(
        "{scopes} missing", "Add it in HubSpot under Development > Keys, or make a key that has it."
    ),
    Code.SCOPES_SURPLUS: Words(
        "more than needed: {scopes}",
        "Take them away in HubSpot under Development > Keys: a lost key should open little.",
    ),
    Code.CLOCK_RIGHT: Words("within {seconds} s of the CRM"),
    Code.CLOCK_AHEAD: Words(
        "{seconds} s ahead of the CRM", "Let this machine set its clock by the network (NTP)."
    ),
    Code.CLOCK_BEHIND: Words(
        "{seconds} s behind the CRM", "Let this machine set its clock by the network (NTP)."
    ),
    Code.QUOTA_LEFT: Words("{left} of {of} requests left today"),
    Code.QUOTA_LOW: Words(
        "{left} of {of} requests left today",
        "Other integrations share it; it begins anew at the portal's midnight.",
    ),
    Code.QUOTA_GONE: Words("{said}", "It begins anew at the portal's midnight."),
    Code.QUOTA_UNTOLD: Words("the CRM does not tell"),
    Code.LOCK_FREE: Words("free"),
    Code.LOCK_HELD: Words(
        "held by {holder}", "Wait until it ends. If it hangs, end that process; its lock goes too."
    ),
    Code.PULL_FRESH: Words("{at}"),
    Code.PULL_OLD: Words("{at}, {days} days ago", "Run connector pull, or have a job do it."),
    Code.PULL_NEVER: Words("never", "Run: connector pull --account {account}"),
}

# Where a CRM's own words are other ones.
_IN_NUTSHELL: Mapping[Code, Words] = {
    Code.PORTAL_FOUND: Words("{id}"),
    Code.PORTAL_OTHER: Words(
        "the key opens {id}, but {place} says {expected}",
        "Use the key of {expected}, or give the other instance an account of its own.",
    ),
    Code.KEY_REFUSED: Words(
        "{said}",
        "See in Nutshell under Setup > API keys whether the key is there and its user still active;"
        " connector init shows how to make one.",
    ),
    Code.CRM_SILENT: Words("{said}", "Look at this machine's network and at status.nutshell.com."),
    Code.QUOTA_UNTOLD: Words("Nutshell publishes none"),
}
_CHECKS_IN_NUTSHELL = {
    Check.TOKEN: Term(Check.TOKEN, "key"),
    Check.PORTAL: Term(Check.PORTAL, "instance"),
}


def words_of(finding: Finding) -> Words:
    """A finding as a template, in the words of its account's CRM."""
    own = _IN_NUTSHELL if finding.crm == "nutshell" else {}
    return own.get(finding.code, WORDS[finding.code])


def check_of(finding: Finding) -> Term:
    """What was looked at, by its name in the account's CRM."""
    own = _CHECKS_IN_NUTSHELL if finding.crm == "nutshell" else {}
    return own.get(finding.check, CHECKS[finding.check])
