from datetime import date

import pytest

from connector.model import EditStage, Merged, Owner, StageValues, Unread
from connector.reconcile.acceptance import Acceptance
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.sightings import Mark
from connector.reconcile.work_orders import WorkOrder, wish_of
from connector.reconcile.work_review import Closed, Ending
from connector.store import drifts, journal, runs, work_orders
from connector.store.journal import State
from connector.store.runs import Outcome, StepRun

EXPECTED = {
    "deals_now": (
        "SELECT deal, pipeline, stage, amount, created_at",
        [("1", "Sales", "Offered", "5", "2026-01-02T00:00:00.000Z")],
    ),
    "deals_all": (
        "SELECT deal, pipeline, stage, amount, created_at, gone_how, merged_into",
        [
            ("1", "Sales", "Offered", "5", "2026-01-02T00:00:00.000Z", None, None),
            ("2", "Sales", "Met", None, "2026-01-02T00:00:00.000Z", "merged", "1"),
        ],
    ),
    "stage_visits": (
        "SELECT deal, stage, entered_at, left_at, days, ended",
        [
            ("1", "Met", "2026-01-02T00:00:00.000Z", "2026-01-03T12:00:00.000Z", 1.5, "moved"),
            ("1", "Offered", "2026-01-03T12:00:00.000Z", None, None, "open"),
            ("2", "Met", "2026-01-02T00:00:00.000Z", "2026-01-04T00:00:00.000Z", 2.0, "merged"),
        ],
    ),
    "deal_changes": (
        "SELECT deal, field, value, label, at",
        [
            ("1", "amount", "5", None, "2026-01-02T00:00:00.000Z"),
            ("1", "stage", "met", "Met", "2026-01-02T00:00:00.000Z"),
            ("1", "stage", "offered", "Offered", "2026-01-03T12:00:00.000Z"),
            ("2", "stage", "met", "Met", "2026-01-02T00:00:00.000Z"),
        ],
    ),
    "pipeline_stages_now": (
        "SELECT pipeline, position, stage_id, stage, probability, outcome, since",
        [
            ("Sales", 0, "met", "Met", 0.2, "open", "2026-01-11T00:00:00.000Z"),
            ("Sales", 1, "offered", "Offered", 0.6, "open", "2026-01-11T00:00:00.000Z"),
            ("Sales", 2, "won", "Won", 1.0, "won", "2026-01-11T00:00:00.000Z"),
            ("Sales", 3, "lost", "Lost", 0.0, "lost", "2026-01-11T00:00:00.000Z"),
        ],
    ),
    "pipeline_history": (
        "SELECT DISTINCT pipeline, valid_from, valid_to",
        [("Sales", "2026-01-11T00:00:00.000Z", None)],
    ),
    "owners_now": ("SELECT owner, name, archived", [("7", "Kari", 1)]),
    "pulls_log": (
        "SELECT account, state, started, pages, deals_new, set_aside",
        [("norge", "complete", "2026-01-11T00:00:00.000Z", 1, 2, 1)],
    ),
    "corrections": (
        "SELECT state, stage, before, after, sent_at, settled_at, note",
        [
            (
                "done",
                "Met",
                '{"label":"Met","probability":null,"slot":null}',
                '{"label":"Møtt","probability":null,"slot":null}',
                "2026-01-12T00:00:00.000Z",
                "2026-01-13T00:00:00.000Z",
                "read back",
            )
        ],
    ),
    "drift_log": (
        "SELECT account, drift, desired, live, first_seen, last_seen, gone",
        [
            (
                "norge",
                "norge:sales/met/label",
                '"Møtt"',
                '"Met"',
                "2026-01-12T00:00:00.000Z",
                "2026-01-13T00:00:00.000Z",
                "2026-01-14T00:00:00.000Z",
            )
        ],
    ),
    "accepted_drifts": (
        "SELECT account, drift, live, reason, accepted_by, accepted_at, until, ended",
        [
            (
                "norge",
                "norge:sales/met/label",
                '"Met"',
                "fine",
                "Kari",
                "2026-01-12T00:00:00.000Z",
                "2026-12-31",
                None,
            )
        ],
    ),
    "job_runs": (
        "SELECT run, job, day, started, finished, outcome, requests, seconds, reason, again",
        [
            (
                1,
                "nightly",
                "2026-01-12",
                "2026-01-12T00:00:00.000Z",
                "2026-01-12T12:00:00.000Z",
                "done",
                4,
                2.5,
                None,
                0,
            )
        ],
    ),
    "job_steps": (
        "SELECT run, job, day, account, step, outcome, requests, seconds, note",
        [(1, "nightly", "2026-01-12", "norge", "pull", "done", 4, 2.0, "2 new deals")],
    ),
    "history_gaps": (
        "SELECT deal, field, after, before",
        [("1", "amount", "2026-01-02T00:00:00.000Z", "2026-01-05T00:00:00.000Z")],
    ),
    "work_order_log": (
        "SELECT drift, kind, pipeline, stage, live, wanted, since, closed, not_before, ending",
        [
            (
                "norge:sales/met/label",
                "label",
                "Sales",
                "Met",
                "Met",
                '"Møtt"',
                "2026-01-12T00:00:00.000Z",
                "2026-01-14T00:00:00.000Z",
                "2026-01-13T00:00:00.000Z",
                "done",
            )
        ],
    ),
    "set_aside": (
        "SELECT record, field, reason, raw, pulled",
        [("9", None, "no id", "{}", "2026-01-11T00:00:00.000Z")],
    ),
}


