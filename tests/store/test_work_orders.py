"""Work orders on record."""

from dataclasses import replace

import pytest

from connector.errors import StoreError
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.work_orders import WorkOrder, wish_of
from connector.reconcile.work_review import Closed, Ending
from connector.store import work_orders

LABEL = Drift(DriftKind.LABEL, "norge", "sales", "Sales", "Møtt", "Met", "p", "met", "m", "Met")
ORDER = WorkOrder(LABEL, wish_of(LABEL, ()))


def test_an_order_keeps_the_instant_it_was_found_first(norge, day):
    """Seen again with another live label, it is the same one, as found last."""
    typo = replace(ORDER, drift=replace(LABEL, live="Mett", stage_label="Mett"))
    work_orders.record(norge.db, norge.id, [ORDER], [], day(1))
    work_orders.record(norge.db, norge.id, [typo], [], day(3))
    (known,) = work_orders.open_orders(norge.db, norge.id)
    assert (known.since, known.seen, known.drift.live) == (day(1), day(3), "Mett")


@pytest.mark.parametrize("value", ["Møtt", 0.25, ("a", "b"), None, "half a pair \ud800"])
def test_a_drift_comes_back_as_it_was(norge, day, value):
    """Labels, probabilities, orders and nothing; what no database holds becomes "?"."""
    drift = replace(LABEL, desired=value)
    work_orders.record(norge.db, norge.id, [WorkOrder(drift, wish_of(drift, ()))], [], day(1))
    (known,) = work_orders.open_orders(norge.db, norge.id)
    expected = value.replace("\ud800", "?") if isinstance(value, str) else value
    assert known.drift.desired == expected
    assert known.wish == wish_of(drift, ())


def test_an_order_that_ended_opens_anew(norge, day):
    """What was done and undone again is open since then, not since the first time."""
    work_orders.record(norge.db, norge.id, [ORDER], [], day(1))
    (known,) = work_orders.open_orders(norge.db, norge.id)
    work_orders.record(norge.db, norge.id, [], [Closed(known, Ending.DONE, day(2), day(1))], day(2))
    assert work_orders.open_orders(norge.db, norge.id) == ()
    work_orders.record(norge.db, norge.id, [ORDER], [], day(5))
    assert [known.since for known in work_orders.open_orders(norge.db, norge.id)] == [day(5)]


def test_the_word_of_the_first_stands(norge, day):
    """Two runs that find the same order done end it once, with what the first one said."""
    work_orders.record(norge.db, norge.id, [ORDER], [], day(1))
    (known,) = work_orders.open_orders(norge.db, norge.id)
    for at, how in ((2, Ending.DONE), (3, Ending.OBSOLETE)):
        work_orders.record(norge.db, norge.id, [], [Closed(known, how, day(at), None)], day(at))
    (closed,) = work_orders.closed_since(norge.db, norge.id, day(1), day(1))
    assert closed == Closed(known, Ending.DONE, day(2), None)


def test_what_ended_is_told_until_a_list_has(norge, day):
    """An order that ended long ago is told while no list has; and again where that list was now."""
    work_orders.record(norge.db, norge.id, [ORDER], [], day(1))
    (known,) = work_orders.open_orders(norge.db, norge.id)
    work_orders.record(norge.db, norge.id, [], [Closed(known, Ending.DONE, day(2), None)], day(2))

    def told(at: float) -> int:
        return len(work_orders.closed_since(norge.db, norge.id, day(at - 7), day(at - 1)))

    assert told(20) == 1
    work_orders.tell(norge.db, norge.id, day(20))
    assert (told(20.5), told(22)) == (1, 0)


def test_only_known_endings_are_stored(norge, day):
    """The database itself refuses what no reader knows."""
    work_orders.record(norge.db, norge.id, [ORDER], [], day(1))
    (known,) = work_orders.open_orders(norge.db, norge.id)
    with pytest.raises(StoreError):
        work_orders.record(norge.db, norge.id, [], [Closed(known, "lost", day(2), None)], day(2))
