"""What a report is asked to look at, laid over what the database knows."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from connector.config import Account, Config
from connector.errors import NotFound
from connector.jobs.analytics.funnels import FunnelMap, map_funnels
from connector.jobs.reading import Stored, stored_account
from connector.metrics import periods
from connector.metrics.funnel import Place
from connector.metrics.periods import Period, Window
from connector.metrics.scope import Person, Scope
from connector.metrics.weights import Weights
from connector.model import Process
from connector.store import history
from connector.store.deal_histories import Selection
from connector.store.instants import to_ms


class Compare(StrEnum):
    """The period another one is held against."""

    PREVIOUS = "previous"
    LAST_YEAR = "last-year"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks of a report; None leaves it open.

    Instants without a zone are in the report's, the first account's unless `zone` says another.
    `period` is a name such as 2026Q3; `start` and `end` make one of their own, [start, end).
    """

    accounts: tuple[Account, ...]
    pipeline: str | None = None
    as_of: datetime | None = None
    period: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    compare: Compare | None = None
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """The scope of a report, with what the store needs to answer for it.

    `accounts` are keys, `places` say where each stage stands by its key, `compared` is the period
    to hold the scope's against, `unpulled` names accounts of which nothing is known. `narrowed`
    says that only one funnel was asked for, of all those in `everything`.
    """

    scope: Scope
    accounts: tuple[int, ...]
    places: Mapping[int, Place]
    weights: Weights
    rates: Mapping[str, float]
    everything: FunnelMap
    compared: Period | None = None
    unpulled: tuple[str, ...] = ()
    narrowed: bool = False

    def whole(self) -> "Frame":
        """The same question asked of every funnel."""
        scope = replace(self.scope, funnels=self.everything.funnels)
        return replace(self, scope=scope, places=self.everything.places, narrowed=False)

    def selection(
        self, *fields: str, open_in: Window | None = None, as_seen: Collection[str] = ()
    ) -> Selection:
        """The deals in scope with the history of these fields, of some only as it was seen."""
        return Selection(
            accounts=self.accounts,
            as_of=self.scope.as_of,
            places=self.places,
            fields=frozenset(fields),
            currency=self.scope.currency,
            rates=self.rates,
            open_in=open_in,
            as_seen=frozenset(as_seen),
        )


def frame(config: Config, processes: Sequence[Process], db: Database, asked: Asked) -> Frame:
    """Lay a question over the database.

    Raises `NotFound` where none of its accounts was pulled, or where it names a pipeline or process
    nobody knows; ValueError where its days make no period.
    """
    pulled = dict(_pulled(asked.accounts, db))
    zone = asked.zone or _zone(next(iter(pulled.values())).remote.time_zone)
    earliest = to_ms(min(stored.pulled for stored in pulled.values()))
    as_of = earliest if asked.as_of is None else _ms(asked.as_of, zone)
    period = _period(asked, zone, as_of, config.fiscal_year_start)
    keys = {name: stored.id for name, stored in pulled.items()}
    everything = map_funnels(db, keys, processes, as_of)
    mapped = everything.only(asked.pipeline) if asked.pipeline else everything
    scope = Scope(
        accounts=tuple(pulled),
        funnels=mapped.funnels,
        as_of=as_of,
        zone=zone,
        currency=_currency(config, pulled.values()),
        pulled=earliest,
        period=period,
        people=dict(_people(db, keys)),
        privacy=config.privacy,
        fiscal_year_start=config.fiscal_year_start,
        fields=history.fields(db, keys.values()),
        crms={name: stored.remote.crm for name, stored in pulled.items()},
        unweighted=frozenset(mapped.unweighted.values()),
        called_off=mapped.called_off,
    )
    return Frame(
        scope,
        tuple(keys.values()),
        mapped.places,
        Weights(history.probabilities(db, keys.values()), everything.desired()),
        config.rates,
        everything,
        _compared(period, asked.compare, config.fiscal_year_start),
        tuple(account.name for account in asked.accounts if account.name not in pulled),
        narrowed=asked.pipeline is not None,
    )


def _pulled(accounts: Sequence[Account], db: Database) -> Iterator[tuple[str, Stored]]:
    """The accounts that were pulled; where none was, the first one's fault is raised."""
    faults, found = [], False
    for account in accounts:
        try:
            yield account.name, stored_account(account, db)
            found = True
        except NotFound as fault:
            faults.append(fault)
    if not found:
        raise faults[0] if faults else NotFound("config.toml names no account")


def _zone(name: str) -> ZoneInfo:
    """A zone as a CRM names it, or UTC where nobody else knows that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _ms(instant: datetime, zone: ZoneInfo) -> int:
    return to_ms(instant if instant.tzinfo else instant.replace(tzinfo=zone))


def _period(asked: Asked, zone: ZoneInfo, as_of: int, fiscal_year_start: int) -> Period | None:
    if asked.period and (asked.start or asked.end):
        raise ValueError("a period has one name or two edges: --period, or --from and --to")
    if asked.period:
        return periods.named(asked.period, zone, fiscal_year_start)
    if asked.start is None and asked.end is None:
        return None
    if asked.start is None:
        raise ValueError("a period needs its start; add --from")
    end = as_of if asked.end is None else _ms(asked.end, zone)
    return periods.between(_ms(asked.start, zone), end, zone)


def _compared(
    period: Period | None, compare: Compare | None, fiscal_year_start: int
) -> Period | None:
    if compare is None:
        return None
    if period is None:
        raise ValueError("a comparison needs a period; add --period, or --from")
    if compare == Compare.PREVIOUS:
        return periods.before(period, fiscal_year_start)
    return periods.year_before(period, fiscal_year_start)


def _currency(config: Config, pulled: Iterable[Stored]) -> str | None:
    """The home currency, or else the one that all accounts share."""
    own = {stored.remote.currency for stored in pulled}
    return config.home_currency or (own.pop() if len(own) == 1 else None) or None


def _people(db: Database, accounts: Mapping[str, int]) -> Iterator[tuple[tuple[str, str], Person]]:
    for name, key in accounts.items():
        for owner in history.owners(db, key):
            yield (name, owner.id), Person(owner.name or owner.id, owner.team)