@pytest.fixture
def lived_in(norge, deal, day):
    norge.pull(
        deal("1", ("met", 1), ("offered", 2.5), amount="5"),
        deal("2", ("met", 1)),
        at=10,
        merged=(Merged("2", "1", day(3)),),
        owners=(Owner("7", "Kari", archived=True),),
        unread=(Unread("9", None, "no id", "{}"),),
    )
    norge.db.execute(
        "INSERT INTO gaps SELECT deal, field, at, ? FROM changes WHERE value = '5'",
        (round(day(4).timestamp() * 1000),),
    )
    run = journal.begin_apply(norge.db, norge.id, "f1", "{}", day(11))
    change = EditStage("sales", "met", StageValues("Met"), StageValues("Møtt"))
    journal.sent(norge.db, run, 0, change, day(11))
    journal.settle(norge.db, run, 0, State.DONE, "read back", day(12))
    night = runs.begin(norge.db, "nightly", day(11).date(), day(11))
    steps = [StepRun("norge", "pull", Outcome.DONE, 4, 2.0, "2 new deals")]
    runs.finish(norge.db, night, Outcome.DONE, steps, 2.5, "", day(11.5))
    mark = Mark("norge:sales/met/label", '"Møtt"', '"Met"')
    for at, found in ((11, [mark]), (12, [mark]), (13, [])):
        drifts.record(norge.db, norge.id, found, day(at))
    drift = Drift(
        DriftKind.LABEL, "norge", "sales", "Sales", "Møtt", "Met", None, "met", "m", "Met"
    )
    order = WorkOrder(drift, wish_of(drift, ()))
    for at in (11, 12):
        work_orders.record(norge.db, norge.id, [order], [], day(at))
    (known,) = work_orders.open_orders(norge.db, norge.id)
    ended = Closed(known, Ending.DONE, day(13), day(12))
    work_orders.record(norge.db, norge.id, [], [ended], day(13))
    drifts.accept(norge.db, norge.id, Acceptance(mark, "fine", "Kari", day(11), date(2026, 12, 31)))
    return norge


@pytest.mark.parametrize("view", EXPECTED)
def test_a_view_answers_in_words(lived_in, view):
    """Each view shows labels instead of keys and ISO instants instead of milliseconds."""
    columns, rows = EXPECTED[view]
    assert sorted(lived_in.rows(f"{columns} FROM {view}"), key=str) == sorted(rows, key=str)


def test_every_view_is_shown_here(db):
    """No view goes untested."""
    assert set(db.view_names()) == set(EXPECTED)
