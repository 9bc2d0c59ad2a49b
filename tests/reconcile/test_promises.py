"""What must hold for every plan, on random accounts against a CRM with HubSpot's rules."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.model import CreateStage, StageChange
from connector.reconcile.continued import Past, carried_on
from connector.reconcile.drift import DriftKind
from connector.reconcile.plan import EVERY_STAGE, Plan
from connector.reconcile.planfile import dump, fingerprint, load
from connector.reconcile.progress import remaining, stale
from connector.reconcile.undoing import undo
from tests.reconcile.portal import Portal
from tests.reconcile.worlds import ACCOUNT, EVERYTHING, REMOTE, World, worlds

promise = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)


def changes(plan: Plan) -> list[StageChange]:
    return [planned.change for planned in plan.changes]


def state(world: World, portal: Portal) -> tuple[object, ...]:
    """Every stage's values, and all drifts: the order of ours, whatever stands between them."""
    stages = {stage.id: replace(stage, slot=None) for p in portal.live() for stage in p.stages}
    return stages, [drift.id for drift in world.drifts(portal)]


@promise
@given(worlds())
def test_every_drift_has_one_end(world: World) -> None:
    """Every drift ends as exactly one of change, held change or refusal, and nothing else does."""
    portal = world.portal()
    plan = world.plan(portal)
    ends = [
        {drift.id for planned in plan.changes for drift in planned.drifts},
        {drift.id for held in plan.held for drift in held.drifts},
        {refusal.drift.id for refusal in plan.refusals},
    ]
    assert Counter(end for ids in ends for end in ids) == Counter(
        drift.id for drift in world.drifts(portal)
    )
    assert len(plan.refusals) == len(ends[2])


@promise
@given(worlds())
def test_writes_are_legal_and_what_was_planned(world: World) -> None:
    """Each write is legal when it is made, renumbers nothing, and changes only what it says."""
    portal = world.portal()
    plan = world.plan(portal)
    for change in changes(plan):
        before = {stage.id: stage for p in portal.live() for stage in p.stages}
        portal.write(change)
        after = {stage.id: stage for p in portal.live() for stage in p.stages}
        assert {id for id in after if after[id] != before.get(id)} == {change.stage}
        for name in ("label", "probability", "slot"):
            value = getattr(change.after, name)
            assert value is None or getattr(after[change.stage], name) == value
    assert portal.renumbered == 0


@promise
@given(worlds())
def test_plans_settle(world: World) -> None:
    """After apply the next plan has no changes, whether the hazards are allowed again or not."""
    portal = world.portal()
    first = world.plan(portal)
    portal.write_all(changes(first))
    again, unasked = world.plan(portal), world.plan(portal, frozenset())
    assert again.changes == unasked.changes == ()
    still = {drift.id for held in again.held for drift in held.drifts}
    still |= {refusal.drift.id for refusal in again.refusals}
    left = {drift.id for held in first.held for drift in held.drifts}
    assert left <= still | {refusal.drift.id for refusal in first.refusals}


@promise
@given(worlds(tame=True))
def test_nothing_in_the_way_nothing_remains(world: World) -> None:
    """All pinned, managed, writable and allowed: no drift of a stage is left after one apply."""
    portal = world.portal()
    portal.write_all(changes(world.plan(portal)))
    assert {drift.kind for drift in world.drifts(portal)} <= {DriftKind.PIPELINE_LABEL}


@promise
@given(worlds() | worlds(tame=True), st.data())
def test_a_killed_apply_can_go_on(world: World, data: st.DataObject) -> None:
    """Killed after any write, the same plan and a new one both end where the whole one would."""
    # A new plan may move other stages than the first, so names of single stages are not enough.
    allow = frozenset((hazard, EVERY_STAGE) for hazard, _ in world.allow)
    world = replace(world, allow=allow)
    start = world.portal()
    plan = world.plan(start)
    done = start.copy().write_all(changes(plan))
    count = data.draw(st.integers(0, len(plan.changes)))
    killed = start.copy().write_all(changes(plan)[:count])

    assert stale(plan, killed.live(), {}) == ()
    resumed = killed.copy()
    resumed.write_all(planned.change for planned in remaining(plan, resumed.live()))
    assert resumed.live() == done.live()
    assert remaining(plan, resumed.live()) == ()

    anew = killed.copy()
    anew.write_all(changes(world.plan(anew)))
    assert state(world, anew) == state(world, done)
    assert anew.renumbered == resumed.renumbered == 0
    assert not any("renaming" in stage.label for p in done.live() for stage in p.stages)


