"""What time in stage and calibration promise of any history, through a real database."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.config import load_config
from connector.jobs.analytics.calibration import read_calibration
from connector.jobs.analytics.scope import Asked, Frame, frame
from connector.jobs.analytics.time_in_stage import TimeQuestion, read_time_in_stage
from connector.metrics.flow.route import Ending
from connector.metrics.stages.calibration import OVERALL
from connector.metrics.stages.stays import Reading
from connector.metrics.stages.time_in_stage import Why
from connector.model import (
    Binding,
    Change,
    Deal,
    Field,
    Outcome,
    Page,
    Pipeline,
    Process,
    ProcessStage,
    Remote,
    Stage,
)
from connector.store import accounts, close, landing, open_database, promotion, pulls

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
CONFIG = """\
version = 1
[accounts.norge]
crm = "hubspot"
token = { env = "A" }
[accounts.sverige]
crm = "hubspot"
token = { env = "B" }
"""
STAGES = (
    Stage("met", "Met", 0.2, Outcome.OPEN),
    Stage("offered", "Offered", 0.6, Outcome.OPEN),
    Stage("extra", "Extra", 0.7, Outcome.OPEN),
    Stage("won", "Won", 1.0, Outcome.WON),
    Stage("lost", "Lost", 0.0, Outcome.LOST),
)
PIPELINE = Pipeline("sales", "Sales", STAGES)
PROCESS = Process(
    "sales",
    "Sales",
    "en",
    (
        ProcessStage("met", "Met", 0.2, max_days=2),
        ProcessStage("offered", "Offered", 0.6),
        ProcessStage("won", "Won", 1.0, Outcome.WON),
        ProcessStage("lost", "Lost", 0.0, Outcome.LOST),
    ),
    bindings=(Binding("norge", "sales", "en"), Binding("sverige", "sales", "en")),
)
EVERYTHING = TimeQuestion(tuple(Reading), exits=True, deals=99)
SPOTS = ("met", "offered", "extra", "won", "lost", "unknown")

moves = st.lists(
    st.tuples(st.sampled_from(SPOTS), st.integers(0, 150)), min_size=1, max_size=9
).map(lambda drawn: sorted(drawn, key=lambda move: move[1]))
histories = st.lists(st.tuples(moves, st.none() | st.integers(0, 160)), min_size=1, max_size=25)


def day(number):
    return DAWN + timedelta(days=number)


def a_deal(number, path, gone=None):
    told = tuple(Change(Field.STAGE, stage, day(at)) for stage, at in path)
    archived = None if gone is None else max(day(gone), told[-1].at)
    return Deal(str(number), f"Deal {number}", told[0].at, told[-1].at, told, archived_at=archived)


@contextmanager
def company(**deals) -> Iterator:
    """A database of accounts with their deals, and a way to lay questions over it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "config.toml")
        file.write_text(CONFIG)
        config = load_config(file, {})
        db = open_database(config.database)
        try:
            for name, told in deals.items():
                remote = Remote("hubspot", name, name, "STANDARD", "Europe/Oslo", "NOK", DAWN)
                run = pulls.begin(db, accounts.remember(db, name, remote), day(0), Field.ALWAYS)
                landing.land(db, run, Page(tuple(told)))
                landing.finish(db, run)
                promotion.promote(db, run, (PIPELINE,), (), day(400), {})

            def ask(*, processes=(PROCESS,), at=400, **more) -> Frame:
                known = tuple(each for each in config.accounts if each.name in deals)
                return frame(config, processes, db, Asked(known, as_of=day(at), **more))

            yield db, ask
        finally:
            close(db)


def until(deal, at):
    """What was known of a deal just before a day."""
    known = tuple(change for change in deal.changes if change.at < day(at))
    gone = deal.archived_at if deal.archived_at and deal.archived_at < day(at) else None
    return replace(deal, changes=known, archived_at=gone)


@settings(max_examples=30)
@given(histories, st.integers(1, 170))
def test_deleting_every_later_change_alters_nothing(drawn, at):
    """As of t, both reports are those of a database in which nothing at or after t happened."""
    deals = [a_deal(number, *each) for number, each in enumerate(drawn)]
    answers = []
    for told in (deals, [until(deal, at) for deal in deals if deal.changes[0].at < day(at)]):
        with company(norge=told) as (db, ask):
            laid = ask(at=at)
            answers.append((read_time_in_stage(laid, db, EVERYTHING), read_calibration(laid, db)))
    assert answers[0] == answers[1]


