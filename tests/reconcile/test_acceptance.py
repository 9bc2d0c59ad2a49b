from datetime import UTC, date, datetime

import pytest

from connector.reconcile.acceptance import Acceptance, Standing, last_found, sift, standing
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.sightings import Sighting, mark_of

TODAY = date(2026, 11, 21)


def at(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


def a_drift(kind=DriftKind.LABEL, desired="Met", live="Meet", stage="met"):
    return Drift(kind, "norge", "default", "Nysalg", desired, live, "new", stage, stage)


def accepted(drift, until=TODAY, given=1):
    return Acceptance(mark_of(drift), "Legal asked", "Kari", at(given), until)


@pytest.mark.parametrize(
    ("until", "now", "stands"),
    [
        (TODAY, a_drift(), Standing.IN_FORCE),
        (date(2026, 11, 20), a_drift(), Standing.EXPIRED),
        (TODAY, a_drift(live="Meat"), Standing.CHANGED),
        (TODAY, a_drift(desired="Møtt"), Standing.CHANGED),
        (TODAY, None, Standing.SETTLED),
        (date(2026, 11, 20), None, Standing.EXPIRED),
    ],
)
def test_an_acceptance_holds_until_it_expires_or_a_value_changes(until, now, stands):
    """It holds through its last day, for the two values it was given for and no other."""
    found = mark_of(now) if now else None
    assert standing(accepted(a_drift(), until), found, TODAY) is stands


def test_accepted_drift_is_told_apart():
    """Each drift is either open or accepted, in the order it was found."""
    one, two, three = a_drift(stage="a"), a_drift(stage="b"), a_drift(stage="c")
    sifted = sift((one, two, three), [accepted(two)], TODAY)
    assert sifted.open == (one, three)
    assert [each.drift for each in sifted.accepted] == [two]
    assert sifted.lapsed == {}


def test_an_acceptance_that_no_longer_holds_is_told_with_its_drift():
    """A drift that is open although it was accepted says why."""
    now = a_drift(live="Meat")
    sifted = sift((now,), [accepted(a_drift())], TODAY)
    assert sifted.open == (now,)
    assert sifted.lapsed[now.id].why is Standing.CHANGED


def outcome(stage="won"):
    return (
        a_drift(DriftKind.PROBABILITY, 1.0, 0.5, stage),
        a_drift(DriftKind.OUTCOME, "won", "open", stage),
    )


def test_an_accepted_outcome_keeps_the_probability():
    """The CRM derives the outcome from the probability, so correcting that would correct it."""
    probability, strayed = outcome()
    label = a_drift(stage="won")
    sifted = sift((label, probability, strayed), [accepted(strayed)], TODAY)
    assert sifted.open == (label,)
    assert [each.drift for each in sifted.accepted] == [probability, strayed]


def test_an_accepted_outcome_keeps_no_other_stage():
    """The probability of another stage stays open, and so does an outcome without acceptance."""
    here, there = outcome("won"), outcome("lost")
    sifted = sift((*here, *there), [accepted(here[1])], TODAY)
    assert sifted.open == there
    assert sift(here, [accepted(here[0])], TODAY).open == here[1:]


@pytest.mark.parametrize(
    ("sightings", "found"),
    [
        ({}, "same"),
        ({"same": Sighting(at(1), at(20))}, "same"),
        ({"same": Sighting(at(1), at(5), at(8))}, "same"),
        ({"same": Sighting(at(1), at(12), at(15))}, None),
        ({"other": Sighting(at(1), at(5))}, "same"),
        ({"other": Sighting(at(12), at(15))}, "other"),
        ({"other": Sighting(at(10), at(10))}, "other"),
        ({"other": Sighting(at(12), at(15), at(16))}, None),
        ({"same": Sighting(at(1), at(11), at(12)), "other": Sighting(at(12), at(15))}, "other"),
    ],
)
def test_accepting_a_drift_was_seeing_it(sightings, found):
    """What was seen before the acceptance says nothing of it, what was seen later does."""
    marks = {"same": mark_of(a_drift()), "other": mark_of(a_drift(live="Meat")), None: None}
    known = {marks[name]: sighting for name, sighting in sightings.items()}
    assert last_found(accepted(a_drift(), given=10), known) == marks[found]
