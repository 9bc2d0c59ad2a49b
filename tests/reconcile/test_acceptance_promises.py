"""What must hold for every plan that leaves accepted drift alone, on random accounts."""

from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.reconcile.acceptance import Acceptance, Sifted, sift
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.plan import Plan
from connector.reconcile.planner import plan
from connector.reconcile.sightings import mark_of
from tests.reconcile.portal import Portal
from tests.reconcile.worlds import ACCOUNT, REMOTE, World, worlds

TODAY = date(2026, 11, 21)

promise = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)


def acceptances(world: World, data: st.DataObject) -> list[Acceptance]:
    """Some of the drifts, accepted; orders aside, whose values a new stage of ours would change."""
    drifts = [d for d in world.drifts(world.portal()) if d.kind is not DriftKind.ORDER]
    given = data.draw(st.lists(st.sampled_from(drifts), unique=True)) if drifts else []
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return [Acceptance(mark_of(drift), "fine", "Kari", now, TODAY) for drift in given]


def sifted(world: World, portal: Portal, given: list[Acceptance]) -> Sifted:
    return sift(world.drifts(portal), given, TODAY)


def planned(world: World, portal: Portal, drifts: tuple[Drift, ...]) -> Plan:
    live = portal.live()
    return plan(drifts, world.processes, ACCOUNT, REMOTE, live, world.can, world.deals, world.allow)


@promise
@given(worlds() | worlds(tame=True), st.data())
def test_accepted_drift_is_left_as_it_is(world: World, data: st.DataObject) -> None:
    """Whatever is corrected around it, accepted drift is there afterwards with the same values."""
    given, portal = acceptances(world, data), world.portal()
    before = sifted(world, portal, given)
    portal.write_all(each.change for each in planned(world, portal, before.open).changes)
    after = sifted(world, portal, given)
    left = {mark_of(each.drift) for each in before.accepted}
    assert left == {mark_of(each.drift) for each in after.accepted}
    assert portal.renumbered == 0


@promise
@given(worlds() | worlds(tame=True), st.data())
def test_plans_around_accepted_drift_settle(world: World, data: st.DataObject) -> None:
    """After apply the next plan has no changes, also where some drift is accepted."""
    given, portal = acceptances(world, data), world.portal()
    first = planned(world, portal, sifted(world, portal, given).open)
    portal.write_all(each.change for each in first.changes)
    assert planned(world, portal, sifted(world, portal, given).open).changes == ()


@promise
@given(worlds(), st.data())
def test_nothing_is_lost_between_open_and_accepted(world: World, data: st.DataObject) -> None:
    """Every drift is either open or accepted, and never both."""
    given, portal = acceptances(world, data), world.portal()
    found = sifted(world, portal, given)
    both = [*found.open, *(each.drift for each in found.accepted)]
    assert sorted(both, key=lambda d: d.id) == sorted(world.drifts(portal), key=lambda d: d.id)
