"""What the reports of deals' ways promise of any history, through a real database."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from connector.config import load_config
from connector.jobs.analytics.conversion import read_conversions
from connector.jobs.analytics.head import read_head
from connector.jobs.analytics.losses import read_losses
from connector.jobs.analytics.reps import read_reps
from connector.jobs.analytics.scope import Asked, frame
from connector.jobs.analytics.suggest import read_suggestions
from connector.metrics.flow.conversion import Rule
from connector.metrics.flow.reps import Exits
from connector.metrics.grouping import By
from connector.model import (
    Binding,
    Change,
    Deal,
    Field,
    Outcome,
    Owner,
    Page,
    Pipeline,
    Process,
    ProcessStage,
    Remote,
    Stage,
)
from connector.store import accounts, close, landing, open_database, promotion, pulls

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
LAST = 12
FIELDS = (*Field.ALWAYS, "product", "lost_reason")
STAGES = (
    Stage("new", "New", 0.2, Outcome.OPEN),
    Stage("met", "Met", 0.4, Outcome.OPEN),
    Stage("offer", "Offer", 0.6, Outcome.OPEN),
    Stage("extra", "Extra", 0.6, Outcome.OPEN),
    Stage("won", "Won", 1.0, Outcome.WON),
    Stage("lost", "Lost", 0.0, Outcome.LOST),
)
PROCESS = Process(
    "sales",
    "Sales",
    "en",
    tuple(
        ProcessStage(stage.id, stage.label, 0.5, stage.outcome, mandatory=stage.id == "met")
        for stage in STAGES
        if stage.id != "extra"
    ),
    bindings=(Binding("norge", "a", "en", stages={"new": "new", "met": "met"}),),
    key_conversions=(("new", "won"),),
)
PIPELINES = (
    Pipeline("a", "Sales", STAGES),
    Pipeline(
        "b",
        "Other",
        (Stage("b1", "Asked", 0.1, Outcome.OPEN), Stage("b2", "Refused", 0.0, Outcome.LOST)),
    ),
)
VALUES = {
    Field.STAGE: [*(stage.id for stage in STAGES), "b1", "b2", "unknown"],
    Field.OWNER: ["7", "8"],
    Field.AMOUNT: ["100", "200.5", None],
    Field.CLOSE_DATE: ["2026-01-05T00:00:00Z", "2026-03-01T00:00:00Z", None],
    "product": ["Pump", "Valve"],
    "lost_reason": ["Price", None],
}
CONFIG = """\
version = 1
[accounts.norge]
crm = "hubspot"
token = { env = "A" }
[privacy]
minimum_group = 1
"""


def instant(hours):
    return DAWN + timedelta(hours=hours)


moments = st.integers(0, LAST * 4).map(lambda quarter: quarter * 6)
changes = st.sampled_from(sorted(VALUES)).flatmap(
    lambda field: st.builds(Change, st.just(field), st.sampled_from(VALUES[field]), st.none())
)


@st.composite
def deals(draw, number):
    """A deal whose fields change at any quarter of a day, often two at one instant."""
    told = draw(st.lists(st.tuples(moments, changes), min_size=1, max_size=12))
    told = sorted(told, key=lambda pair: pair[0])
    known = tuple(structs.replace(change, at=instant(at)) for at, change in told)
    gone = draw(st.none() | moments)
    archived = None if gone is None else max(instant(gone), known[-1].at)
    return Deal(
        str(number), f"Deal {number}", known[0].at, known[-1].at, known, archived_at=archived
    )


histories = st.integers(1, 6).flatmap(lambda n: st.tuples(*(deals(each) for each in range(n))))

# Whoever reads a report knows which fields are tracked: every history has one value of each.
FIRST = Deal(
    "first",
    "First",
    instant(-24),
    instant(-24),
    tuple(Change(field, values[0], instant(-24)) for field, values in VALUES.items()),
)


def until(deal, at):
    """What would be known of a deal, had nothing happened from an instant on."""
    known = tuple(change for change in deal.changes if change.at < at)
    gone = deal.archived_at if deal.archived_at and deal.archived_at < at else None
    return replace(deal, changes=known, archived_at=gone)


def reports(folder, deals, at, **asked):
    """All that the reports say as of an instant."""
    folder.mkdir()
    (folder / "config.toml").write_text(CONFIG)
    config = load_config(folder / "config.toml", {})
    db = open_database(config.database)
    try:
        remote = Remote("hubspot", "norge", "norge", "STANDARD", "Europe/Oslo", "NOK", DAWN)
        account = accounts.remember(db, "norge", remote)
        run = pulls.begin(db, account, instant(LAST * 24 + 1), FIELDS)
        landing.land(db, run, Page((FIRST, *deals)))
        owners = (Owner("7", "Kari", team="East"), Owner("8", "Lars", team="West"))
        landing.finish(db, run)
        promotion.promote(db, run, PIPELINES, owners, instant(LAST * 24 + 1), {})
        laid = frame(config, (PROCESS,), db, Asked(config.accounts, as_of=at, **asked))
        head = read_head(laid, db, people=True)
        return (
            head.adoption,
            head.reach,
            read_conversions(laid, db, Rule.REACHED, By.OWNER),
            read_losses(laid, db),
            read_reps(laid, db, None),
            read_suggestions(laid, db, (PROCESS,)),
        )
    finally:
        close(db)


@settings(max_examples=40)
@given(histories, moments, st.booleans())
def test_what_happens_later_alters_nothing(deals, hours, of_period):
    """With every change and archiving from an instant on deleted, each report is the same."""
    at = instant(hours)
    asked = {"start": instant(24), "end": instant(120)} if of_period else {}
    known = tuple(each for deal in deals if (each := until(deal, at)).changes)
    with tempfile.TemporaryDirectory() as folder:
        whole = reports(Path(folder) / "whole", deals, at, **asked)
        cut = reports(Path(folder) / "cut", known, at, **asked)
    assert whole == cut


@settings(max_examples=40)
@given(histories)
def test_one_process_by_itself_is_as_among_all(deals):
    """With --pipeline, a deal that went on in another one is no more undecided than without."""
    at = instant(LAST * 24 + 24)
    with tempfile.TemporaryDirectory() as folder:
        _, _, found, lost, reps, likely = reports(Path(folder) / "all", deals, at)
        _, _, alone, lost_alone, reps_alone, likely_alone = reports(
            Path(folder) / "alone", deals, at, pipeline="sales"
        )
    assert alone.flows == found.flows[:1]
    assert lost_alone.funnels == lost.funnels[:1]
    assert reps_alone.funnels == reps.funnels[:1]
    assert likely_alone == likely[:1]


@settings(max_examples=20)
@given(histories)
def test_every_report_adds_up(deals):
    """Stays, exits and decided deals are the same number in every report that counts them."""
    with tempfile.TemporaryDirectory() as folder:
        adoption, _, found, lost, reps, _ = reports(
            Path(folder) / "all", deals, instant(LAST * 24 + 24)
        )
    for flow, losses, people in zip(found.flows, lost.funnels, reps.funnels, strict=True):
        for step, ended in flow.outcomes.items():
            decided = ended.total() - ended["left"] - ended["there"]
            assert people.stages.get(step, Exits()).decided == decided
        told = sum(reasons.total() for reasons in losses.reasons.values())
        assert told == sum(ended.lost for ended in people.ended.values())
    assert sum(each.deals for each in adoption.reps.values()) == adoption.whole.deals


@pytest.mark.parametrize("at", [instant(-24), instant(-48)])
def test_before_the_first_change_there_is_nothing(tmp_path, at):
    """As of an instant before the history every report is empty, and none fails."""
    adoption, reach, found, lost, reps, _ = reports(tmp_path / "none", (), at)
    assert adoption.whole.deals == reach.deals == 0
    assert not any(flow.outcomes for flow in found.flows)
    assert not any(each.to_lose for each in lost.funnels)
    assert not any(each.advances for each in reps.funnels)
