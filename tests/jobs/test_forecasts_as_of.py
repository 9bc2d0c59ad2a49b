"""Forecasts, their accuracy and the waterfall, through a real database and back in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.config import load_config
from connector.jobs.analytics.forecast import read_forecast
from connector.jobs.analytics.forecast_accuracy import read_forecast_accuracy
from connector.jobs.analytics.head import read_head
from connector.jobs.analytics.scope import Asked, frame
from connector.jobs.analytics.waterfall import read_waterfall
from connector.metrics.forecasting.odds import KINDS
from connector.metrics.periods import Span
from connector.model import Change, Deal, Field, Outcome, Owner, Page, Pipeline, Remote, Stage
from connector.report.analytics.forecast import forecast_document
from connector.report.analytics.forecast_accuracy import forecast_accuracy_document
from connector.report.analytics.waterfall import waterfall_document
from connector.report.as_json import to_json
from connector.store import accounts, close, landing, open_database, promotion, pulls

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
PULLED = 400
CONFIG = """\
version = 1
[accounts.norge]
crm = "hubspot"
token = { env = "A" }
fields = { confidence = "hs_forecast_probability" }
"""
FIELDS = (*Field.ALWAYS, "confidence")
SALES = Pipeline(
    "sales",
    "Sales",
    (
        Stage("met", "Met", 0.2, Outcome.OPEN, 0),
        Stage("offered", "Offered", 0.6, Outcome.OPEN, 1),
        Stage("won", "Won", 1.0, Outcome.WON, 2),
        Stage("lost", "Lost", 0.0, Outcome.LOST, 3),
    ),
)


def day(number: float) -> datetime:
    return DAWN + timedelta(days=number)


def answers(config, db, as_of: float) -> list[str]:
    """Each report as JSON, as of a day."""
    reports = (
        (lambda frame, db: read_forecast(frame, db, ()), forecast_document),
        (
            lambda frame, db: read_forecast_accuracy(frame, db, Span.MONTH, ()),
            partial(forecast_accuracy_document, kinds=KINDS),
        ),
        (lambda frame, db: read_waterfall(frame, db, "2026Q2", lists=True), waterfall_document),
    )
    asked = Asked(config.accounts, as_of=day(as_of), start=day(30), end=day(min(as_of, 150)))
    laid = frame(config, (), db, asked)
    whole = replace(laid, scope=replace(laid.scope, period=None))
    frames = (whole, whole, laid)
    return [
        to_json(document(read_head(each, db), read(each, db)))
        for each, (read, document) in zip(frames, reports, strict=True)
    ]


def told(deals: list[Deal], as_of: float) -> list[str]:
    """The reports on these deals, alone in a database of their own."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(CONFIG, "utf-8")
        config = load_config(path, {})
        db = open_database(config.database)
        try:
            remote = Remote("hubspot", "1", "Nordlys", "STANDARD", "Europe/Oslo", "NOK", DAWN)
            account = accounts.remember(db, "norge", remote)
            run = pulls.begin(db, account, day(PULLED), FIELDS)
            landing.land(db, run, Page(tuple(deals)))
            owners = (Owner("7", "Kari", team="East"), Owner("8", "Ola", team="West"))
            landing.finish(db, run)
            promotion.promote(db, run, (SALES,), owners, day(PULLED))
            return answers(config, db, as_of)
        finally:
            close(db)


def lived(number, moves, amounts, closes, owners, sure, archived) -> Deal:
    """A deal with a random past in every field these reports read."""
    fields = {
        Field.STAGE: moves,
        Field.AMOUNT: {at: str(amount) for at, amount in amounts.items()},
        Field.CLOSE_DATE: {at: day(when).isoformat() for at, when in closes.items()},
        Field.OWNER: owners,
        "confidence": {at: str(share / 100) for at, share in sure.items()},
    }
    changes = [
        Change(field, value, day(at))
        for field, values in fields.items()
        for at, value in values.items()
    ]
    born = day(min(moves, default=0))
    return Deal(
        str(number),
        f"Deal {number}",
        born,
        born,
        tuple(sorted(changes, key=lambda change: change.at)),
        archived_at=None if archived is None else day(archived),
    )


def before(deal: Deal, at: datetime) -> Deal:
    """The deal without anything that happened at an instant or later."""
    gone = deal.archived_at
    return replace(
        deal,
        changes=tuple(change for change in deal.changes if change.at < at),
        archived_at=gone if gone and gone < at else None,
    )


DAYS = st.integers(0, 300)
LIVES = st.lists(
    st.tuples(
        st.dictionaries(
            DAYS, st.sampled_from(["met", "offered", "won", "lost"]), min_size=1, max_size=5
        ),
        st.dictionaries(DAYS, st.integers(0, 10**6), max_size=3),
        st.dictionaries(DAYS, st.integers(0, 400), max_size=3),
        st.dictionaries(DAYS, st.sampled_from(["7", "8"]), max_size=2),
        st.dictionaries(DAYS, st.integers(0, 99), max_size=2),
        st.none() | st.integers(200, 320),
    ),
    max_size=6,
)
# Enough decided deals for every kind of probability from the second month on, with every field.
DECIDED = [
    lived(
        100 + n,
        {n: "met", n + 9: "won" if n % 3 else "lost"},
        {n: 7000},
        {n: 60},
        {n: "7"},
        {n: 40},
        None,
    )
    for n in range(15)
]


@settings(max_examples=25)
@given(lives=LIVES, as_of=st.integers(60, 310))
def test_no_number_depends_on_anything_later(lives, as_of):
    """With every change at or after the instant deleted, each report is the same to the letter."""
    whole = [*DECIDED, *(lived(number, *life) for number, life in enumerate(lives))]
    cut = [before(deal, day(as_of)) for deal in whole]
    assert told(whole, as_of) == told([deal for deal in cut if deal.changes], as_of)


def test_a_change_at_the_instant_does_not_count():
    """What happens at 00:00 of the day is in no report as of that day, but is a second later."""
    known = lived(1, {50: "met"}, {50: 10}, {50: 150}, {50: "7"}, {}, None)
    later = lived(1, {50: "met", 100: "won"}, {50: 10, 100: 99}, {50: 150}, {50: "7"}, {}, None)
    assert told([*DECIDED, known], 100) == told([*DECIDED, later], 100)
    after = 100 + 1 / 86_400
    pairs = zip(told([*DECIDED, known], after), told([*DECIDED, later], after), strict=True)
    assert all(one != other for one, other in pairs)


@pytest.mark.parametrize("deals", [[], DECIDED[:1]])
def test_a_database_with_next_to_nothing_in_it_is_no_trouble(deals):
    """No deals at all, or a single closed one, make reports that say so."""
    assert len(told(deals, 100)) == 3
