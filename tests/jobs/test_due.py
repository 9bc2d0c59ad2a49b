"""A year and more of nights, simulated: what was due, and how often each local date was served."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.config import Job, Step
from connector.jobs.due import due, next_run, standing
from connector.store.runs import Outcome, Run

NIGHTS = 400
MINUTE = timedelta(minutes=1)
STARTS = st.integers(0, 700 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE
)
# Each zone with a time that its clocks leap over in spring, or show twice in autumn.
ZONES = (
    ("Europe/Oslo", "02:30"),
    ("Europe/Helsinki", "03:30"),
    ("America/New_York", "01:30"),
    ("Australia/Lord_Howe", "02:15"),
    ("Asia/Kolkata", "00:00"),
    ("America/Nuuk", "23:30"),  # leaps over midnight itself
    ("America/Havana", "00:30"),
)


def a_job(zone: str, at: str, name: str = "nightly") -> Job:
    return Job(name, time.fromisoformat(at), ZoneInfo(zone), (Step.PULL,), ("norge",))


class Records:
    """The records a scheduler keeps, and what it does each time it looks at the clock."""

    def __init__(self, job: Job, since: datetime | None = None) -> None:
        self.job = job
        self.since = {} if since is None else {job.name: since}
        self.runs: list[Run] = []

    def look(self, now: datetime, outcome: Outcome = Outcome.DONE) -> date | None:
        """Run what is due, ending so; returns the date it was for."""
        for each in due((self.job,), self.runs, self.since, now):
            run = Run(len(self.runs), each.job.name, each.day, now, now, outcome, 0, 0.0, "")
            self.runs.append(run)
            return each.day
        return None

    def served(self) -> Counter[date]:
        ended = (Outcome.DONE, Outcome.PARTLY, Outcome.FAILED)
        return Counter(run.day for run in self.runs if run.outcome in ended)


def dates(first: date, number: int) -> Iterable[date]:
    return (first + timedelta(days=each) for each in range(number))


@pytest.mark.parametrize(("zone", "at"), ZONES)
def test_four_hundred_nights_have_exactly_one_run_each(zone, at):
    """Over 400 nights with both clock changes, every local date has one run, on its own date."""
    job = a_job(zone, at)
    start = datetime(2026, 1, 1, 12, tzinfo=job.zone).astimezone(UTC)
    records = Records(job, since=start)
    for step in range(NIGHTS * 24 * 4):
        records.look(start + step * 15 * MINUTE)
    expected = dates(date(2026, 1, 2), NIGHTS) if at < "12:00" else dates(date(2026, 1, 1), NIGHTS)
    assert records.served() == Counter(expected)
    leap = time.fromisoformat(at) >= time(23)
    for run in records.runs:
        local = run.started.astimezone(job.zone)
        assert local.date() == run.day or (leap and local.date() == run.day + timedelta(days=1))


@pytest.mark.parametrize(("zone", "at"), ZONES)
def test_two_runs_are_a_day_apart(zone, at):
    """Between two runs lie 22 to 26 hours, so that no night is served twice under two dates."""
    job = a_job(zone, at)
    instant, nights = datetime(2026, 1, 1, tzinfo=UTC), []
    for _ in range(NIGHTS):
        instant = next_run(job, instant)
        nights.append(instant)
    gaps = {later - earlier for earlier, later in pairwise(nights)}
    assert timedelta(hours=22) <= min(gaps)
    assert max(gaps) <= timedelta(hours=26)


def test_the_hour_that_comes_twice_has_one_run():
    """02:30 in Oslo comes twice on 25 October 2026; the first one is served, the second is not."""
    records = Records(a_job("Europe/Oslo", "02:30"))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert records.look(first - MINUTE) == date(2026, 10, 24)
    assert records.look(first) == date(2026, 10, 25)
    assert records.look(first + timedelta(hours=1)) is None


def test_the_hour_that_never_comes_has_its_run():
    """02:30 in Oslo does not exist on 29 March 2026; the run begins at 03:30."""
    job = a_job("Europe/Oslo", "02:30")
    assert next_run(job, datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(
        2026, 3, 29, 3, 30, tzinfo=job.zone
    )


def test_a_date_the_zone_left_out_has_no_run():
    """Samoa went from 29 to 31 December 2011; nothing is served for the 30th."""
    records = Records(a_job("Pacific/Apia", "03:10"))
    start = datetime(2011, 12, 29, 0, tzinfo=UTC)
    for step in range(24 * 4):
        records.look(start + step * timedelta(hours=1))
    assert date(2011, 12, 30) not in records.served()
    assert records.served()[date(2011, 12, 31)] == 1


def test_missed_nights_are_caught_up_once():
    """After ten days off, the newest date is served and the nine before it are not."""
    records = Records(a_job("Europe/Oslo", "03:10"))
    records.look(datetime(2026, 11, 1, 5, tzinfo=UTC))
    late = datetime(2026, 11, 11, 17, tzinfo=UTC)
    assert [records.look(late + each * MINUTE) for each in range(3)] == [
        date(2026, 11, 11),
        None,
        None,
    ]


def test_a_new_job_does_not_catch_up_what_lies_before_it():
    """A job that is first seen at noon has its first run the night after."""
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    records = Records(a_job("Europe/Oslo", "03:10"), since=noon)
    assert records.look(noon) is None
    assert records.look(noon + timedelta(days=1)) == date(2026, 11, 22)


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.PARTLY, Outcome.FAILED])
def test_a_run_that_ended_is_the_run_of_its_date(outcome):
    """Whatever came of it, a run that ended is not tried again before the next night."""
    records = Records(a_job("Europe/Oslo", "03:10"))
    now = datetime(2026, 11, 21, 4, tzinfo=UTC)
    assert records.look(now, outcome) is not None
    assert records.look(now + MINUTE) is None


def test_a_killed_run_is_caught_up_once():
    """A date whose run was killed is tried once more, and given up when that is killed too."""
    records = Records(a_job("Europe/Oslo", "03:10"))
    now = datetime(2026, 11, 21, 4, tzinfo=UTC)
    tries = [records.look(now + each * MINUTE, Outcome.KILLED) for each in range(4)]
    assert tries == [date(2026, 11, 21)] * 2 + [None, None]


def test_a_stopped_run_is_taken_up_again():
    """A run that was asked to stop is done after the restart, however often that happens."""
    records = Records(a_job("Europe/Oslo", "03:10"))
    now = datetime(2026, 11, 21, 4, tzinfo=UTC)
    for each in range(5):
        assert records.look(now + each * MINUTE, Outcome.STOPPED) == date(2026, 11, 21)


STEPS = st.lists(
    st.one_of(
        st.timedeltas(MINUTE, timedelta(hours=2)),  # the scheduler looks on
        st.timedeltas(timedelta(hours=2), timedelta(days=5)),  # a laptop sleeps
        st.timedeltas(timedelta(days=-3), -MINUTE),  # a clock is set back
    ),
    max_size=150,
)


@settings(max_examples=200, deadline=None)
@given(
    steps=STEPS,
    place=st.sampled_from(ZONES),
    start=STARTS,
    outcomes=st.lists(st.sampled_from([*Outcome]), min_size=1),
)
def test_no_date_is_ever_served_twice(steps, place, start, outcomes):
    """Whatever the clock does, late, far ahead or backwards, no date has two runs that ended."""
    records = Records(a_job(*place))
    for number, now in enumerate(accumulate(steps, initial=start)):
        records.look(now, outcomes[number % len(outcomes)])
    assert max(records.served().values(), default=1) == 1
    killed = Counter(run.day for run in records.runs if run.outcome is Outcome.KILLED)
    assert max(killed.values(), default=0) <= 2


@settings(max_examples=100, deadline=None)
@given(
    waits=st.lists(st.timedeltas(MINUTE, timedelta(hours=20)), min_size=20, max_size=100),
    place=st.sampled_from(ZONES),
    start=STARTS,
)
def test_no_date_is_left_out_while_somebody_looks_every_day(waits, place, start):
    """With a look at least every 20 hours, and restarts whenever, each date between has its run."""
    records = Records(a_job(*place))
    for now in accumulate(waits, initial=start):
        records = replace_records(records)
        records.look(now)
    days = sorted(records.served())
    assert days == list(dates(days[0], len(days)))


def replace_records(records: Records) -> Records:
    """The same records after a restart: all that is left of a scheduler is what it wrote down."""
    fresh = Records(records.job)
    fresh.runs = [replace(run) for run in records.runs]
    return fresh


@settings(max_examples=100, deadline=None)
@given(
    back=st.timedeltas(MINUTE, timedelta(days=300)),
    place=st.sampled_from(ZONES),
    start=STARTS,
)
def test_a_clock_that_was_far_ahead_does_not_silence_a_job(back, place, start):
    """After a clock was set right, the job runs within two days, however far ahead it was."""
    records = Records(a_job(*place))
    records.look(start)
    right = start - back
    served = [records.look(right + hour * timedelta(hours=1)) for hour in range(48)]
    assert any(served)


def test_a_success_older_than_two_nights_is_too_old():
    """Monitoring may fail once two nights went by without success, or after what it asked for."""
    job = a_job("Europe/Oslo", "03:10")
    now = datetime(2026, 11, 21, 4, tzinfo=UTC)

    def too_old(days: float, max_age: timedelta | None = None) -> bool:
        at = now - timedelta(days=days)
        run = Run(1, job.name, at.date(), at, at, Outcome.DONE, 0, 0.0, "")
        return standing(job, run, run, None, now, max_age).too_old

    assert not too_old(2)
    assert too_old(2.1)
    assert too_old(2, timedelta(hours=26))


def test_a_job_that_never_succeeded_is_given_the_same_time():
    """A new job is not reported before it could have run; one that never went well is."""
    job = a_job("Europe/Oslo", "03:10")
    now = datetime(2026, 11, 21, 4, tzinfo=UTC)
    assert not standing(job, None, None, now - timedelta(days=1), now).too_old
    assert standing(job, None, None, now - timedelta(days=3), now).too_old
    assert not standing(job, None, None, None, now).too_old
