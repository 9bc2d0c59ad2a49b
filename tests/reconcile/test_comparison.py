"""Desired against live: one table row for each way they can differ."""

from dataclasses import replace

import pytest

from connector.model import Binding, Outcome, Pipeline, Process
from connector.reconcile.comparison import compare
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.matching import made_id
from tests.reconcile.tables import kinds, pipeline, process, stage, want
from tests.reconcile.worlds import ACCOUNT

DESIRED = (want("a", "Alpha", 0.2), want("b", "Beta", 0.4), want("won", "Won", 1.0))
LIVE = (stage("a", "Alpha", 0.2), stage("b", "Beta", 0.4), stage("won", "Won", 1.0))


def drifts(of: Process, *live: Pipeline) -> tuple[Drift, ...]:
    return compare((of,), ACCOUNT, live)


def with_stage(at: int, **values: object) -> Pipeline:
    stages = list(LIVE)
    stages[at] = replace(stages[at], **values)  # type: ignore[arg-type]
    return pipeline(*stages)


def test_no_difference_no_drift() -> None:
    """A pipeline that is as its process wants it has no drift."""
    assert drifts(process(*DESIRED), pipeline(*LIVE)) == ()


@pytest.mark.parametrize(
    ("live", "kind", "desired", "is_live", "at"),
    [
        (with_stage(0, label="alpha "), DriftKind.LABEL, "Alpha", "alpha ", "a"),
        (with_stage(0, probability=0.25), DriftKind.PROBABILITY, 0.2, 0.25, "a"),
        (with_stage(0, probability=None), DriftKind.PROBABILITY, 0.2, None, "a"),
        (with_stage(0, outcome=Outcome.WON), DriftKind.OUTCOME, "open", "won", "a"),
        (pipeline(*LIVE, label="sales"), DriftKind.PIPELINE_LABEL, "Sales", "sales", None),
        (pipeline(*LIVE[1:]), DriftKind.STAGE_MISSING, "Alpha", None, "a"),
        (pipeline(*LIVE, stage("x", "X")), DriftKind.STAGE_UNKNOWN, None, "X", "x"),
        (
            pipeline(LIVE[1], stage("x", "X"), LIVE[0], LIVE[2]),
            DriftKind.ORDER,
            ("a", "b", "won"),
            ("b", "a", "won"),
            None,
        ),
    ],
)
def test_each_difference_is_named(
    live: Pipeline, kind: DriftKind, desired: object, is_live: object, at: str | None
) -> None:
    """Each difference is a drift of its kind, with both sides and the stage it is about."""
    found = next(d for d in drifts(process(*DESIRED), live) if d.kind is kind)
    assert (found.desired, found.live, found.stage) == (desired, is_live, at)
    assert found.process == "process"


@pytest.mark.parametrize("digits", [0.2 + 1e-10, 0.1 + 0.1, 0.200000000000000011102230246251565])
def test_probabilities_are_numbers(digits: float) -> None:
    """A probability in other digits is the same probability."""
    assert drifts(process(*DESIRED), with_stage(0, probability=digits)) == ()


def test_a_stranger_is_no_disorder() -> None:
    """A stage of nobody's between ours is unknown, and never out of order."""
    live = pipeline(LIVE[0], stage("x", "X"), LIVE[1], LIVE[2])
    assert kinds(drifts(process(*DESIRED), live)) == [(DriftKind.STAGE_UNKNOWN, "x")]


def test_pipelines_come_and_go() -> None:
    """A pipeline that is gone is missing; one nobody is bound to has no process."""
    other = pipeline(*LIVE, id="other", label="Other")
    found = drifts(process(*DESIRED), other)
    assert [(d.kind, d.pipeline, d.desired, d.live) for d in found] == [
        (DriftKind.PIPELINE_MISSING, "sales", "Sales", None),
        (DriftKind.PIPELINE_WITHOUT_PROCESS, "other", None, "Other"),
    ]


def test_inactive_processes_are_silent() -> None:
    """The pipeline of an inactive process drifts from nothing, and is not without process."""
    live = pipeline(stage("x", "X"))
    assert drifts(process(*DESIRED, active=False), live) == ()
    assert kinds(drifts(replace(process(*DESIRED), bindings=()), live)) == [
        (DriftKind.PIPELINE_WITHOUT_PROCESS, None)
    ]


def test_bindings_of_other_accounts_do_not_count() -> None:
    """A pipeline id bound in another account says nothing about this one."""
    elsewhere = replace(process(*DESIRED), bindings=(Binding("usa", "sales", "nb"),))
    assert kinds(drifts(elsewhere, pipeline())) == [(DriftKind.PIPELINE_WITHOUT_PROCESS, None)]


def test_labels_are_compared_in_the_language_of_the_binding() -> None:
    """The binding's language decides which labels are wanted, of stages and of the pipeline."""
    found = drifts(process(*DESIRED, language="en"), pipeline(*LIVE))
    assert [drift.desired for drift in found] == [
        "Sales (en)",
        "Alpha (en)",
        "Beta (en)",
        "Won (en)",
    ]


def test_without_pins_stages_are_found_by_label() -> None:
    """Without pins a label finds its stage whatever its case; a renamed one is missing and new."""
    live = pipeline(stage("1", " ALPHA", 0.2), stage("2", "Betta", 0.4), stage("3", "Won", 1.0))
    assert kinds(drifts(process(*DESIRED, pins={}), live)) == [
        (DriftKind.LABEL, "1"),
        (DriftKind.STAGE_MISSING, None),
        (DriftKind.STAGE_UNKNOWN, "2"),
    ]


def test_a_key_without_pin_is_known_by_the_id_we_make() -> None:
    """In a pinned binding a stage without pin is the one created under our id, or missing."""
    made = made_id("sales", "b")
    pins = {"a": "a", "won": "won"}
    there = pipeline(LIVE[0], stage(made, "Beta", 0.4), LIVE[2])
    assert drifts(process(*DESIRED, pins=pins), there) == ()
    absent = drifts(process(*DESIRED, pins=pins), pipeline(LIVE[0], LIVE[2]))
    assert kinds(absent) == [(DriftKind.STAGE_MISSING, made)]
    taken = drifts(process(*DESIRED, pins={**pins, "a": made}), there)
    assert (DriftKind.STAGE_MISSING, None) in kinds(taken)


@pytest.mark.parametrize(
    ("pipeline_id", "key"),
    [
        ("default", "meeting-booked"),
        ("1-2", "3"),
        ("x" * 200, "y" * 200),
        ("Ærlig Ø", "møte/avtalt"),
    ],
)
def test_made_ids_suit_a_crm(pipeline_id: str, key: str) -> None:
    """Ids of our making are plain, at most 100 long, the same every time and never shared."""
    made = made_id(pipeline_id, key)
    assert made == made_id(pipeline_id, key) != made_id(pipeline_id, key + "x")
    assert made_id(pipeline_id + "-", key) != made_id(pipeline_id, "-" + key)
    assert len(made) <= 100
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
