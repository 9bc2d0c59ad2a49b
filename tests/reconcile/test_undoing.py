"""Undo: what is taken back, what was changed since, and what cannot be."""

from dataclasses import replace

import pytest

from connector.model import CreateStage, EditStage, Outcome, Pipeline, StageChange, StageValues
from connector.reconcile.drift import DriftKind
from connector.reconcile.plan import Plan
from connector.reconcile.undoing import undo
from tests.reconcile.tables import ALL, pipeline, process, refused, stage, want, writes
from tests.reconcile.worlds import ACCOUNT, EVERYTHING, REMOTE

DESIRED = process(want("a", "A"), want("b", "B"), want("c", "C"))
LIVE = pipeline(stage("a", "A"), stage("b", "B"), stage("c", "C"))


def edit(stage: str, before: StageValues, after: StageValues) -> EditStage:
    return EditStage("sales", stage, before, after)


def undone(live: Pipeline, *changes: StageChange, allow: object = EVERYTHING) -> Plan:
    return undo(changes, (DESIRED,), ACCOUNT, REMOTE, (live,), ALL, {}, allow)  # type: ignore[arg-type]


RENAMED = edit("a", StageValues("Old"), StageValues("A"))
RAISED = edit("a", StageValues(probability=0.4), StageValues(probability=0.5))


def test_values_go_back() -> None:
    """Label and probability of a stage go back by one write, planned from what is live now."""
    plan = undone(LIVE, RENAMED, RAISED)
    assert writes(plan) == [("a", {"label": "Old", "probability": 0.4})]
    drift = plan.changes[0].drifts[0]
    assert (drift.process, drift.key, drift.desired, drift.live) == ("process", "a", "Old", "A")


def test_the_value_before_the_run_counts() -> None:
    """Of several writes to one value the first says what was, and any of them may be the last."""
    steps = (
        edit("a", StageValues("Old"), StageValues("temporary")),
        edit("a", StageValues("temporary"), StageValues("A")),
    )
    assert writes(undone(LIVE, *steps)) == [("a", {"label": "Old"})]
    killed = pipeline(stage("a", "temporary"), *LIVE.stages[1:])
    assert writes(undone(killed, *steps)) == [("a", {"label": "Old"})]
    assert writes(undone(pipeline(stage("a", "Old"), *LIVE.stages[1:]), *steps)) == []


@pytest.mark.parametrize(
    ("live", "change", "expected"),
    [
        (pipeline(stage("a", "Mine")), RENAMED, (DriftKind.LABEL, "a", "changed-since")),
        (pipeline(stage("b", "B")), RENAMED, (DriftKind.LABEL, "a", "changed-since")),
        (pipeline(id="other"), RENAMED, (DriftKind.PIPELINE_MISSING, None, "changed-since")),
        (
            LIVE,
            edit("a", StageValues(), StageValues(probability=0.5)),
            (DriftKind.PROBABILITY, "a", "cannot-write"),
        ),
        (
            LIVE,
            CreateStage("sales", "c", StageValues("C", 0.5, 2)),
            (DriftKind.STAGE_UNKNOWN, "c", "cannot-write"),
        ),
        (
            pipeline(stage("a", "A", slot=1), stage("b", "B", slot=2)),
            edit("b", StageValues(slot=0), StageValues(slot=7)),
            (DriftKind.ORDER, None, "changed-since"),
        ),
    ],
)
def test_what_cannot_go_back_is_refused(
    live: Pipeline, change: StageChange, expected: tuple[DriftKind, str | None, str]
) -> None:
    """What somebody changed since, never was set, or was created, is refused."""
    plan = undone(live, change)
    assert plan.changes == ()
    assert refused(plan) == [expected]


@pytest.mark.parametrize(
    ("live", "change"),
    [
        (pipeline(stage("a", "Old")), RENAMED),
        (pipeline(stage("a", "A")), CreateStage("sales", "x", StageValues("X", 0.5))),
        (LIVE, edit("a", StageValues(slot=0), StageValues(slot=5))),
    ],
)
def test_what_is_back_already_needs_nothing(live: Pipeline, change: StageChange) -> None:
    """A value somebody put back, or a created stage somebody deleted, is done."""
    plan = undone(live, change)
    assert (plan.changes, plan.refusals) == ((), ())


def test_moved_stages_go_back() -> None:
    """Order is restored by sending the moved stages back between their former neighbours."""
    live = pipeline(stage("b", "B", slot=1), stage("c", "C", slot=2), stage("a", "A", slot=3))
    move = edit("a", StageValues(slot=0), StageValues(slot=3))
    assert writes(undone(live, move)) == [("a", {"slot": 0})]


def test_hazards_hold_an_undo_too() -> None:
    """Reopening what a run closed is as hazardous as any change of outcome."""
    closed = replace(LIVE, stages=(stage("a", "A", 1.0), *LIVE.stages[1:]))
    closing = edit("a", StageValues(probability=0.9), StageValues(probability=1.0))
    change = (closing,)
    plan = undo(change, (DESIRED,), ACCOUNT, REMOTE, (closed,), ALL, None, ())
    assert plan.changes == ()
    assert [hazard.value for hazard in plan.held[0].hazards] == ["outcome"]
    assert [drift.desired for drift in plan.held[0].drifts] == [0.9, Outcome.OPEN]


def test_a_pipeline_nobody_manages_any_more_stays() -> None:
    """Without a process bound to it there is nobody to say that connector may write."""
    unbound = replace(DESIRED, active=False)
    plan = undo((RENAMED,), (unbound,), ACCOUNT, REMOTE, (LIVE,), ALL, {}, EVERYTHING)
    assert refused(plan) == [(DriftKind.LABEL, "a", "not-managed")]
