"""Deals with what changed in them before an instant, streamed in the order they are stored.

Three scans run side by side, each in the order of its primary key: deals, visits and changes. A
million deals cost their rows and no sorting, and one deal's worth of memory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from math import inf
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sqlite_utils import Database

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.funnel import Place
from connector.metrics.periods import Window
from connector.model import Field, Outcome
from connector.store.instants import to_ms

Row = Sequence[Any]
Timelines = dict[str, list[tuple[int, str | None]]]
Values = dict[str, int | str]
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which deals, up to when, and what of them a report needs.

    `accounts` are keys of accounts; `places` say where each stage stands, by its key. Amounts come
    in `currency`, at what `rates` say one unit of another is worth in it; without a currency they
    stay as they are. `open_in` narrows to deals with a stay in an open stage that touches it.
    """

    accounts: tuple[int, ...]
    as_of: int
    places: Mapping[int, Place]
    fields: frozenset[str] = frozenset()
    currency: str | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    open_in: Window | None = None


def deal_histories(db: Database, selection: Selection) -> Iterator[DealHistory]:
    """Every deal of which anything is dated before the instant, oldest sighting first.

    The others did not exist as of then.
    """
    values = _values(db, selection)
    stays = _Beside(_visits(_stays(db, selection, values), selection), [])
    changes = _Beside(_timelines(db, selection, values), {})
    for key, *deal in _deals(db, selection, values):
        visits, told = stays.of(key), changes.of(key)
        if visits or told:
            yield _history(deal, visits, told, selection)


class _Beside(Generic[Part]):
    """Hands out what belongs to one deal after the other; pairs and questions ascend by its key."""

    def __init__(self, pairs: Iterator[tuple[int, Part]], nothing: Part):
        self._pairs = pairs
        self._nothing = nothing
        self._deal: float
        self._deal, self._part = next(pairs, (inf, nothing))

    def of(self, deal: int) -> Part:
        """The part of a deal, nothing where it has none."""
        while self._deal < deal:
            self._deal, self._part = next(self._pairs, (inf, self._nothing))
        return self._part if self._deal == deal else self._nothing


def _deals(db: Database, selection: Selection, values: Values) -> Iterator[Row]:
    return db.execute(
        "SELECT d.id, a.name, d.remote, d.name, d.created_at, d.gone_at, d.currency, a.currency,"
        " d.amount, d.home_amount FROM deals d NOT INDEXED JOIN accounts a ON a.id = d.account"
        f" WHERE d.account IN ({_list(selection.accounts)}) {_narrowed('d.id', selection)}"
        " ORDER BY d.id",
        values,
    )


def _stays(db: Database, selection: Selection, values: Values) -> Iterator[Row]:
    """Stays as of the instant: what ended later had not ended yet."""
    return db.execute(
        "SELECT deal, stage, entered_at, IIF(left_at < :at, left_at, NULL),"
        " cut AND left_at < :at FROM visits"
        f" WHERE entered_at < :at {_narrowed('deal', selection)} ORDER BY deal, number",
        values,
    )


def _changes(
    db: Database, selection: Selection, values: Values, fields: Iterable[int]
) -> Iterator[Row]:
    """Changes of these fields before the instant, and those that may have been so since ever."""
    return db.execute(
        "SELECT deal, field, at, value, not_before FROM changes"
        f" WHERE field IN ({_list(fields)}) AND (at < :at OR not_before IS NOT NULL)"
        f" {_narrowed('deal', selection)} ORDER BY deal, field, at, tie",
        values,
    )


def _narrowed(deal: str, selection: Selection) -> str:
    return f"AND {deal} IN (SELECT value FROM json_each(:deals))" if selection.open_in else ""


def _values(db: Database, selection: Selection) -> Values:
    """What the three scans are bound to; the deals they are narrowed to are sought only once."""
    if selection.open_in is None:
        return {"at": selection.as_of}
    open_stages = _list(
        stage for stage, place in selection.places.items() if place.outcome is Outcome.OPEN
    )
    since, until = selection.open_in
    rows = db.execute(
        "SELECT DISTINCT deal FROM visits WHERE entered_at < MIN(?, ?)"
        f" AND (left_at IS NULL OR left_at >= ?) AND stage IN ({open_stages})",
        (until, selection.as_of, since),
    )
    return {"at": selection.as_of, "deals": f"[{_list(deal for (deal,) in rows)}]"}


def _list(keys: Iterable[int]) -> str:
    return ", ".join(map(str, keys))


def _visits(rows: Iterator[Row], selection: Selection) -> Iterator[tuple[int, list[Visit]]]:
    place = selection.places.get
    for deal, stays in groupby(rows, key=itemgetter(0)):
        yield (
            deal,
            [Visit(place(stage), entered, left, cut) for _, stage, entered, left, cut in stays],
        )


def _timelines(
    db: Database, selection: Selection, values: Values
) -> Iterator[tuple[int, Timelines]]:
    """What each field of a deal was worth since when.

    A field whose history the CRM does not tell was first seen with a value it may have had since
    the deal was made; it counts from the earliest instant it may have been so, for no later one is
    any better known.
    """
    known = db.execute("SELECT id, remote FROM fields")
    names = {key: name for key, name in known if name in selection.fields}
    rows = _changes(db, selection, values, names) if names else iter(())
    for deal, changes in groupby(rows, key=itemgetter(0)):
        told: Timelines = {}
        for _, key, at, value, not_before in changes:
            timeline = told.setdefault(names[key], [])
            since = at if timeline or not_before is None else not_before
            if since < selection.as_of:
                timeline.append((since, value))
        yield deal, told


def _history(deal: Row, visits: list[Visit], told: Timelines, selection: Selection) -> DealHistory:
    account, remote, name, created, gone, currency, own, amount, home = deal
    if gone is not None and gone >= selection.as_of:
        gone = None
    if not told:
        return DealHistory(account, remote, name, created, gone, visits)
    rate = _rate(selection, currency or own, own, amount, home)
    return DealHistory(
        account,
        remote,
        name,
        created,
        gone,
        visits,
        [(at, _hundredths(value, rate)) for at, value in told.get(Field.AMOUNT, ())],
        [(at, _instant(value)) for at, value in told.get(Field.CLOSE_DATE, ())],
        told.get(Field.OWNER, ()),
        told,
        unpriced=rate is None,
    )


def _rate(
    selection: Selection, currency: str, own: str, amount: str | None, home: str | None
) -> float | None:
    """What one unit of a deal's currency is worth in the report's.

    A rate that config.toml names comes first; where it names none, the CRM's own does for sums in
    the currency of the account, as the deal's amount in both says it.
    """
    if currency == selection.currency or selection.currency is None:
        return 1.0
    if (named := selection.rates.get(currency)) is not None:
        return named
    if own == selection.currency and amount and home and float(amount):
        return float(home) / float(amount)
    return None


def _hundredths(value: str | None, rate: float | None) -> int | None:
    return None if value is None or rate is None else round(float(value) * rate * 100)


@lru_cache(100_000)  # close dates are days, and many deals share them
def _instant(value: str | None) -> int | None:
    return None if value is None else to_ms(datetime.fromisoformat(value))
