"""The list of work orders, followed from top to bottom."""

from dataclasses import replace
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.model import Pipeline, PipelineState, Process
from connector.reconcile.comparison import compare
from connector.reconcile.drift import DriftKind
from connector.reconcile.matching import closes_by_status
from connector.reconcile.plan import Plan, Reason
from connector.reconcile.planner import plan
from connector.reconcile.work_steps import Act
from tests.reconcile.admin import Settings, name_new_ids, steps_of
from tests.reconcile.tables import pipeline, planned, process, stage, want
from tests.reconcile.worlds import ACCOUNT, REMOTE, World, closing_by_status, worlds

promise = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)

# Nobody asked for a process there, and what a stage promises follows from its probability.
NOBODYS = {DriftKind.PIPELINE_WITHOUT_PROCESS, DriftKind.OUTCOME}


Processes = tuple[Process, ...]


def left_to_hands(world: World, live: tuple[Pipeline, ...], processes: Processes) -> Plan:
    """What a CRM that can write nothing leaves to an admin."""
    drifts = compare(processes, ACCOUNT, live)
    return plan(drifts, processes, ACCOUNT, REMOTE, live, frozenset(), world.deals)


def named(world: World, live: tuple[Pipeline, ...], processes: Processes) -> Processes:
    """The processes once what is there under its label has its id in the file."""
    return name_new_ids(processes, left_to_hands(world, live, processes))


def awake(pipeline: Pipeline) -> Pipeline:
    """Of a retired pipeline nothing is compared, so that its list is of one thing: to activate."""
    retired = pipeline.state is PipelineState.RETIRED
    return replace(pipeline, state=PipelineState.DRAFT) if retired else pipeline


@promise
@given(worlds(), st.booleans())
def test_an_admin_who_follows_the_list_ends_all_drift(world: World, by_status: bool) -> None:
    """Nothing is left but what no admin can end, and no name is ever borne twice on the way.

    Half of the accounts are of a CRM that closes deals by their status.
    """
    live = tuple(map(awake, world.pipelines))
    if by_status:
        live = tuple(p if closes_by_status(p) else closing_by_status(p) for p in live)
    processes = named(world, live, world.processes)
    before = left_to_hands(world, live, processes)
    steps = steps_of(before, processes, live)
    counts = {stage: deals for (_, stage), deals in (world.deals or {}).items()}
    admin = Settings.of(live, counts).work_through(steps)

    processes = named(world, admin.live(), processes)
    after = left_to_hands(world, admin.live(), processes)
    blocked = {step.order.drift.id for step in steps if step.blocked}
    # Only pipelines may be asked to bear one name, since the worlds call all processes the same.
    assert all(id.endswith("/pipeline-label") for id in blocked)
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
    steps = steps_of(left_to_hands(world, live, world.processes), world.processes, live)
    admin = Settings.of(live).work_through(steps)
    processes = named(world, admin.live(), world.processes)
    left = {drift.kind for drift in compare(processes, ACCOUNT, admin.live())}
    assert left <= {DriftKind.PIPELINE_LABEL, *NOBODYS}


@given(st.permutations(range(6)))
def test_an_order_takes_no_drag_too_many(places: list[int]) -> None:
    """As many stages as possible stay where they are."""
    wants = [want(str(number), f"Stage {number}") for number in range(6)]
    live = pipeline(*(stage(str(number), f"Stage {number}") for number in places))
    made = planned(process(*wants), live, can=())
    steps = steps_of(made, (process(*wants),), (live,))
    staying = max(
        len(chosen)
        for size in range(7)
        for chosen in combinations(places, size)
        if list(chosen) == sorted(chosen)
    )
    assert sum(len(step.moves) for step in steps) == 6 - staying


