from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.reconcile.acceptance import Acceptance
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.sightings import Mark, Sighting, Status, mark_of, seen
from connector.store import accounts, drifts

ORDER = Mark("norge:default/order", '["a", "b"]', '["b", "a"]')
LABEL = Mark("norge:default/met/label", '"Møtt"', '"Met"')
OTHER = Mark("norge:default/met/label", '"Møtt"', '"Meet"')


def test_a_drift_is_seen_until_a_reading_without_it(norge, day):
    """A sighting lasts from the first reading to the last one, and is gone at the first without."""
    for at, found in [(1, [LABEL, ORDER]), (2, [LABEL]), (3, [LABEL]), (4, [])]:
        drifts.record(norge.db, norge.id, found, day(at))
    assert drifts.sightings(norge.db, norge.id) == {
        LABEL: Sighting(day(1), day(3), day(4)),
        ORDER: Sighting(day(1), day(1), day(2)),
    }


def test_what_comes_back_is_seen_anew(norge, day):
    """The last sighting counts; the earlier one stays in the log."""
    for at, found in [(1, [LABEL]), (2, []), (3, [LABEL])]:
        drifts.record(norge.db, norge.id, found, day(at))
    assert drifts.sightings(norge.db, norge.id) == {LABEL: Sighting(day(3), day(3))}
    assert norge.rows("SELECT COUNT(*) FROM drift_log") == [(2,)]


def test_another_value_ends_one_drift_and_begins_another(norge, day):
    """One drift with two values is two sightings, of which one is open."""
    drifts.record(norge.db, norge.id, [LABEL], day(1))
    drifts.record(norge.db, norge.id, [OTHER], day(2))
    assert drifts.sightings(norge.db, norge.id) == {
        LABEL: Sighting(day(1), day(1), day(2)),
        OTHER: Sighting(day(2), day(2)),
    }


def test_recording_answers_with_what_was_known_before(norge, day):
    """The first reading finds nothing known, the second what the first one saw."""
    assert drifts.record(norge.db, norge.id, [LABEL], day(1)) == {}
    assert drifts.record(norge.db, norge.id, [], day(2)) == {LABEL: Sighting(day(1), day(1))}


def test_a_clock_set_back_ends_nothing_before_it_began(norge, day):
    """A reading with an earlier instant than the one before counts as of that one."""
    drifts.record(norge.db, norge.id, [LABEL], day(5))
    drifts.record(norge.db, norge.id, [ORDER], day(4))
    assert drifts.sightings(norge.db, norge.id) == {
        LABEL: Sighting(day(5), day(5), day(5)),
        ORDER: Sighting(day(5), day(5)),
    }


def test_accounts_are_seen_apart(norge, remote, day):
    """A reading of one account says nothing of another one."""
    other = accounts.remember(norge.db, "sverige", remote)
    drifts.record(norge.db, norge.id, [LABEL], day(1))
    drifts.record(norge.db, other, [], day(2))
    assert drifts.sightings(norge.db, norge.id)[LABEL].gone is None
    assert drifts.sightings(norge.db, other) == {}


A, B = (
    Drift(DriftKind.PROBABILITY, "norge", "default", "Nysalg", 0.2, live, stage="met")
    for live in (0.4, 0.5)
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([None, A, B]), min_size=1, max_size=12))
def test_the_status_is_what_the_readings_say(db, remote, day, readings):
    """For any run of readings, each drift is told as its own history has it."""
    name = f"account-{len(db.execute('SELECT id FROM accounts').fetchall())}"
    account = accounts.remember(db, name, remote)
    for number, found in enumerate(readings):
        marks = [] if found is None else [mark_of(found)]
        before = drifts.record(db, account, marks, day(number))
        if found is not None:
            assert seen(found, before, day(number)).status is expected(readings[:number], found)


def expected(earlier: list[Drift | None], drift: Drift) -> Status:
    if drift not in earlier:
        return Status.NEW
    return Status.OPEN if earlier[-1] == drift else Status.BACK


def acceptance(mark: Mark, at, reason: str = "Legal asked") -> Acceptance:
    return Acceptance(mark, reason, "Kari", at, date(2026, 12, 31))


def test_an_acceptance_comes_back_as_it_was_given(norge, day):
    """Its values, its reason, who, when and until when."""
    given = acceptance(ORDER, day(1))
    drifts.accept(norge.db, norge.id, given)
    assert drifts.acceptances(norge.db, norge.id) == (given,)


def test_accepting_again_replaces_the_acceptance(norge, day):
    """One drift has one acceptance, and the log keeps the one before."""
    drifts.accept(norge.db, norge.id, acceptance(LABEL, day(1)))
    again = acceptance(OTHER, day(2), "Still")
    drifts.accept(norge.db, norge.id, again)
    assert drifts.acceptances(norge.db, norge.id) == (again,)
    assert norge.rows("SELECT reason, ended IS NULL FROM accepted_drifts") == [
        ("Legal asked", 0),
        ("Still", 1),
    ]


def test_an_acceptance_is_ended_once(norge, day):
    """Reopening says whether there was one to end."""
    drifts.accept(norge.db, norge.id, acceptance(LABEL, day(1)))
    assert drifts.reopen(norge.db, norge.id, LABEL.drift, day(2))
    assert drifts.acceptances(norge.db, norge.id) == ()
    assert not drifts.reopen(norge.db, norge.id, LABEL.drift, day(3) + timedelta(hours=1))


def test_hostile_words_are_kept_as_words(norge, day):
    """Quotes, control characters and half a surrogate pair in a reason do no harm."""
    drifts.accept(
        norge.db, norge.id, acceptance(LABEL, day(1), "'; DROP TABLE deals; --\x00\ud800")
    )
    assert drifts.acceptances(norge.db, norge.id)[0].reason == "'; DROP TABLE deals; --\x00?"
