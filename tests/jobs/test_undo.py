"""Taking back what was broken off and carried on."""

from datetime import UTC, datetime

import pytest

from connector.jobs.apply import apply
from connector.jobs.planning import plan_correction, plan_undo
from connector.jobs.reading import read_live
from connector.model import EditStage, StageValues
from connector.reconcile.plan import EVERY_STAGE, Hazard
from connector.reconcile.planfile import dump
from connector.store import close, journal, open_database

ALL = [(hazard, EVERY_STAGE) for hazard in Hazard]
RING = {"met": "Examined", "examined": "Evaluated", "evaluated": "Met"}


class Killed(BaseException):
    """The process ends here."""


class Dying:
    """The account's CRM until so many writes were sent."""

    def __init__(self, crm, writes):
        self._crm = crm
        self._left = writes
        self.can = crm.can
        self.account, self.pipelines = crm.account, crm.pipelines

    def write(self, change):
        if not self._left:
            raise Killed
        self._left -= 1
        self._crm.write(change)


@pytest.fixture
def db(small):
    database = open_database(small.database)
    yield database
    close(database)


@pytest.fixture
def ring(small):
    """Three stages of which each has the label of the next."""
    crm = small.connect()
    for stage, old, new in (
        ("met", "Met", "x"),
        ("evaluated", "Examined", "Met"),
        ("met", "x", "Examined"),
    ):
        crm.write(EditStage("sales", stage, StageValues(old), StageValues(new)))
    assert labels(small) == RING
    return small


def labels(small):
    return {stage: small.portal.stage(stage).label for stage in RING}


def correction(small, db):
    reading = read_live(small.account, small.connect())
    return plan_correction(reading, small.processes, db, ALL).plan


def send(small, db, plan, writes=99):
    crm = Dying(small.connect(), writes)
    return apply(small.account, crm, db, plan, dump(plan, None, datetime.now(UTC)))


@pytest.mark.parametrize("writes", [1, 2, 3, 4])
@pytest.mark.parametrize("anew", [False, True], ids=["same-plan", "new-plan"])
def test_a_ring_that_was_broken_off_and_ended_goes_back_to_what_was(ring, db, writes, anew):
    """Killed after any write, ended by the same or a new plan: undo brings back every label."""
    plan = correction(ring, db)
    with pytest.raises(Killed):
        send(ring, db, plan, writes)
    broken = any("connector:" in label for label in labels(ring).values())
    ended = send(ring, db, correction(ring, db) if anew else plan)
    assert ended.complete
    assert len(journal.runs(db, 1)) == 2

    reading = read_live(ring.account, ring.connect())
    send(ring, db, plan_undo(reading, ring.processes, db, ended.run, ALL).plan)
    assert not any("connector:" in label for label in labels(ring).values())
    if broken or not anew:
        assert labels(ring) == RING
