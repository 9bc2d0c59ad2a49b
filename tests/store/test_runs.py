from datetime import date

import pytest

from connector.errors import StoreError
from connector.store import runs
from connector.store.runs import Heartbeat, Outcome, StepRun

NIGHT = date(2026, 1, 12)
NO_ANSWER = "norge: drift: no answer"
PULL = StepRun("norge", "pull", Outcome.DONE, 40, 2.0, "3 new deals")
DRIFT = StepRun("norge", "drift", Outcome.FAILED, 2, 0.5, "no answer")


@pytest.fixture
def begin(db, day):
    """Begin a run of the job for a date."""

    def begin(night: date = NIGHT, **more) -> int:
        return runs.begin(db, "nightly", night, day(11), **more)

    return begin


def end(db, run: int, day, outcome: Outcome = Outcome.DONE) -> None:
    runs.finish(db, run, outcome, (PULL, DRIFT), 2.5, NO_ANSWER, day(11.1))


def test_a_run_comes_back_as_it_ended(db, begin, day):
    """A record holds date, both instants, outcome, all requests, seconds and reason."""
    run = begin()
    end(db, run, day, Outcome.PARTLY)
    (found,) = runs.of_days(db, "nightly", NIGHT)
    assert found == runs.Run(
        run,
        "nightly",
        NIGHT,
        day(11),
        day(11.1),
        Outcome.PARTLY,
        42,
        2.5,
        "norge: drift: no answer",
    )
    assert runs.steps(db, run) == (PULL, DRIFT)


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.PARTLY, Outcome.FAILED])
def test_the_database_refuses_a_second_run_of_a_date(db, begin, day, outcome):
    """Whatever goes wrong in a scheduler, a date cannot have two runs in the records."""
    end(db, begin(), day, outcome)
    with pytest.raises(StoreError):
        begin()


def test_a_date_is_run_again_on_request(db, begin, day):
    """A run somebody asked for besides is recorded next to the first one."""
    end(db, begin(), day)
    end(db, begin(again=True), day)
    assert len(runs.of_days(db, "nightly", NIGHT)) == 2


def test_what_was_killed_shows_how_far_it_came(db, begin):
    """A killed run keeps the steps that were noted, their requests, and makes room for another."""
    run = begin()
    runs.note_step(db, run, 0, PULL)
    runs.bury(db, "other")
    assert runs.last(db, "nightly").outcome is Outcome.RUNNING
    runs.bury(db, "nightly")
    killed = runs.last(db, "nightly")
    assert (killed.outcome, killed.requests, killed.finished) == (Outcome.KILLED, 40, None)
    assert killed.reason.startswith("killed")
    assert runs.steps(db, run) == (PULL,)
    begin()


def test_the_last_run_of_a_kind(db, begin, day):
    """The newest run, and the newest one that ended in a given way, are found by job."""
    end(db, begin(), day)
    end(db, begin(date(2026, 1, 13)), day, Outcome.FAILED)
    assert runs.last(db, "nightly").day == date(2026, 1, 13)
    assert runs.last(db, "nightly", Outcome.DONE).day == NIGHT
    assert runs.last(db, "weekly") is None


def test_a_job_is_known_since_it_was_first_seen(db, day):
    """Later looks change nothing; a look of an earlier instant means the clock was ahead before."""
    runs.know(db, "nightly", day(5))
    runs.know(db, "nightly", day(6))
    assert runs.known_since(db) == {"nightly": day(5)}
    runs.know(db, "nightly", day(2))
    assert runs.known_since(db) == {"nightly": day(2)}


def test_a_heartbeat_is_the_last_one(db, day):
    """Only the newest sign of life is kept."""
    assert runs.heartbeat(db) is None
    runs.beat(db, 7, day(1), day(1))
    runs.beat(db, 8, day(2), day(3))
    assert runs.heartbeat(db) == Heartbeat(8, day(2), day(3))
