"""What has become of known work orders, by the reading after."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.model import Capability, Pipeline, PipelineState, Process
from connector.reconcile.comparison import compare
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.plan import Reason
from connector.reconcile.planner import plan
from connector.reconcile.work_orders import WorkOrder, namesakes, work_orders
from connector.reconcile.work_review import Closed, Ending, Known, review
from tests.reconcile.tables import pipeline, planned, process, stage, want
from tests.reconcile.worlds import ACCOUNT, REMOTE

EARLY, LATE = (datetime(2026, 11, day, tzinfo=UTC) for day in (20, 21))
WANTS = (want("a", "Alpha", 0.2), want("b", "Beta", 0.4), want("c", "Gamma", 0.6))
PINS = {"a": "1", "b": "2"}
OF = process(*WANTS, pins=PINS)
BEFORE = pipeline(stage("2", "Beta", 0.4), stage("1", "Alfa", 0.3), stage("9", "Old", 0.5))


def orders(live: tuple[Pipeline, ...], *of: Process) -> tuple[WorkOrder, ...]:
    drifts = compare(of, ACCOUNT, live)
    made = plan(drifts, of, ACCOUNT, REMOTE, live, frozenset({Capability.CONFIDENCE}), {})
    return work_orders(made.refusals, of)


def known(kind: DriftKind) -> Known:
    order = next(each for each in orders((BEFORE,), OF) if each.drift.kind is kind)
    return Known(order.drift, order.wish, EARLY, EARLY)


def ended(
    kind: DriftKind, live: Pipeline | None, of: Process = OF, accepted: tuple[Drift, ...] = ()
) -> Ending | None:
    """How the order of this kind ended by the time a reading finds this pipeline."""
    there = () if live is None else (live,)
    found = tuple(each for each in orders(there, of) if each.drift not in accepted)
    closed = tuple(review([known(kind)], found, accepted, (of,), there, LATE))
    assert all(each == Closed(known(kind), each.ending, LATE, EARLY) for each in closed)
    return closed[0].ending if closed else None


def with_stages(*stages) -> Pipeline:
    return replace(BEFORE, stages=stages)


MET, BETA, OLD = stage("1", "Alpha", 0.2), stage("2", "Beta", 0.4), stage("9", "Old", 0.5)
DONE = {
    DriftKind.LABEL: with_stages(BETA, stage("1", "Alpha", 0.3), OLD),
    DriftKind.PROBABILITY: with_stages(BETA, stage("1", "Alfa", 0.2), OLD),
    DriftKind.ORDER: with_stages(stage("1", "Alfa", 0.3), BETA, OLD),
    DriftKind.STAGE_UNKNOWN: with_stages(BETA, stage("1", "Alfa", 0.3)),
    DriftKind.STAGE_MISSING: with_stages(*BEFORE.stages, stage("77", "gamma ", 0.6)),
}


@pytest.mark.parametrize("kind", DONE)
def test_what_was_done_by_hand_is_done(kind):
    """Each kind of order is recognised in the pipeline, and by nothing else in it."""
    assert ended(kind, DONE[kind]) is Ending.DONE
    assert ended(kind, BEFORE) is None
    for other, live in DONE.items():
        assert other is kind or ended(kind, live) is None


def test_a_mistyped_label_leaves_the_order_open():
    """An order is known by what is wanted, not by what is live."""
    assert ended(DriftKind.LABEL, with_stages(BETA, stage("1", "Alpa", 0.3), OLD)) is None


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        (DriftKind.LABEL, process(want("a", "Alfa", 0.2), *WANTS[1:], pins=PINS)),
        (DriftKind.LABEL, process(want("a", "Aleph", 0.2), *WANTS[1:], pins=PINS)),
        (DriftKind.LABEL, process(*WANTS, pins={"a": "9", "b": "2"})),
        (DriftKind.PROBABILITY, process(want("a", "Alpha", 0.3), *WANTS[1:], pins=PINS)),
        (DriftKind.ORDER, process(WANTS[1], WANTS[0], WANTS[2], pins=PINS)),
        (DriftKind.STAGE_MISSING, process(*WANTS[:2], pins=PINS)),
        (DriftKind.STAGE_UNKNOWN, process(*WANTS, pins={**PINS, "c": "9"})),
    ],
)
def test_what_the_process_no_longer_wants_is_withdrawn_and_not_done(kind, of):
    """Where a process came to agree with the CRM, or wants a third thing, nothing was done."""
    assert ended(kind, BEFORE, of) is Ending.UNWANTED


def test_what_was_accepted_is_withdrawn():
    """Somebody lives with it."""
    drift = known(DriftKind.LABEL).drift
    assert ended(DriftKind.LABEL, BEFORE, accepted=(drift,)) is Ending.ACCEPTED


def test_without_a_binding_nothing_is_asked_for():
    """An inactive process wants nothing of a pipeline."""
    for kind in DONE:
        assert ended(kind, BEFORE, replace(OF, active=False)) is Ending.UNBOUND
        assert ended(kind, BEFORE, replace(OF, bindings=())) is Ending.UNBOUND


@pytest.mark.parametrize("kind", [DriftKind.LABEL, DriftKind.PROBABILITY])
def test_a_stage_that_is_gone_can_no_longer_be_edited(kind):
    """Deleting it is not doing it; that it is missing is another order."""
    assert ended(kind, with_stages(BETA, OLD)) is Ending.OBSOLETE


@pytest.mark.parametrize("kind", DONE)
def test_a_pipeline_out_of_sight_ends_nothing(kind):
    """A key that sees less for a night is no proof that anything was done."""
    assert ended(kind, None) is None
    assert ended(kind, replace(BEFORE, state=PipelineState.RETIRED)) is None


def test_an_order_of_stages_outlives_the_stages_that_come_in():
    """It is known by the process's keys: a missing stage that is added does not begin a new one."""
    live = with_stages(*BEFORE.stages, stage("3", "Gamma", 0.6))
    of = process(*WANTS, pins={**PINS, "c": "3"})
    assert ended(DriftKind.ORDER, live, of) is None


