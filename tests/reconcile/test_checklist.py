"""The list of work orders, followed from top to bottom."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from connector.model import Pipeline, PipelineState, Process
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


Processes = tuple[Process, ...]


def planned(world: World, live: tuple[Pipeline, ...], processes: Processes) -> Plan:
    """What a CRM that can write nothing leaves to an admin."""
    drifts = compare(processes, ACCOUNT, live)
    return plan(drifts, processes, ACCOUNT, REMOTE, live, frozenset(), world.deals)


def named(world: World, live: tuple[Pipeline, ...], processes: Processes) -> Processes:
    """The processes once what is there under its label has its id in the file."""
    return name_new_ids(processes, planned(world, live, processes))


def awake(pipeline: Pipeline) -> Pipeline:
    """Of a retired pipeline nothing is compared, so that its list is of one thing: to activate."""
    retired = pipeline.state is PipelineState.RETIRED
    return replace(pipeline, state=PipelineState.DRAFT) if retired else pipeline


@promise
@given(worlds())
def test_an_admin_who_follows_the_list_ends_all_drift(world: World) -> None:
    """Nothing is left but what no admin can end, and no name is ever borne twice on the way."""
    live = tuple(map(awake, world.pipelines))
    processes = named(world, live, world.processes)
    before = planned(world, live, processes)
    steps = steps_of(before, processes, live)
    counts = {stage: deals for (_, stage), deals in (world.deals or {}).items()}
    admin = Settings.of(live, counts).work_through(steps)

    processes = named(world, admin.live(), processes)
    after = planned(world, admin.live(), processes)
    blocked = {step.order.drift.id for step in steps if step.blocked}
    unsure = {r.drift.pipeline for r in before.refusals if r.reason is Reason.NOT_PINNED}
    for refusal in after.refusals:
        drift = refusal.drift
        assert drift.kind in NOBODYS or drift.id in blocked or drift.pipeline in unsure, drift
    again = steps_of(after, processes, admin.live())
    assert {step.order.drift.id for step in again} <= blocked


@promise
@given(worlds(tame=True))
def test_where_all_is_pinned_the_list_ends_everything(world: World) -> None:
    """No excuse is left where every stage is named: not one drift of a stage remains."""
    live = tuple(map(awake, world.pipelines))
    steps = steps_of(planned(world, live, world.processes), world.processes, live)
    admin = Settings.of(live).work_through(steps)
    processes = named(world, admin.live(), world.processes)
    left = {drift.kind for drift in compare(processes, ACCOUNT, admin.live())}
    assert left <= {DriftKind.PIPELINE_LABEL, *NOBODYS}
