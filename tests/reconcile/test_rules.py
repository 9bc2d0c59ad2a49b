"""What becomes a change, what is held and what is refused: one table row for each rule."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from connector.model import Capability, CreateStage, Outcome, Pipeline, Process, StageValues
from connector.reconcile.comparison import compare
from connector.reconcile.drift import DriftKind
from connector.reconcile.matching import made_id
from connector.reconcile.plan import Hazard, Plan
from connector.reconcile.planner import plan
from tests.reconcile.tables import (
    ALL,
    kinds,
    locked,
    pipeline,
    planned,
    process,
    refused,
    stage,
    unslotted,
    values,
    want,
    writes,
)
from tests.reconcile.worlds import ACCOUNT, EVERYTHING, REMOTE

FOUR = (want("a", "A", 0.2), want("b", "B", 0.4), want("c", "C", 0.6), want("won", "W", 1.0))


def live(**changed: object) -> Pipeline:
    """The pipeline FOUR wants, with stage a changed."""
    first = replace(stage("a", "A", 0.2), **changed)  # type: ignore[arg-type]
    return pipeline(first, stage("b", "B", 0.4), stage("c", "C", 0.6), stage("won", "W", 1.0))


def held(of: Plan) -> list[tuple[str, dict[str, object], list[str]]]:
    return [(h.change.stage, values(h.change.after), [z.value for z in h.hazards]) for h in of.held]


def test_one_stage_one_change() -> None:
    """Label and probability of a stage are corrected by one write, with only what it touches."""
    result = planned(process(*FOUR), live(label="a", probability=0.25))
    assert writes(result) == [("a", {"label": "A", "probability": 0.2})]
    edit = result.changes[0].change
    assert not isinstance(edit, CreateStage)
    assert edit.before == StageValues("a", 0.25)
    assert kinds(result.changes[0].drifts) == [(DriftKind.LABEL, "a"), (DriftKind.PROBABILITY, "a")]


@pytest.mark.parametrize(
    ("of", "can", "at", "expected"),
    [
        (process(*FOUR, manage=()), ALL, live(label="x"), "not-managed"),
        (process(*FOUR, manage={Capability.LABEL}), ALL, live(probability=0.3), "not-managed"),
        (process(*FOUR), ALL - {Capability.LABEL}, live(label="x"), "cannot-write"),
        (process(*FOUR), (), live(probability=0.3), "cannot-write"),
        (process(*FOUR), ALL, live(probability=0.3, writable=False), "cannot-write"),
        (process(*FOUR, pins={}), ALL, live(label="a"), "not-pinned"),
        (process(*FOUR), ALL, replace(live(), label="Other"), "cannot-write"),
    ],
)
def test_what_cannot_be_corrected(
    of: Process, can: Collection[Capability], at: Pipeline, expected: str
) -> None:
    """What is not managed, not pinned or not writable is refused with that reason."""
    result = planned(of, at, can=can)
    assert [reason for _, _, reason in refused(result)] == [expected]
    assert result.changes == result.held == ()


@pytest.mark.parametrize(
    ("deals", "reason", "data"),
    [
        ({("sales", "x"): 3}, "holds-deals", {"deals": 3}),
        ({("sales", "x"): 0}, "cannot-write", {}),
        ({}, "cannot-write", {}),
        (None, "holds-deals", {}),
    ],
)
def test_strangers_stay(
    deals: dict[tuple[str, str], int] | None, reason: str, data: dict[str, int]
) -> None:
    """A stage of nobody's is never deleted; deals in it, or not knowing of any, are the reason."""
    of = pipeline(*live().stages, stage("x", "X"))
    refusal = planned(process(*FOUR), of, deals=deals).refusals[0]
    assert (refusal.reason.value, dict(refusal.data)) == (reason, data)


def test_pipelines_are_never_written() -> None:
    """A pipeline that is gone cannot be made, and one without process is nobody's to manage."""
    other = pipeline(stage("x", "X"), id="other")
    drifts = compare((process(*FOUR),), ACCOUNT, (other,))
    result = plan(drifts, (process(*FOUR),), ACCOUNT, REMOTE, (other,), ALL, {}, EVERYTHING)
    assert refused(result) == [
        (DriftKind.PIPELINE_MISSING, None, "cannot-write"),
        (DriftKind.PIPELINE_WITHOUT_PROCESS, None, "not-managed"),
    ]


@pytest.mark.parametrize(
    ("manage", "at", "expected"),
    [
        (ALL, live(outcome=Outcome.WON), "cannot-write"),
        ({Capability.LABEL}, live(outcome=Outcome.WON, probability=1.0), "not-managed"),
        (ALL, live(outcome=Outcome.WON, probability=1.0, writable=False), "cannot-write"),
    ],
)
def test_outcomes_follow_probabilities(
    manage: Collection[Capability], at: Pipeline, expected: str
) -> None:
    """An outcome whose probability is not corrected is refused, for the same reason if any."""
    result = planned(process(*FOUR, manage=manage), at)
    assert (DriftKind.OUTCOME, "a", expected) in refused(result)


