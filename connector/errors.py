"""Everything that can go wrong, one tree; each leaf knows the exit code it ends a command with.

ConnectorError                       1
├── FileFaults                       1  a process or configuration file, all its faults at once
├── NotFound                         1  an account, process, pipeline, run or drift nobody knows
├── CrmError                         1
│   ├── Unreachable                  1  no answer in time, or none at all
│   ├── BadAnswer                    1  an answer that cannot be one: wrong type, cut off
│   ├── Rejected                     1  the CRM said no to this one request
│   ├── NotAuthorised                4  key refused, or a scope is missing
│   ├── QuotaUsedUp                  8  the CRM's daily quota
│   ├── WrongAccount                 1  another portal than the one remembered
│   └── UnknownOutcome               1  a write was sent and its answer was lost
├── StoreError                       1
│   ├── Locked                       7  another run holds the account
│   └── NewerDatabase                1  written by a later version
├── SuspectPull                      5  far fewer deals than before; kept, nothing taken for gone
├── PlanRefused                      6  stale, unconfirmed or unsafe
└── Interrupted                    130  stopped by hand, as shells count
"""

from dataclasses import dataclass


class ConnectorError(Exception):
    """Anything connector says no with; the message tells what to do about it."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: where, what, and how to mend it."""

    file: str
    key: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class FileFaults(ConnectorError):
    """Files people wrote cannot be used; `faults` holds everything wrong with them."""

    def __init__(self, faults: tuple[Fault, ...]):
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class NotFound(ConnectorError):
    """Something was asked for by a name nobody knows; the message lists the names there are."""


class CrmError(ConnectorError):
    """The CRM could not do what was asked."""


class Unreachable(CrmError):
    """No answer came in time."""


class BadAnswer(CrmError):
    """An answer came that cannot be one."""


class Rejected(CrmError):
    """The CRM refused this one request; nothing changed."""

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


class NotAuthorised(CrmError):
    """The key is not known, or lacks a scope; the message names it."""

    exit_code = 4


class QuotaUsedUp(CrmError):
    """The daily quota of the CRM is used up; a later run goes on."""

    exit_code = 8


class WrongAccount(CrmError):
    """The key opens another account than the one this name stood for."""


class UnknownOutcome(CrmError):
    """A write was sent and no answer tells whether it took effect; only a read can."""


class StoreError(ConnectorError):
    """The database cannot be used."""


class Locked(StoreError):
    """Another run works on this account."""

    exit_code = 7


class NewerDatabase(StoreError):
    """The database was written by a later version of connector."""


class SuspectPull(ConnectorError):
    """A pull found far fewer deals than before; nothing was taken for gone."""

    exit_code = 5


class PlanRefused(ConnectorError):
    """A plan that must not be applied: stale, unconfirmed, unsafe or for another account."""

    exit_code = 6


class Interrupted(ConnectorError):
    """Somebody stopped it by hand; what was done by then stands and is on record."""

    exit_code = 130
