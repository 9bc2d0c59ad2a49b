"""Work orders of a HubSpot account: what connector never writes there either."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.jobs.planning import plan_correction
from connector.jobs.pull import pull
from connector.jobs.reading import read_live, read_stored
from connector.jobs.work_orders import review_pull
from connector.reconcile.work_review import Ending
from connector.reconcile.work_steps import Act
from connector.store import accounts, close, open_database, work_orders
from tests.jobs.nights import Nights, a_job


@pytest.fixture
def db(small):
    database = open_database(small.database)
    yield database
    close(database)


def call_it(small, label):
    """Rename the pipeline, as an admin does; when, to the millisecond."""
    pipeline = small.portal.pipelines["sales"]
    at = round(small.clock.now().timestamp() * 1000)
    small.portal.put_pipeline(replace(pipeline, label=label, updated=at), at=at, user_id=7)
    return small.clock.now()


def pulled(small, db):
    """A pull an hour later, and what it says of the work orders."""
    small.clock.advance(timedelta(hours=1))
    pull(small.account, small.connect(), db)
    return review_pull(small.account, small.processes, db)


def planned(small, db):
    return plan_correction(read_live(small.account, small.connect()), small.processes, db)


def test_what_connector_corrects_itself_is_no_order(small, db):
    """Labels, probabilities, order and a missing stage are its own work in HubSpot."""
    assert pulled(small, db).line == ""
    assert planned(small, db).work.steps == ()


def test_the_label_of_a_pipeline_is_an_order_and_its_end_exact(small, db):
    """HubSpot's audit trail tells the instant at which an order was carried out."""
    call_it(small, "Old sales")
    assert pulled(small, db).line.startswith("1 work order open, the oldest since 2026-11-21:")
    (step,) = planned(small, db).work.steps
    assert (step.act, step.before, step.after) == (Act.RENAME_PIPELINE, "Old sales", "Sales")
    small.clock.advance(timedelta(minutes=7))
    at = call_it(small, "Sales")
    assert pulled(small, db).line.startswith("1 work order done: connector plan --account small")
    (closed,) = planned(small, db).work.lately
    assert (closed.ending, closed.at, closed.not_before) == (Ending.DONE, at, None)


def test_a_plan_on_a_live_reading_ends_an_order_too(small, db):
    """Seen open by one plan and done by the next, it ended in between."""
    call_it(small, "Old sales")
    pulled(small, db)
    small.clock.advance(timedelta(minutes=7))
    seen = read_live(small.account, small.connect()).at
    planned(small, db)
    call_it(small, "Sales")
    small.clock.advance(timedelta(minutes=7))
    work = planned(small, db).work
    (closed,) = work.closed
    assert closed.order.since < closed.not_before
    assert closed.not_before <= seen < closed.at
    assert work.steps == ()


def test_an_offline_plan_notes_nothing(small, db):
    """The record is the same after it."""
    call_it(small, "Old sales")
    pulled(small, db)
    key = accounts.find(db, "small")
    before = work_orders.open_orders(db, key)
    stored = read_stored(small.account, db)
    work = plan_correction(stored, small.processes, db).work
    assert len(work.steps) == 1
    assert plan_correction(stored, (), db).work.closed
    assert work_orders.open_orders(db, key) == before


def test_an_account_without_orders_is_not_even_remembered_by_a_plan(small, db):
    """Nothing is noted where there is nothing to note."""
    planned(small, db)
    assert accounts.find(db, "small") is None


def test_a_night_tells_of_its_work_orders(small, tmp_path):
    """The record of a run says what the morning wants to know, and the plan has the list."""
    call_it(small, "Old sales")
    job = a_job("pull plan", folder=tmp_path / "reports")
    night = Nights(small, (job,))
    night.pass_to(2026, 11, 22, 3, 30)
    (note,) = night.notes("pull")
    assert "; 1 work order open, the oldest since 2026-11-22: connector plan" in note
    told = (tmp_path / "reports" / "small" / "plan.md").read_text("utf-8")
    assert '- [ ] Rename the pipeline "Old sales" to "Sales"' in told
    call_it(small, "Sales")
    night.pass_to(2026, 11, 23, 3, 30)
    assert "; 1 work order done: connector plan" in night.notes("pull")[1]
