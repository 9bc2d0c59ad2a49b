from datetime import UTC, datetime

import pytest

from connector.errors import Rejected, UnknownOutcome, Unreachable
from connector.jobs.apply import apply
from connector.jobs.planning import plan_correction
from connector.jobs.reading import read_live
from connector.model import EditStage, StageValues
from connector.reconcile.plan import EVERY_STAGE, Hazard
from connector.reconcile.planfile import dump
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


def unplugged(crm, change):
    crm.write(change)
    raise Unreachable("unplugged")


def by_hand(crm, change):
    crm.write(change)
    raise KeyboardInterrupt


def somebody_renames(crm, change):
    crm.write(change)
    crm.write(EditStage("sales", "met", StageValues("Met"), StageValues("Met somewhere")))


@pytest.fixture
def db(small):
    database = open_database(small.database)
    yield database
    close(database)


def application(small, db, happening=None):
    """Plan everything and apply it through a meddled CRM."""
    reading = read_live(small.account, small.connect())
    plan = plan_correction(reading, small.processes, db, ALL).plan
    text = dump(plan, None, datetime.now(UTC))
    return apply(small.account, Meddled(small.connect(), happening), db, plan, text)


def applied(small, db, happening=None):
    """The states the changes of such an application ended in."""
    return [each.state for each in application(small, db, happening).applied]


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


@pytest.mark.parametrize("happening", [unplugged, by_hand])
def test_what_breaks_an_application_off_is_told_with_all_that_was_done(small, db, happening):
    """A CRM out of reach, or Ctrl-C, ends the run with every change accounted for."""
    total = len(application(small, db, rejected).applied)
    done = application(small, db, happening)
    assert done.fault is not None
    assert not done.complete
    assert 0 < len(done.applied) + len(done.unsent) <= total
    assert done.applied[0].state in (State.DONE, State.UNKNOWN)
    assert done.unsent
    applied(small, db)
    assert drift(small) == ()


def test_a_temporary_label_that_still_stands_is_named(small, db):
    """Broken off in the middle of a swap, the run says which label is not meant to stay."""
    done = application(small, db, unplugged)
    assert [stage.label for stage in done.after[0].stages if "connector" in stage.label] == [
        *done.temporary
    ]
    assert len(done.temporary) == 1
