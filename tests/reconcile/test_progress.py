"""Staleness and what remains, one table row for each way a pipeline can change under a plan."""

from dataclasses import replace

import pytest

from connector.model import Pipeline, Stage
from connector.reconcile.plan import Plan
from connector.reconcile.progress import remaining, stale
from tests.reconcile.tables import pipeline, planned, process, stage, want

DESIRED = process(want("a", "B"), want("b", "A", 0.6), want("c", "C"), want("d", "D"))
LIVE = pipeline(stage("a", "A"), stage("b", "B"), stage("c", "C"), stage("d", "D"))
SWAP = planned(DESIRED, LIVE)
TEMPORARY = "B (connector: renaming)"


def with_stages(**changed: dict[str, object]) -> Pipeline:
    stages = (replace(s, **changed.get(s.id, {})) for s in LIVE.stages)  # type: ignore[arg-type]
    return replace(LIVE, stages=tuple(stages))


@pytest.mark.parametrize(
    ("live", "left"),
    [
        (LIVE, ["a", "b", "a"]),
        (with_stages(a={"label": TEMPORARY}), ["b", "a"]),
        (with_stages(a={"label": TEMPORARY}, b={"label": "A"}), ["b", "a"]),
        (with_stages(a={"label": TEMPORARY}, b={"label": "A", "probability": 0.6}), ["a"]),
        (with_stages(a={"label": "B"}, b={"label": "A", "probability": 0.6}), []),
    ],
)
def test_remaining(live: Pipeline, left: list[str]) -> None:
    """A change is skipped when all it touches is written, or was passed on the way."""
    assert [planned.change.stage for planned in remaining(SWAP, (live,))] == left


def test_a_created_stage_is_not_created_again() -> None:
    """A stage that was created is there by its id, whatever became of its values."""
    plan = planned(process(*DESIRED.stages, want("e", "E")), LIVE)
    there = replace(LIVE, stages=(*LIVE.stages, stage("e", "Other")))
    assert [p.change.stage for p in remaining(plan, (LIVE,))] == ["a", "b", "a", "e"]
    assert [p.change.stage for p in remaining(plan, (there,))] == ["a", "b", "a"]


def found(
    plan: Plan, live: tuple[Pipeline, ...], written: object = None
) -> list[tuple[object, ...]]:
    values = stale(plan, live, written or {})  # type: ignore[arg-type]
    return [(each.stage, each.field, each.planned, each.live) for each in values]


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (LIVE, []),
        (with_stages(a={"label": TEMPORARY}), []),
        (with_stages(a={"label": "B"}, b={"label": "A", "probability": 0.6}), []),
        (with_stages(a={"label": "Mine"}), [("a", "label", "A", "Mine")]),
        (with_stages(c={"label": "Mine"}), [("c", "label", "C", "Mine")]),
        (with_stages(b={"probability": 0.7}), [("b", "probability", 0.5, 0.7)]),
        (with_stages(b={"probability": None}), [("b", "probability", 0.5, None)]),
        (with_stages(b={"probability": 0.5 + 1e-12}), []),
        (with_stages(a={"probability": 0.9}), []),
        (with_stages(a={"slot": 9}), []),
        (replace(LIVE, stages=LIVE.stages[:3]), [("d", "stage", "D", None)]),
        (
            replace(LIVE, stages=(*LIVE.stages, stage("x", "X"))),
            [("x", "stage", None, "X")],
        ),
    ],
)
def test_stale(live: Pipeline, expected: list[tuple[object, ...]]) -> None:
    """What others changed of the values, stages and labels a plan relies on is named, no more."""
    assert found(SWAP, (live,)) == expected


def test_a_pipeline_that_is_gone_is_stale() -> None:
    """A plan for a pipeline that is no longer there is stale, and says so in words."""
    gone = stale(SWAP, (), {})
    assert [str(each) for each in gone] == [
        "pipeline sales: the pipeline was 'sales' and is now None"
    ]


def test_our_own_writes_are_not_stale() -> None:
    """A value our journal has written, by whatever plan, is nobody else's change."""
    live = with_stages(a={"label": "Mine"}, b={"probability": 0.7})
    written = {("sales", "a", "label"): {"Mine"}, ("sales", "b", "probability"): {0.7}}
    assert found(SWAP, (live,), written) == []


def test_slots_count_where_slots_are_written() -> None:
    """A plan that moves stages is stale when any slot changed: its free ones may be taken."""
    moving = planned(process(want("b", "B"), want("a", "A")), pipeline(*two()))
    assert found(moving, (pipeline(*two()),)) == []
    taken = pipeline(two()[0], replace(two()[1], slot=7))
    assert found(moving, (taken,)) == [("b", "slot", 1, 7)]
    done = pipeline(replace(two()[0], slot=2), two()[1])
    assert found(moving, (done,)) == []


def two() -> tuple[Stage, Stage]:
    return stage("a", "A"), stage("b", "B", slot=1)


def test_a_stage_the_plan_creates_is_expected() -> None:
    """A created stage is part of the plan's progress, but not with a label of somebody else."""
    plan = planned(process(*DESIRED.stages, want("e", "E")), LIVE)
    created = stage("e", "E", slot=4)
    assert found(plan, (replace(LIVE, stages=(*LIVE.stages, created)),)) == []
    renamed = replace(created, label="Mine")
    live = replace(LIVE, stages=(*LIVE.stages, renamed))
    assert found(plan, (live,)) == [("e", "label", None, "Mine")]
