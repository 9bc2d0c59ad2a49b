"""Labels: unique at every moment, written in an order that keeps them so."""

import pytest

from connector.model import Capability
from connector.reconcile.drift import DriftKind
from connector.reconcile.labels import holders, steps
from connector.reconcile.plan import Hazard
from tests.reconcile.tables import locked, pipeline, planned, process, refused, stage, want, writes


@pytest.mark.parametrize(
    ("wants", "live", "stuck"),
    [
        ({"a": "X"}, {"a": "A", "b": "B"}, {}),
        ({"a": "B"}, {"a": "A", "b": "B"}, {"a": "b"}),
        ({"a": "b "}, {"a": "A", "b": " B"}, {"a": "b"}),
        ({"a": "a"}, {"a": "A "}, {}),
        ({"a": "B", "b": "A"}, {"a": "A", "b": "B"}, {}),
        ({"a": "B", "b": "C"}, {"a": "A", "b": "B", "c": "C"}, {"b": "c", "a": "b"}),
        ({"a": "X", "b": "x"}, {"a": "A", "b": "B"}, {"b": "a"}),
        ({"new": "A"}, {"a": "A"}, {"new": "a"}),
        ({"new": "A", "a": "B"}, {"a": "A"}, {}),
    ],
)
def test_who_cannot_have_a_label(
    wants: dict[str, str], live: dict[str, str], stuck: dict[str, str]
) -> None:
    """A label is had unless somebody keeps it, also somebody who cannot have what it wants."""
    assert holders(wants, live) == stuck


TEMPORARY = "B (connector: renaming)"


@pytest.mark.parametrize(
    ("wants", "live", "written"),
    [
        ({"a": "B", "b": "C"}, {"a": "A", "b": "B"}, [("b", "C"), ("a", "B")]),
        (
            {"a": "B", "b": "A"},
            {"a": "A", "b": "B"},
            [("a", TEMPORARY), ("b", "A"), ("a", "B")],
        ),
        (
            {"a": "b", "b": "c", "c": "a"},
            {"a": "A", "b": "B", "c": "C"},
            [("a", "b (connector: renaming)"), ("c", "a"), ("b", "c"), ("a", "b")],
        ),
        (
            {"a": "B", "b": "A"},
            {"a": "A", "b": "B", "x": TEMPORARY.upper()},
            [("a", "B (connector: renaming 1)"), ("b", "A"), ("a", "B")],
        ),
        ({"a": "a"}, {"a": "A"}, [("a", "a")]),
    ],
)
def test_steps(wants: dict[str, str], live: dict[str, str], written: list[tuple[str, str]]) -> None:
    """Holders go first; a ring is opened by one temporary label that names the wanted one."""
    assert [(stage, label) for stage, _, label in steps(wants, live)] == written


SWAP = process(want("a", "B", 0.6), want("b", "A"))
LIVE = pipeline(stage("a", "A", 0.5), stage("b", "B"))


def test_a_swap_carries_the_probability_at_its_end() -> None:
    """The temporary write settles nothing; the last one settles label and probability at once."""
    plan = planned(SWAP, LIVE)
    assert writes(plan) == [
        ("a", {"label": TEMPORARY}),
        ("b", {"label": "A"}),
        ("a", {"label": "B", "probability": 0.6}),
    ]
    assert [len(planned.drifts) for planned in plan.changes] == [0, 1, 2]


def test_a_label_kept_by_a_held_stage_is_taken() -> None:
    """A stage that is held keeps its label, and who wants it is refused and told so."""
    leap = process(want("a", "B", 0.9), want("b", "A", 0.6))
    plan = planned(leap, LIVE, allow={(Hazard.BULK, "*")})
    assert writes(plan) == [("b", {"probability": 0.6})]
    assert [(held.change.stage, held.change.after.label) for held in plan.held] == [("a", "B")]
    assert [(r.drift.stage, r.reason, dict(r.data)) for r in plan.refusals] == [
        ("b", "label-taken", {"holder": "a", "holder_label": "A"})
    ]


@pytest.mark.parametrize(
    ("live", "pins"),
    [
        (pipeline(stage("a", "A"), stage("x", "New")), None),
        (pipeline(stage("a", "A"), locked("b", "New")), None),
    ],
)
def test_a_label_kept_for_good_leaves_the_probability(live: object, pins: None) -> None:
    """With its label taken by a stranger or a locked stage, a stage still gets its probability."""
    wanted = process(want("a", "New", 0.6), want("b", "B"), pins=pins)
    plan = planned(wanted, live, allow={(Hazard.BULK, "*")})  # type: ignore[arg-type]
    assert writes(plan) == [("a", {"probability": 0.6})]
    assert (DriftKind.LABEL, "a", "label-taken") in refused(plan)


def test_a_label_that_can_never_be_had_is_not_promised() -> None:
    """What is held promises nothing that allowing it could not bring."""
    live = pipeline(stage("a", "A"), stage("b", "B"), stage("x", "New"))
    plan = planned(process(want("a", "New", 0.9), want("b", "B")), live, allow=())
    assert [held.change.after.label for held in plan.held] == [None]
    assert (DriftKind.LABEL, "a", "label-taken") in refused(plan)


def test_refusals_cascade() -> None:
    """One label kept for good keeps every label that waits for it."""
    chain = process(want("a", "B"), want("b", "C"), want("c", "X"))
    live = pipeline(stage("a", "A"), stage("b", "B"), stage("c", "C"), stage("x", "X"))
    assert [row for row in refused(planned(chain, live)) if row[0] is DriftKind.LABEL] == [
        (DriftKind.LABEL, stage, "label-taken") for stage in "abc"
    ]


def test_a_leftover_temporary_label_is_a_drift() -> None:
    """What a killed apply left behind is corrected like any other label."""
    live = pipeline(stage("a", TEMPORARY, 0.6), stage("b", "A"))
    assert writes(planned(SWAP, live)) == [("a", {"label": "B"})]


def test_labels_of_an_unpinned_binding_stay() -> None:
    """Without pins a label is never written, even where the binding says it is managed."""
    wanted = process(want("a", "A"), manage={Capability.LABEL}, pins={})
    plan = planned(wanted, pipeline(stage("1", "a")))
    assert refused(plan) == [(DriftKind.LABEL, "1", "not-pinned")]
