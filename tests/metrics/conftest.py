"""Deals and funnels in a line each, for every test of a report's numbers.

Days are counted from the first instant of 2026 in UTC, day 0 being New Year's Day.
"""

from zoneinfo import ZoneInfo

import pytest

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.funnel import OFF, Funnel, FunnelStage, Place
from connector.metrics.scope import Scope
from connector.model import Outcome

NEW_YEAR = 1_767_225_600_000


def _day(number):
    return NEW_YEAR + round(number * 86_400_000)


def _funnel(*open_stages, mandatory=(), ask=None, key="sales", probabilities=None):
    """These open stages in order, then "won" and "lost"."""
    known = {"won": 1.0, "lost": 0.0} | (probabilities or {})
    outcomes = dict.fromkeys(open_stages, Outcome.OPEN)
    outcomes |= {"won": Outcome.WON, "lost": Outcome.LOST}
    stages = (
        FunnelStage(
            stage,
            stage.capitalize(),
            outcome,
            known.get(stage),
            mandatory=stage in mandatory,
            ask=stage == ask,
        )
        for stage, outcome in outcomes.items()
    )
    return Funnel(key, key.capitalize(), tuple(stages))


_SALES = _funnel("new", "meeting", "offer", mandatory=("meeting",), ask="offer")


def _place(stage, funnel=_SALES, number=0):
    """Where a stage stands; "off" is one the funnel does not have, "-" one nobody knows."""
    if stage == "-":
        return None
    if stage == "off":
        return Place(number, OFF, Outcome.OPEN, 100 * number + 99)
    step = next(at for at, each in enumerate(funnel.stages) if each.key == stage)
    return Place(number, step, funnel.stages[step].outcome, 100 * number + step)


def _timeline(told, since):
    """What a field was worth by day, or the one value it always had."""
    if told is None:
        return []
    by_day = told if isinstance(told, dict) else {since: told}
    return [(_day(at), value) for at, value in sorted(by_day.items())]


def _deal(
    path,
    *,
    funnel=_SALES,
    number=0,
    created=None,
    gone=None,
    owner=None,
    amount=None,
    close=None,
    id="1",
    account="norge",
    name="",
    unpriced=False,
    **values,
):
    """A deal by its path, such as "new 0, meeting 3.5, won 10": each stage and the day it came.

    `owner`, `amount` (hundredths), `close` (day) and further fields by name are one value since the
    deal was made, or a dict of values by day.
    """
    entries = [each.split() for each in path.split(",")] if path else []
    days = [float(at) for _, at in entries]
    ends = [*map(_day, days[1:]), None if gone is None else _day(gone)]
    visits = (
        [
            Visit(_place(stage, funnel, number), _day(at), left)
            for (stage, _), at, left in zip(entries, days, ends, strict=True)
        ]
        if entries
        else []
    )
    if gone is not None and visits:
        visits[-1] = visits[-1]._replace(cut=True)
    since = created if created is not None else days[0] if days else 0
    closes = [(at, None if day is None else _day(day)) for at, day in _timeline(close, since)]
    return DealHistory(
        account,
        id,
        name or f"Deal {id}",
        _day(since),
        None if gone is None else _day(gone),
        visits,
        _timeline(amount, since),
        closes,
        _timeline(owner, since),
        {field: _timeline(told, since) for field, told in values.items()},
        unpriced,
    )


def _scope(*funnels, as_of=365, **more):
    return Scope(
        accounts=("norge",),
        funnels=funnels or (_SALES,),
        as_of=_day(as_of),
        zone=ZoneInfo("UTC"),
        currency="NOK",
        pulled=_day(as_of),
        **more,
    )


@pytest.fixture(scope="session")
def day():
    """The first instant of a day, in milliseconds."""
    return _day


@pytest.fixture(scope="session")
def sales():
    """A funnel of new, meeting (mandatory), offer (where the decision is asked for), won, lost."""
    return _SALES


@pytest.fixture(scope="session")
def funnel():
    """Builds another funnel from the keys of its open stages."""
    return _funnel


@pytest.fixture(scope="session")
def place():
    """Where a stage of a funnel stands."""
    return _place


@pytest.fixture(scope="session")
def deal():
    """Builds a deal from its path."""
    return _deal


@pytest.fixture(scope="session")
def scope():
    """Builds the frame of a report."""
    return _scope