def test_a_pipeline_that_was_created_waits_for_its_binding():
    """It has another id than the process names, so it is found by its label."""
    of = replace(OF, label="Sales")
    (order,) = orders((), of)
    missing = Known(order.drift, order.wish, EARLY, EARLY)
    new = replace(BEFORE, id="new", label=str(order.drift.desired))
    assert orders((new,), of) == ()
    (closed,) = review([missing], (), (), (of,), (new,), LATE)
    assert closed.ending is Ending.DONE
    assert tuple(review([missing], (), (), (replace(of, label="Other"),), (), LATE)) == (
        Closed(missing, Ending.UNWANTED, LATE, EARLY),
    )


def test_a_clock_set_back_ends_nothing_before_it_was_open():
    """What ended is never older than the last time it was seen open."""
    late = replace(known(DriftKind.LABEL), seen=LATE)
    (closed,) = review([late], (), (), (OF,), (DONE[DriftKind.LABEL],), EARLY)
    assert (closed.at, closed.not_before) == (LATE, LATE)


def test_stages_of_an_unpinned_process_are_nobodys_to_delete():
    """By label alone nobody can tell a renamed stage from one too many."""
    of = process(*WANTS, pins={})
    kinds = {order.drift.kind for order in orders((BEFORE,), of)}
    assert DriftKind.STAGE_UNKNOWN not in kinds
    assert DriftKind.LABEL not in kinds
    whole = process(WANTS[1], pins={})
    assert [o.drift.kind for o in orders((with_stages(BETA, OLD),), whole)] == [
        DriftKind.STAGE_UNKNOWN
    ]


@pytest.mark.parametrize("manage", [(), tuple(Capability)])
def test_what_the_crm_takes_from_an_admin_alone_is_theirs(manage):
    """It is an order whether the binding manages it or not, and not one where the CRM takes it."""
    of = process(*WANTS, pins=PINS, manage=manage)
    reasons = {
        refusal.drift.kind: refusal.reason for refusal in planned(of, BEFORE, can=()).refusals
    }
    assert set(reasons.values()) == {Reason.CANNOT_WRITE}
    unmanaged = process(*WANTS, pins=PINS, manage=())
    reasons = {
        refusal.drift.kind: refusal.reason for refusal in planned(unmanaged, BEFORE).refusals
    }
    assert reasons.pop(DriftKind.STAGE_UNKNOWN) is Reason.CANNOT_WRITE
    assert set(reasons.values()) == {Reason.NOT_MANAGED}


def test_how_many_deals_are_in_the_way_is_known_or_not():
    """A stage that is to go holds so many, none, or nobody knows."""
    for deals, expected in (({("sales", "9"): 7}, 7), ({}, 0), (None, None)):
        refusals = planned(OF, BEFORE, can=(), deals=deals).refusals
        (order,) = (o for o in work_orders(refusals, (OF,)) if o.drift.stage == "9")
        assert order.deals == expected


def test_a_stage_that_bears_the_name_of_a_missing_one_is_neither_added_nor_deleted():
    """It is that stage under an id nobody has named; to delete it would be to delete that."""
    live = with_stages(MET, BETA, stage("77", "gamma", 0.6))
    refusals = planned(OF, live, can=(), deals={}).refusals
    assert work_orders(refusals, (OF,)) == ()
    (twin,) = namesakes(refusal.drift for refusal in refusals)
    assert (twin.missing.key, twin.id) == ("c", "77")
