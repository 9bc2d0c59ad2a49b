"""Drift of what the last pull saw, beside what connector wrote since."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.jobs.apply import apply
from connector.jobs.drift import find_drift
from connector.jobs.planning import plan_correction
from connector.jobs.pull import pull
from connector.jobs.reading import read_live, read_stored
from connector.model import EditStage, StageValues
from connector.reconcile.plan import EVERY_STAGE, Hazard
from connector.reconcile.planfile import dump
from connector.store import close, open_database

ALL = [(hazard, EVERY_STAGE) for hazard in Hazard]


@pytest.fixture
def db(small):
    database = open_database(small.database)
    yield database
    close(database)


def correct(small, db):
    plan = plan_correction(read_live(small.account, small.connect()), small.processes, db, ALL).plan
    return apply(small.account, small.connect(), db, plan, dump(plan, None, datetime.now(UTC))).run


def stored(small, db):
    return find_drift(read_stored(small.account, db), small.processes, db, record=False)


@pytest.mark.parametrize("seconds", [0, 60])
def test_what_was_read_before_a_run_is_outdated_and_no_fight(small, db, seconds):
    """A pull says nothing of a later run, even of one within the same second of the CRM's clock."""
    pull(small.account, small.connect(), db)
    assert stored(small, db).run_since is None
    small.clock.advance(timedelta(seconds=seconds))
    run = correct(small, db)
    found = stored(small, db)
    assert found.sifted.open
    assert (found.fights, found.run_since) == ((), run)


def test_a_pull_that_saw_a_correction_turned_back_tells_of_a_fight(small, db):
    """Once a pull has come after the run, what it saw turned back is a fight."""
    correct(small, db)
    small.clock.advance(timedelta(minutes=1))
    small.connect().write(EditStage("sales", "examined", StageValues("Examined"), StageValues("x")))
    pull(small.account, small.connect(), db)
    found = stored(small, db)
    assert [fight.drift.stage for fight in found.fights] == ["examined"]
    assert found.run_since is None
