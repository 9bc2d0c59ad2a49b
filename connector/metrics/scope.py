"""What a report looks at: whose deals, by which funnels, as of when and over which time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from connector.metrics.funnel import Funnel
from connector.metrics.periods import Period
from connector.metrics.privacy import EVERYTHING, Privacy


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody deals belong to, as reports name them."""

    name: str
    team: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The frame of one report; instants are milliseconds.

    `period` None is all of the history. `zone` gives days and periods their edges. `currency` is
    the one amounts are told in, None where accounts have several and config.toml names no home
    currency. `people` are known by account and owner id. `pulled` is the end of the earliest last
    pull among the accounts, behind which nothing is known of all of them. `crms` says by account
    which CRM it is; of those `unweighted`, stages have no probability. `called_off` are the keys of
    stages in which the CRM itself calls deals cancelled.
    """

    accounts: tuple[str, ...]
    funnels: tuple[Funnel, ...]
    as_of: int
    zone: ZoneInfo
    currency: str | None
    pulled: int
    period: Period | None = None
    people: Mapping[tuple[str, str], Person] = field(default_factory=dict)
    privacy: Privacy = EVERYTHING
    fiscal_year_start: int = 1
    fields: frozenset[str] = frozenset()
    crms: Mapping[str, str] = field(default_factory=dict)
    unweighted: frozenset[str] = frozenset()
    called_off: frozenset[int] = frozenset()