def test_an_outcome_joins_the_change_of_its_probability() -> None:
    """Correcting a probability corrects the outcome, and the change says so."""
    result = planned(process(*FOUR), live(outcome=Outcome.LOST, probability=0.0))
    assert [d.kind for d in result.changes[0].drifts] == [DriftKind.PROBABILITY, DriftKind.OUTCOME]


@pytest.mark.parametrize(
    ("at", "deals", "expected"),
    [
        (live(probability=0.45), {}, []),
        (live(probability=0.46), {}, ["leap"]),
        (live(probability=None), {}, []),
        (live(probability=0.0, outcome=Outcome.LOST), {}, []),
        (live(probability=0.0, outcome=Outcome.LOST), {("sales", "a"): 1}, ["outcome"]),
        (live(probability=0.0, outcome=Outcome.LOST), None, ["outcome"]),
        (live(probability=1.0, outcome=Outcome.WON), None, ["outcome", "leap"]),
        (live(label="x", outcome=Outcome.LOST), {("sales", "a"): 1}, ["outcome"]),
        (live(label="x", probability=0.3), {("sales", "a"): 1}, []),
    ],
)
def test_hazards(
    at: Pipeline, deals: dict[tuple[str, str], int] | None, expected: list[str]
) -> None:
    """An edit is held whole, with every hazard it has, and written when all are allowed."""
    result = planned(process(*FOUR), at, deals=deals, allow=())
    assert [hazards for _, _, hazards in held(result)] == ([expected] if expected else [])
    allowed = planned(process(*FOUR), at, deals=deals, allow={(Hazard(h), "a") for h in expected})
    assert [write[0] for write in writes(allowed)] == ["a"]
    for missing in expected:
        some = {(Hazard(h), "*") for h in expected if h != missing}
        assert writes(planned(process(*FOUR), at, deals=deals, allow=some)) == []


def test_allowed_by_key_or_id_of_that_stage_only() -> None:
    """A hazard is allowed for a stage by key, by id or for all; another stage's does not count."""
    of = process(*FOUR, pins={"a": "1", "b": "b", "c": "c", "won": "won"})
    at = live(id="1", probability=0.9)
    for name, count in (("a", 1), ("1", 1), ("*", 1), ("b", 0), ("won", 0)):
        assert len(planned(of, at, allow={(Hazard.LEAP, name)}).changes) == count


BULK = pipeline(stage("a", "x", 0.2), stage("b", "y", 0.4), stage("c", "z", 0.6), live().stages[3])


def test_bulk() -> None:
    """More than half of a pipeline is edited only when bulk is allowed for all of it."""
    half = pipeline(*BULK.stages[:2], *live().stages[2:])
    assert len(planned(process(*FOUR), half, allow=()).changes) == 2
    assert [hazards for _, _, hazards in held(planned(process(*FOUR), BULK, allow=()))] == [
        ["bulk"]
    ] * 3
    part = {(Hazard.BULK, "a"), (Hazard.BULK, "b")}
    assert planned(process(*FOUR), BULK, allow=part).changes == ()
    assert len(planned(process(*FOUR), BULK, allow=part | {(Hazard.BULK, "c")}).changes) == 3


def test_missing_stages_count_when_bulk_is_told() -> None:
    """A stage still to be created counts, so that creating it does not free what bulk held."""
    at = pipeline(stage("a", "x", 0.2), stage("b", "y", 0.4), live().stages[3])
    assert len(planned(process(*FOUR), at, allow=()).changes) == 2


def test_bulk_need_not_be_allowed_for_what_is_held_anyway() -> None:
    """A stage held for another hazard stays held while bulk is allowed for the others."""
    at = pipeline(stage("a", "x", 0.9), *BULK.stages[1:])
    result = planned(process(*FOUR), at, allow={(Hazard.BULK, "b"), (Hazard.BULK, "c")})
    assert [write[0] for write in writes(result)] == ["b", "c"]
    assert held(result) == [("a", {"label": "A", "probability": 0.2}, ["leap", "bulk"])]


def test_moves_are_no_bulk() -> None:
    """To put one stage in its place all those behind it may move, and nothing is held for that."""
    of = process(want("c", "C"), want("a", "A"), want("b", "B"))
    at = pipeline(stage("a", "A"), stage("b", "B"), stage("c", "C"))
    assert len(planned(of, at, allow=()).changes) == 2


GONE = pipeline(stage("a", "A", 0.2), stage("c", "C", 0.6), stage("won", "W", 1.0))
ROOMY = pipeline(stage("a", "A", 0.2, 0), stage("c", "C", 0.6, 5), stage("won", "W", 1.0, 6))
NEW = {"label": "B", "probability": 0.4}


