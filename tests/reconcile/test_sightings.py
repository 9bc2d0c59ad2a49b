from datetime import UTC, datetime, timedelta

import pytest

from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.sightings import Seen, Sighting, Status, mark_of, seen, value_of

DAWN = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return DAWN + timedelta(days=number)


def a_drift(desired=0.2, live=0.4, kind=DriftKind.PROBABILITY):
    return Drift(kind, "norge", "default", "Nysalg", desired, live, stage="met", key="met")


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (None, Seen(Status.NEW, day(10))),
        (Sighting(day(3), day(9)), Seen(Status.OPEN, day(3))),
        (Sighting(day(3), day(10)), Seen(Status.OPEN, day(3))),
        (Sighting(day(3), day(5), day(6)), Seen(Status.BACK, day(10), day(6))),
        (Sighting(day(3), day(9), day(10)), Seen(Status.BACK, day(10), day(10))),
        (Sighting(day(3), day(12), day(13)), Seen(Status.OPEN, day(3))),
    ],
)
def test_the_status_follows_from_the_last_sighting(before, told):
    """New where never seen, still open where not gone by then, back again where it was gone."""
    drift = a_drift()
    sightings = {} if before is None else {mark_of(drift): before}
    assert seen(drift, sightings, day(10)) == told


@pytest.mark.parametrize(
    "other",
    [a_drift(live=0.5), a_drift(desired=0.3), a_drift("won", "open", DriftKind.OUTCOME)],
)
def test_another_value_is_another_drift(other):
    """Where one of the two values changed, the drift is new, whatever was open before."""
    sightings = {mark_of(other): Sighting(day(3), day(9))}
    assert seen(a_drift(), sightings, day(10)).status is Status.NEW


def test_digits_of_a_crm_do_not_make_a_drift_new():
    """A probability that comes back as its binary expansion is the same value."""
    assert mark_of(a_drift(live=0.1)) == mark_of(a_drift(live=0.1000000000000000055))
    assert mark_of(a_drift(live=1)) == mark_of(a_drift(live=1.0))


@pytest.mark.parametrize("value", ["Møte avtalt", 0.25, None, ("a", "b"), "0.25", "null", ""])
def test_a_mark_gives_its_values_back(value):
    """What a mark holds as text is the value again, of the type it had."""
    assert value_of(mark_of(a_drift(live=value)).live) == value


def test_half_a_surrogate_pair_can_be_remembered():
    """A label no database can hold still has a mark, and the same one every time."""
    mark = mark_of(a_drift(live="\ud800"))
    assert mark.live.encode() == b'"?"'
    assert mark == mark_of(a_drift(live="\ud800"))
