from datetime import UTC, datetime

import pytest

from connector.errors import Rejected, UnknownOutcome
from connector.jobs.apply import apply
from connector.jobs.planning import plan_correction
from connector.jobs.reading import read_live
from connector.model import EditStage, StageValues
from connector.reconcile import EVERY_STAGE, Hazard, dump
from connector.store import close, open_database
from connector.store.journal import State

ALL = [(hazard, EVERY_STAGE) for hazard in Hazard]


class Meddled:
    """The account's CRM, with something else happening at its first write."""

    def __init__(self, crm, happening):
        self._crm = crm
        self._happening = happening
        self.can = crm.can
        self.account, self.pipelines = crm.account, crm.pipelines

    def write(self, change):
        happening, self._happening = self._happening, None
        if happening is None:
            self._crm.write(change)
        else:
            happening(self._crm, change)


def lost_after(crm, change):
    crm.write(change)
    raise UnknownOutcome("the answer was lost")


def lost_before(crm, change):
    raise UnknownOutcome("the answer was lost")


def rejected(crm, change):
    raise Rejected("not this one", 400)


def somebody_renames(crm, change):
    crm.write(change)
    crm.write(EditStage("sales", "met", StageValues("Met"), StageValues("Met somewhere")))


@pytest.fixture
def db(small):
    database = open_database(small.database)
    yield database
    close(database)


def applied(small, db, happening=None):
    """Plan everything, apply it through a meddled CRM; returns the states of its changes."""
    reading = read_live(small.account, small.connect())
    plan = plan_correction(reading, small.processes, db, ALL).plan
    text = dump(plan, None, datetime.now(UTC))
    done = apply(small.account, Meddled(small.connect(), happening), db, plan, text)
    return [each.state for each in done.applied]


def drift(small):
    return read_live(small.account, small.connect()).drift(small.processes)


def test_every_change_is_done_and_no_drift_is_left(small, db):
    """A calm apply does what the plan says, all of it."""
    assert set(applied(small, db)) == {State.DONE}
    assert drift(small) == ()


def test_a_write_whose_answer_was_lost_is_settled_by_a_read(small, db):
    """A write that took effect counts as done, whatever became of its answer."""
    assert set(applied(small, db, lost_after)) == {State.DONE}
    assert drift(small) == ()


def test_a_write_that_left_no_trace_stays_unknown_until_the_next_plan(small, db):
    """A write nobody saw arrive is told as not known, and the next plan makes it good."""
    states = applied(small, db, lost_before)
    assert states[0] is State.UNKNOWN
    applied(small, db)
    assert drift(small) == ()


def test_a_rejected_change_does_not_stop_the_others(small, db):
    """What the CRM rejects is told as failed; other stages are corrected all the same."""
    states = applied(small, db, rejected)
    assert states[0] is State.FAILED
    assert State.DONE in states
    applied(small, db)
    assert drift(small) == ()


def test_an_edit_by_somebody_else_in_the_middle_stops_the_rest(small, db):
    """What somebody renames while a plan is applied is not written over; the rest fails."""
    states = applied(small, db, somebody_renames)
    assert states[0] is State.DONE
    assert set(states[1:]) == {State.FAILED}
    assert small.portal.stage("met").label == "Met somewhere"