@pytest.mark.parametrize(
    ("at", "manage", "expected"),
    [
        (ROOMY, ALL, [("b", {**NEW, "slot": 1})]),
        (ROOMY, {Capability.CREATE}, [("b", {**NEW, "slot": 1})]),
        (GONE, {Capability.CREATE}, [("b", {**NEW, "slot": 3})]),
        (GONE, ALL, [("b", {**NEW, "slot": 3}), ("c", {"slot": 4}), ("won", {"slot": 5})]),
        (unslotted(*GONE.stages), ALL, [("b", NEW)]),
    ],
)
def test_a_new_stage_finds_its_place(
    at: Pipeline, manage: Collection[Capability], expected: list[tuple[str, dict[str, object]]]
) -> None:
    """A new stage goes where order wants it if there is room or others may move, else last."""
    assert writes(planned(process(*FOUR, manage=manage), at)) == expected


def test_a_new_stage_is_no_reason_to_mend_the_order() -> None:
    """Where the drift of the order is left out of a plan, creating a stage moves no other."""
    at = pipeline(stage("c", "C", 0.6), stage("a", "A", 0.2), stage("won", "W", 1.0))
    of = (process(*FOUR),)
    drifts = [d for d in compare(of, ACCOUNT, (at,)) if d.kind is not DriftKind.ORDER]
    result = plan(drifts, of, ACCOUNT, REMOTE, (at,), ALL, {}, EVERYTHING)
    assert writes(result) == [("b", {**NEW, "slot": 3})]


def test_creating_is_a_hazard() -> None:
    """A stage is created only when that is allowed for it."""
    assert held(planned(process(*FOUR), ROOMY, allow=())) == [("b", {**NEW, "slot": 1}, ["create"])]
    assert len(planned(process(*FOUR), ROOMY, allow={(Hazard.CREATE, "b")}).changes) == 1


def test_an_allowed_stage_is_created_and_gets_its_room_while_edits_are_held() -> None:
    """A bulk of edits that is not allowed stops neither a new stage nor the moves it needs."""
    at = pipeline(stage("a", "x", 0.2), stage("c", "y", 0.6), stage("won", "z", 1.0))
    result = planned(process(*FOUR), at, allow={(Hazard.CREATE, "b")})
    assert [write[0] for write in writes(result)] == ["b", "c", "won"]
    assert [hazards for _, _, hazards in held(result)] == [["bulk"]] * 3


@pytest.mark.parametrize(
    ("of", "can", "expected"),
    [
        (process(*FOUR, manage={Capability.ORDER}), ALL, "not-managed"),
        (process(*FOUR, pins={}), ALL, "not-pinned"),
        (process(*FOUR), ALL - {Capability.CREATE}, "cannot-write"),
    ],
)
def test_when_no_stage_is_created(of: Process, can: Collection[Capability], expected: str) -> None:
    """Creating must be managed, pinned and possible."""
    result = planned(of, ROOMY, can=can)
    assert [(kind, reason) for kind, _, reason in refused(result)] == [
        (DriftKind.STAGE_MISSING, expected)
    ]


def test_an_id_in_use_cannot_be_created_again() -> None:
    """A pinned id that lives in another pipeline of the account is not created a second time."""
    other = pipeline(stage("b", "B"), id="other")
    drifts = compare((process(*FOUR),), ACCOUNT, (ROOMY, other))
    result = plan(drifts, (process(*FOUR),), ACCOUNT, REMOTE, (ROOMY, other), ALL, {}, EVERYTHING)
    assert (DriftKind.STAGE_MISSING, "b", "cannot-write") in refused(result)


def test_a_new_stage_needs_its_label() -> None:
    """No stage is created with a label that a stranger keeps."""
    at = pipeline(*ROOMY.stages, stage("x", "b "))
    result = planned(process(*FOUR), at)
    assert (DriftKind.STAGE_MISSING, "b", "label-taken") in refused(result)
    assert result.changes == ()


def test_a_new_stage_takes_a_label_that_is_given_up() -> None:
    """A stage is created after the edit that frees its label, under an id of our own making."""
    pins = {"a": "a", "c": "c", "won": "won"}
    at = pipeline(stage("a", "B", 0.2, 0), *ROOMY.stages[1:])
    assert writes(planned(process(*FOUR, pins=pins), at)) == [
        ("a", {"label": "A"}),
        (made_id("sales", "b"), {**NEW, "slot": 1}),
    ]


def test_locked_stages_hold_still() -> None:
    """A locked stage keeps its slot, and the others are arranged around it."""
    of = process(want("b", "B"), want("a", "A"), want("c", "C"))
    at = pipeline(locked("a", "A"), stage("b", "B"), stage("c", "C"))
    assert refused(planned(of, at)) == [(DriftKind.ORDER, None, "cannot-write")]
    at = pipeline(
        replace(locked("a", "A"), slot=1), stage("b", "B", slot=2), stage("c", "C", slot=3)
    )
    assert writes(planned(of, at)) == [("b", {"slot": 0})]


def test_the_plan_says_what_it_saw() -> None:
    """A plan names its processes and keeps the stages of the pipelines it changes, no others."""
    result = planned(process(*FOUR), live(label="x"))
    assert result.processes == ("process",)
    assert [(seen.pipeline, [s.label for s in seen.stages]) for seen in result.seen] == [
        ("sales", ["x", "B", "C", "W"])
    ]
    assert planned(process(*FOUR), live()).seen == ()
