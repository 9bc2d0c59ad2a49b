"""Win rates, deal sizes, cycles and velocity, through a real database and back in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.config import Config, load_config
from connector.jobs.analytics.cycle import read_cycles
from connector.jobs.analytics.deal_size import read_deal_sizes
from connector.jobs.analytics.head import read_head
from connector.jobs.analytics.scope import Asked, Compare, frame
from connector.jobs.analytics.velocity import read_velocities
from connector.jobs.analytics.win_rate import read_win_rates
from connector.metrics.grouping import By
from connector.metrics.outcomes.closings import ClosedOn, Reading
from connector.model import Change, Deal, Field, Outcome, Owner, Page, Pipeline, Remote, Stage
from connector.process import load_processes
from connector.report.analytics.cycle import cycle_document
from connector.report.analytics.deal_size import deal_size_document
from connector.report.analytics.velocity import velocity_document
from connector.report.analytics.win_rate import win_rate_document
from connector.report.as_json import to_json
from connector.store import accounts, close, landing, open_database, promotion, pulls

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
CONFIG = """\
version = 1
[accounts.norge]
crm = "hubspot"
token = { env = "A" }
fields = { product = "product_line" }
[targets.2026Q1]
total = 2_000_000
owners = { "Kari" = 1_000_000 }
[privacy]
minimum_group = 2
"""
PROCESS = """\
version = 1
key = "sales"
label = "Sales"
language = "en"
stage = [
    { key = "met", label = "Met", probability = 0.2 },
    { key = "offered", label = "Offered", probability = 0.6, ask = true },
    { key = "won", label = "Won", probability = 1.0, outcome = "won" },
    { key = "lost", label = "Lost", probability = 0.0, outcome = "lost" },
]
bindings = [{ account = "norge", pipeline = "sales", language = "en" }]
"""
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
FIELDS = (*Field.ALWAYS, "product")
OWNERS = (Owner("7", "Kari", team="East"), Owner("8", "Ola", team="West"))


def day(number: float) -> datetime:
    return DAWN + timedelta(days=number)


def told(deals: list[Deal], as_of: int) -> list[str]:
    """Every report on these deals as of a day, alone in a database of their own."""
    with TemporaryDirectory() as folder:
        config = settled(Path(folder))
        db = open_database(config.database)
        try:
            remote = Remote("hubspot", "1", "Nordlys", "STANDARD", "Europe/Oslo", "NOK", DAWN)
            account = accounts.remember(db, "norge", remote)
            run = pulls.begin(db, account, day(400), FIELDS)
            landing.land(db, run, Page(tuple(deals)))
            landing.finish(db, run)
            promotion.promote(db, run, (SALES,), OWNERS, day(400))
            return list(answers(config, db, as_of))
        finally:
            close(db)


def settled(folder: Path) -> Config:
    (folder / "mappings").mkdir()
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    (folder / "mappings" / "sales.toml").write_text(PROCESS, "utf-8")
    return load_config(folder / "config.toml", {})


def answers(config: Config, db, as_of: int):
    asked = Asked(config.accounts, as_of=day(as_of), period="2026Q1", compare=Compare.PREVIOUS)
    laid = frame(config, load_processes(config.mappings), db, asked)
    head = read_head(laid, db)
    for by in (By.OWNER, By.PRODUCT):
        for reading in (Reading(), Reading(ClosedOn.FIELD)):
            rates = read_win_rates(laid, db, by, By.TEAM, reading, trend=True)
            yield to_json(win_rate_document(head, rates))
        yield to_json(deal_size_document(head, read_deal_sizes(laid, db, by)))
        yield to_json(cycle_document(head, read_cycles(laid, db, by)))
        found = read_velocities(laid, db, config.targets, by)
        yield to_json(velocity_document(head, found))


def before(deal: Deal, at: datetime) -> Deal:
    """The deal without anything that happened at an instant or later."""
    gone = deal.archived_at
    return replace(
        deal,
        changes=tuple(change for change in deal.changes if change.at < at),
        archived_at=gone if gone and gone < at else None,
    )


DAYS = st.integers(0, 120)


@st.composite
def lives(draw, number: int) -> Deal:
    """A deal with a random past in every field these reports read."""
    stages = st.sampled_from(["met", "offered", "won", "lost"])
    past = {
        Field.STAGE: draw(st.dictionaries(DAYS, stages, min_size=1, max_size=5)),
        Field.AMOUNT: draw(st.dictionaries(DAYS, st.sampled_from(["0", "12.5", "9000"]))),
        Field.CLOSE_DATE: draw(st.dictionaries(DAYS, DAYS.map(lambda at: day(at).isoformat()))),
        Field.OWNER: draw(st.dictionaries(DAYS, st.sampled_from(["7", "8", None]))),
        "product": draw(st.dictionaries(DAYS, st.sampled_from(["A", "B", None]))),
    }
    changes = [
        Change(field, value, day(at)) for field, told in past.items() for at, value in told.items()
    ]
    born = day(min(past[Field.STAGE]))
    return Deal(
        str(number),
        f"Deal {number}",
        born,
        born,
        tuple(sorted(changes, key=lambda change: change.at)),
        archived_at=draw(st.none() | st.integers(100, 140).map(day)),
    )


@settings(max_examples=25)
@given(data=st.data(), as_of=st.integers(10, 130))
def test_what_comes_later_alters_nothing(data, as_of):
    """Deleting every change at or after the instant leaves each report as it was, to the letter."""
    deals = [data.draw(lives(number)) for number in range(data.draw(st.integers(1, 14)))]
    assert told(deals, as_of) == told([before(deal, day(as_of)) for deal in deals], as_of)


def test_a_field_nobody_filled_in_yet_can_split(tmp_path):
    """What is tracked is settled by pulls, so that a value that comes later alters nothing."""
    config = settled(tmp_path)
    db = open_database(config.database)
    try:
        remote = Remote("hubspot", "1", "Nordlys", "STANDARD", "Europe/Oslo", "NOK", DAWN)
        run = pulls.begin(db, accounts.remember(db, "norge", remote), day(400), FIELDS)
        landing.land(db, run, Page(()))
        landing.finish(db, run)
        promotion.promote(db, run, (SALES,), OWNERS, day(400))
        scope = frame(config, (), db, Asked(config.accounts)).scope
    finally:
        close(db)
    assert scope.fields == {*Field.ALWAYS, "product"}