def test_the_list_of_a_pipeline_that_has_everything() -> None:
    """Names first, with a detour where two want each other's; then stages, order and what goes."""
    wants = (want("a", "Alpha", 0.2), want("b", "Beta", 0.4), want("c", "Gamma", 0.6))
    of = process(*wants, pins={"a": "1", "b": "2"})
    live = pipeline(
        stage("9", "Gamma (old)", 0.5),
        stage("2", "Alpha", 0.4),
        stage("1", "Beta", 0.3),
        stage("8", "Full", 0.5),
        label="Sale",
    )
    made = planned(of, live, can=(), deals={("sales", "8"): 3})
    told = [(s.act, s.stage, s.before, s.after, s.behind) for s in steps_of(made, (of,), (live,))]
    between = "Alpha (connector: renaming)"
    assert told == [
        (Act.RENAME_STAGE, "Beta", "Beta", between, None),
        (Act.RENAME_STAGE, "Alpha", "Alpha", "Beta", None),
        (Act.RENAME_STAGE, between, between, "Alpha", None),
        (Act.ADD_STAGE, "Gamma", None, "Gamma", "Beta"),
        (Act.SET_PROBABILITY, "Alpha", 0.3, 0.2, None),
        (
            Act.ORDER_STAGES,
            None,
            ("Beta", "Gamma", "Alpha"),
            ("Alpha", "Beta", "Gamma"),
            None,
        ),
        (Act.DELETE_STAGE, "Gamma (old)", "Gamma (old)", None, None),
        (Act.RENAME_PIPELINE, None, "Sale", "Sales", None),
        (Act.DELETE_STAGE, "Full", "Full", None, None),
    ]


def test_a_stage_that_goes_gives_its_name_up_first() -> None:
    """Its deals may take days to move, and the name is wanted now."""
    of = process(want("a", "Alpha"), pins={"a": "1"})
    live = pipeline(stage("1", "Beta"), stage("9", "alpha "))
    made = planned(of, live, can=(), deals=None)
    told = [(s.act, s.before, s.after, s.temporary) for s in steps_of(made, (of,), (live,))]
    assert told == [
        (Act.RENAME_STAGE, "alpha ", "alpha (to be deleted)", True),
        (Act.RENAME_STAGE, "Beta", "Alpha", False),
        (Act.DELETE_STAGE, "alpha (to be deleted)", None, False),
    ]


def test_a_name_that_stays_with_another_stage_blocks_its_order() -> None:
    """Where a stage of nobody's was accepted, what wants its name waits for a decision."""
    of = process(want("a", "Alpha"), pins={"a": "1"})
    live = pipeline(stage("1", "Beta"), stage("9", "Alpha"))
    made = planned(of, live, can=())
    rest = tuple(r for r in made.refusals if r.drift.kind is not DriftKind.STAGE_UNKNOWN)
    (step,) = steps_of(replace(made, refusals=rest), (of,), (live,))
    assert (step.after, step.blocked) == ("Alpha", "Alpha")


def test_a_stage_whose_name_is_not_to_be_had_is_on_no_list_below() -> None:
    """What cannot be added yet is not dragged either."""
    wants = (want("a", "Alpha"), want("b", "Beta"), want("c", "Gamma"))
    of = process(*wants, pins={"a": "1", "b": "2"})
    live = pipeline(stage("2", "Beta"), stage("1", "Gamma"))
    made = planned(of, live, can=())
    rest = tuple(r for r in made.refusals if r.drift.kind is not DriftKind.LABEL)
    added, ordered = steps_of(replace(made, refusals=rest), (of,), (live,))
    assert (added.act, added.blocked) == (Act.ADD_STAGE, "Gamma")
    assert ordered.stages == ("Gamma", "Beta")


def test_a_new_stage_gets_a_probability_where_stages_have_one() -> None:
    """Nutshell's have none, so nothing is said of it there."""
    of = process(want("a", "Alpha", 0.2), want("b", "Beta", 0.4), pins={"a": "1"})
    live = pipeline(stage("1", "Alpha", 0.2))
    weights = [
        steps_of(planned(of, each, can=()), (of,), (each,))[0].weights
        for each in (live, closing_by_status(live))
    ]
    assert weights == [(0.4,), ()]