@promise
@given(worlds(), st.data())
def test_a_strange_change_makes_a_plan_stale(world: World, data: st.DataObject) -> None:
    """What a plan touches is stale when somebody else changed it, and not when we did."""
    portal = world.portal()
    plan = world.plan(portal)
    if not plan.changes:
        return
    change = data.draw(st.sampled_from(changes(plan)))
    if isinstance(change, CreateStage):
        return
    stages = portal.stages[change.pipeline]
    stages[change.stage] = replace(stages[change.stage], label="Mine")
    assert [found.live for found in stale(plan, portal.live(), {})] == ["Mine"]
    wrote = {(change.pipeline, change.stage, "label"): {"Mine"}}
    assert stale(plan, portal.live(), wrote) == ()


@promise
@given(worlds(tame=True), st.data())
def test_undo_restores_what_was(world: World, data: st.DataObject) -> None:
    """A run taken back, whole or killed, leaves everything as it was but the stages it created."""
    portal = world.portal()
    before = portal.copy()
    planned = changes(world.plan(portal))
    portal.write_all(planned[: data.draw(st.integers(0, len(planned)))])
    created = {change.stage for change in portal.log if isinstance(change, CreateStage)}
    back = undo(
        portal.log, world.processes, ACCOUNT, REMOTE, portal.live(), world.can, None, EVERYTHING
    )
    portal.write_all(changes(back))
    refused = {(refusal.drift.stage, refusal.drift.kind) for refusal in back.refusals}
    assert portal.renumbered == 0
    for was, now in zip(before.live(), portal.live(), strict=True):
        kept = [stage for stage in now.stages if stage.id not in created]
        assert [stage.id for stage in kept] == [stage.id for stage in was.stages]
        for old, new in zip(was.stages, kept, strict=True):
            assert old.label == new.label or (old.id, DriftKind.LABEL) in refused
            assert old.probability in (new.probability, None)
    assert {stage for stage, kind in refused if kind is DriftKind.STAGE_UNKNOWN} == created


@promise
@given(worlds(tame=True), st.booleans(), st.data())
def test_undo_of_a_run_that_was_carried_on_restores_what_was_before_both(
    world: World, anew: bool, data: st.DataObject
) -> None:
    """Killed anywhere, ended by the same or a new plan, taken back: no temporary label is left."""
    portal = world.portal()
    before = portal.copy()
    plan = world.plan(portal)
    count = data.draw(st.integers(0, len(plan.changes)))
    portal.write_all(changes(plan)[:count])
    killed = Past(fingerprint(plan), tuple(portal.log))
    broken = any("renaming" in stage.label for p in portal.live() for stage in p.stages)
    second = world.plan(portal) if anew else plan
    portal.write_all(planned.change for planned in remaining(second, portal.live()))
    ended = Past(fingerprint(second), tuple(portal.log[count:]))

    sent = carried_on((killed, ended)).changes
    back = undo(sent, world.processes, ACCOUNT, REMOTE, portal.live(), world.can, None, EVERYTHING)
    portal.write_all(changes(back))
    labels = {stage.id: stage.label for p in portal.live() for stage in p.stages}
    assert not any("renaming" in label for label in labels.values())
    refused = {r.drift.stage for r in back.refusals if r.drift.kind is DriftKind.LABEL}
    for stage in (stage for p in before.live() for stage in p.stages):
        if broken or not anew:
            assert labels[stage.id] == stage.label or stage.id in refused


@promise
@given(worlds())
def test_a_plan_survives_its_file(world: World) -> None:
    """A dumped plan loads as it was, and its fingerprint does not depend on when it was made."""
    plan = world.plan(world.portal())
    early, late = (datetime(year, 1, 1, tzinfo=UTC) for year in (2026, 2027))
    assert load(dump(plan, None, early)) == load(dump(plan, None, late)) == plan
    bare = replace(plan, held=(), refusals=())
    assert fingerprint(bare) == fingerprint(plan) == fingerprint(load(dump(bare, None, early)))