@settings(max_examples=30)
@given(histories)
def test_every_visit_is_counted_once(drawn):
    """Visits are counted by length, by way out, and as those left out: nowhere twice."""
    deals = [a_deal(number, *each) for number, each in enumerate(drawn)]
    with company(norge=deals) as (db, ask):
        times = read_time_in_stage(ask(), db, EVERYTHING)
        stored = db.execute(
            "SELECT COUNT(*) FROM visits v JOIN stages s ON s.id = v.stage"
            " WHERE s.remote NOT IN ('won', 'lost')"
        ).fetchone()[0]
    visits = [row for row in times.rows if row.reading is Reading.VISIT]
    counted = sum(row.stays for row in visits)
    assert counted + sum(each.visits for each in times.left_out) == stored
    assert [each.visits for each in times.exits] == [row.stays for row in visits]
    assert [each.ended for each in times.exits] == [row.exits for row in visits]


def test_accounts_are_pooled_under_their_process():
    """A stage of a process has one row, whatever account its visits are in."""
    path = (("met", 1), ("offered", 4), ("won", 9))
    with company(norge=[a_deal(1, path)], sverige=[a_deal(1, path), a_deal(2, path)]) as (db, ask):
        times = read_time_in_stage(ask(), db, TimeQuestion())
        apart = read_time_in_stage(ask(processes=()), db, TimeQuestion())
    assert [(row.funnel, row.step, row.stays) for row in times.rows] == [(0, 0, 3), (0, 1, 3)]
    assert [(row.funnel, row.stays) for row in apart.rows if row.stays] == [
        (0, 1),
        (0, 1),
        (1, 2),
        (1, 2),
    ]


def test_visits_that_count_nowhere_are_told():
    """To a stage the process does not have, and to one nobody knows; not with one funnel asked."""
    deals = [a_deal(1, (("met", 1), ("extra", 2), ("unknown", 3)))]
    with company(norge=deals) as (db, ask):
        told = read_time_in_stage(ask(), db, TimeQuestion()).left_out
        narrowed = read_time_in_stage(ask(pipeline="sales"), db, TimeQuestion()).left_out
    assert [(each.stage, each.why, each.visits) for each in told] == [
        ("Extra", Why.UNMAPPED, 1),
        ("unknown", Why.GONE, 1),
    ]
    assert [each.why for each in narrowed] == [Why.UNMAPPED]


def test_stalled_deals_go_by_the_process_before_the_history():
    """Met has max_days 2; offered has too few exits for 75 %, so nobody knows."""
    deals = [a_deal(n, (("met", 395 + n),)) for n in range(4)] + [a_deal(9, (("offered", 1),))]
    with company(norge=deals) as (db, ask):
        times = read_time_in_stage(ask(), db, EVERYTHING)
    met, offered = times.stalled
    assert (met.deals, met.after, met.over) == (4, 2 * 86_400_000, 3)
    assert (offered.deals, offered.after, offered.over) == (1, None, None)
    assert [(each.id, each.over) for each in times.deals] == [
        ("0", 3 * 86_400_000),
        ("1", 2 * 86_400_000),
        ("2", 86_400_000),
    ]


def test_a_period_and_the_one_before():
    """Each counts the visits that began in it."""
    deals = [a_deal(at, (("met", at), ("offered", at + 3))) for at in range(10, 80)]
    with company(norge=deals) as (db, ask):
        laid = ask(period="2026-03", compare="previous")
        times = read_time_in_stage(laid, db, TimeQuestion())
    assert times.rows[0].stays == 80 - 59
    assert times.before[0].stays == 28


@pytest.mark.parametrize(("period", "entries"), [(None, 20), ("2026-01", 20), ("2026-02", 0)])
def test_calibration_of_a_period(period, entries):
    """Entries into a stage in the period, by the probability in force then."""
    deals = [a_deal(n, (("met", 1), ("won" if n < 3 else "lost", 40))) for n in range(20)]
    with company(norge=deals) as (db, ask):
        found = read_calibration(ask(period=period), db)
    by_step = {each.step: each for each in found.entries}
    assert by_step[0].cases.counts.total() == entries
    if entries:
        assert (by_step[0].scores.forecast, by_step[0].scores.observed) == (0.2, 0.15)
        assert by_step[OVERALL].scores.brier == pytest.approx((3 * 0.64 + 17 * 0.04) / 20)
    # The first of February is the only one on which the deals lay there.
    assert len(found.months) == (0 if period == "2026-01" else 1)


def test_ways_out_go_by_the_process():
    """From met: offered is the next stage though extra stands between in the CRM or not."""
    paths = [(("met", 1), ("offered", 2)), (("met", 1), ("extra", 3)), (("met", 1), ("won", 2))]
    deals = [a_deal(n, paths[n % 3]) for n in range(30)]
    with company(norge=deals) as (db, ask):
        exits = read_time_in_stage(ask(), db, EVERYTHING).exits[0].exits
    assert {each.way: each.visits for each in exits if each.visits} == {
        Ending.ADVANCED: 10,
        Ending.LEFT: 10,
        Ending.WON: 10,
    }
