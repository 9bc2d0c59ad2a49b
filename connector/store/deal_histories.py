"""Deals with what changed in them before an instant, streamed in the order they are stored.

Three scans run side by side, each in the order of its primary key: deals, visits and changes. A
million deals cost their rows and no sorting, and one deal's worth of memory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from itertools import tee
from math import inf
from typing import Any, TypeVar

from sqlite_utils import Database

from connector.metrics.deal_history import DealHistory, Timeline, Visit
from connector.metrics.funnel import Place
from connector.metrics.periods import Window
from connector.model import Field, Outcome
from connector.store.instants import to_ms

Row = Sequence[Any]
Timelines = dict[str, list[tuple[int, str | None]]]
Values = dict[str, int | str]
Part = TypeVar("Part")

_ACCOUNTS = "SELECT id, name, currency FROM accounts"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which deals, up to when, and what of them a report needs.

    `accounts` are keys of accounts; `places` say where each stage stands, by its key. Amounts come
    in `currency`, at what `rates` say one unit of another is worth in it; without a currency they
    stay as they are. `open_in` narrows to deals with a stay in an open stage that touches it. Of
    the fields, those `as_seen` count from when they were first seen, and never before.
    """

    accounts: tuple[int, ...]
    as_of: int
    places: Mapping[int, Place]
    fields: frozenset[str] = frozenset()
    currency: str | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    open_in: Window | None = None
    as_seen: frozenset[str] = frozenset()


def deal_histories(db: Database, selection: Selection) -> Iterator[DealHistory]:
    """Every deal of which anything is dated before the instant, oldest sighting first.

    The others did not exist as of then.
    """
    values = _values(db, selection)
    deals, for_stays, for_changes = tee(_deals(db, selection, values), 3)
    stays = _along(for_stays, _visits(_stays(db, selection, values), selection), [])
    changes = _along(for_changes, _timelines(db, selection, values), {})
    accounts = {key: (name, own) for key, name, own in db.execute(_ACCOUNTS)}
    for deal, visits, told in zip(deals, stays, changes, strict=True):
        if told:
            yield _told(deal, *accounts[deal[1]], visits, told, selection)
        elif visits:
            _, account, remote, name, created, gone, *_ = deal
            yield DealHistory(accounts[account][0], remote, name, created, gone, visits)


def _along(
    deals: Iterator[Row], pairs: Iterator[tuple[int, Part]], nothing: Part
) -> Iterator[Part]:
    """What belongs to each of the deals, in their order; both sides ascend by the deal's key."""
    key: float
    key, part = next(pairs, (inf, nothing))
    for deal in deals:
        while key < deal[0]:
            key, part = next(pairs, (inf, nothing))
        yield part if key == deal[0] else nothing


def _deals(db: Database, selection: Selection, values: Values) -> Iterator[Row]:
    money = "d.currency, d.amount, d.home_amount" if selection.fields else "NULL, NULL, NULL"
    return db.execute(
        "SELECT d.id, d.account, d.remote, d.name, d.created_at,"
        f" IIF(d.gone_at < :at, d.gone_at, NULL), {money} FROM deals d NOT INDEXED"
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
    visit = partial(tuple.__new__, Visit)  # as Visit(…) does it, in half the time
    visits: list[Visit] = []
    key = 0
    for deal, stage, entered, left, cut in rows:
        if deal != key:
            if visits:
                yield key, visits
            key, visits = deal, []
        visits.append(visit((place(stage), entered, left, cut)))
    if visits:
        yield key, visits


def _timelines(
    db: Database, selection: Selection, values: Values
) -> Iterator[tuple[int, Timelines]]:
    """What each field of a deal was worth since when.

    A field whose history the CRM does not tell was first seen with a value it may have had since
    the deal was made; it counts from the earliest instant it may have been so, for no later one is
    any better known. Not so one that hindsight would make right: it counts from when it was seen.
    """
    known = db.execute("SELECT id, remote FROM fields")
    names = {key: name for key, name in known if name in selection.fields}
    rows = _changes(db, selection, values, names) if names else iter(())
    as_of = selection.as_of
    told: Timelines = {}
    deal = 0
    for each, key, at, value, not_before in rows:
        if each != deal:
            if told:
                yield deal, told
            deal, told = each, {}
        name = names[key]
        timeline = told.get(name)
        if timeline is None:
            timeline = told[name] = []
        seen_then = timeline or not_before is None or name in selection.as_seen
        since = at if seen_then else not_before
        if since < as_of:
            timeline.append((since, value))
    if told:
        yield deal, told


def _told(
    deal: Row, account: str, own: str, visits: list[Visit], told: Timelines, selection: Selection
) -> DealHistory:
    """A deal with the histories of its fields."""
    _, _, remote, name, created, gone, currency, amount, home = deal
    rate = _rate(selection, currency or own, own, amount, home)
    return DealHistory(
        account,
        remote,
        name,
        created,
        gone,
        visits,
        _amounts(told[Field.AMOUNT], rate) if Field.AMOUNT in told else (),
        _closes(told[Field.CLOSE_DATE]) if Field.CLOSE_DATE in told else (),
        told.get(Field.OWNER, ()),
        told,
        rate is None,
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


def _amounts(timeline: Timeline[str], rate: float | None) -> Timeline[int]:
    if rate is None:
        return [(at, None) for at, _ in timeline]
    return [
        (at, None if value is None else round(float(value) * rate * 100)) for at, value in timeline
    ]


def _closes(timeline: Timeline[str]) -> Timeline[int]:
    return [(at, None if value is None else _instant(value)) for at, value in timeline]


@lru_cache(100_000)  # close dates are days, and many deals share them
def _instant(value: str) -> int:
    return to_ms(datetime.fromisoformat(value))
