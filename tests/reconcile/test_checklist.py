"""The list of work orders, followed from top to bottom."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from connector.model import Capability, Outcome, Pipeline, Stage
from connector.reconcile.comparison import compare
from connector.reconcile.drift import DriftKind
from connector.reconcile.plan import Plan, Reason
from connector.reconcile.planner import plan
from tests.reconcile.admin import Settings, name_new_ids, steps_of
from tests.reconcile.worlds import ACCOUNT, REMOTE, World, worlds

promise = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)

# Nobody asked for a process there, and what a stage promises follows from its probability.
NOBODYS = {DriftKind.PIPELINE_WITHOUT_PROCESS, DriftKind.OUTCOME}


def planned(world: World, live: tuple[Pipeline, ...], processes: tuple) -> Plan:
    """What a CRM that can write nothing leaves to an admin."""
    drifts = compare(processes, ACCOUNT, live)
    deals = world.deals
    return plan(drifts, processes, ACCOUNT, REMOTE, live, frozenset(), deals)


def weightless(pipeline: Pipeline) -> Pipeline:
    """The pipeline as Nutshell keeps one: no probabilities, and three statuses at the end."""
    own = (
        replace(stage, probability=None, outcome=Outcome.OPEN, weighted=False, writable=False)
        for stage in pipeline.stages
    )
    statuses = (
        Stage(f"{pipeline.id}:{name}", name.title(), probability, outcome, None, *flags)
        for name, probability, outcome, flags in (
            ("won", 1.0, Outcome.WON, (False, False, False)),
            ("lost", 0.0, Outcome.LOST, (False, False, False)),
            ("cancelled", 0.0, Outcome.LOST, (False, False, False, True)),
        )
    )
    return replace(pipeline, stages=(*own, *statuses))


def follow(world: World) -> None:
    """Do what the list says, and let the process file name what is new."""
    before = planned(world, world.pipelines, world.processes)
    steps = steps_of(before, world.processes, world.pipelines)
    counts = {stage: deals for (_, stage), deals in (world.deals or {}).items()}
    done = Settings.of(world.pipelines, counts).work_through(steps)
    between = planned(world, done.live(), world.processes)
    processes = name_new_ids(world.processes, between)
    after = planned(world, done.live(), processes)

    blocked = {step.order.drift.id for step in steps if step.blocked}
    unsure = {r.drift.pipeline for r in before.refusals if r.reason is Reason.NOT_PINNED}
    for refusal in after.refusals:
        drift = refusal.drift
        assert drift.kind in NOBODYS or drift.id in blocked or drift.pipeline in unsure, drift
    assert not steps_of(after, processes, done.live()) or blocked


@promise
@given(worlds())
def test_an_admin_who_follows_the_list_ends_all_drift(world: World) -> None:
    """Nothing is left but what no admin can end, and no name is ever borne twice on the way."""
    follow(world)


@promise
@given(worlds())
def test_so_does_one_of_a_crm_that_closes_deals_by_their_status(world: World) -> None:
    """Stages without probability, statuses beside them, and ids the CRM gives itself."""
    follow(replace(world, pipelines=tuple(map(weightless, world.pipelines))))


@promise
@given(worlds(tame=True))
def test_where_all_is_pinned_the_list_ends_everything(world: World) -> None:
    """No excuse is left where every stage is named: not one drift of a stage remains."""
    before = planned(world, world.pipelines, world.processes)
    steps = steps_of(before, world.processes, world.pipelines)
    done = Settings.of(world.pipelines).work_through(steps)
    between = planned(world, done.live(), world.processes)
    processes = name_new_ids(world.processes, between)
    left = {drift.kind for drift in compare(processes, ACCOUNT, done.live())}
    assert left <= {DriftKind.PIPELINE_LABEL, *NOBODYS}
