"""Pipelines of a CRM where won, lost and cancelled are statuses, and stages have no probability."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connector.model import Outcome, Pipeline, PipelineState, Process, ProcessStage, Standing
from connector.reconcile.comparison import compare
from connector.reconcile.drift import Drift, DriftKind, Severity
from connector.reconcile.matching import match
from connector.reconcile.plan import Reason, Weighted
from connector.reconcile.supposing import suppose, weighed
from connector.reconcile.weighing import impact
from tests.reconcile.tables import kinds, pipeline, planned, process, stage, want
from tests.reconcile.worlds import ACCOUNT, REMOTE, closing_by_status

OPEN = (want("a", "Alpha", 0.2), want("b", "Beta", 0.4))
WON = want("won", "Contract signed", 1.0)
LOST = want("lost", "Went elsewhere", 0.0)
PRICE = want("price", "Too dear", 0.0)
CANCELLED = replace(want("off", "Called off", 0.0), cancelled=True)
PINS = {"a": "1", "b": "2"}
LIVE = closing_by_status(pipeline(stage("1", "Alpha"), stage("2", "Beta")))


def drifts(of: Process, live: Pipeline = LIVE) -> tuple[Drift, ...]:
    return compare((of,), ACCOUNT, (live,))


@pytest.mark.parametrize("pins", [PINS, {}])
def test_what_a_crm_does_not_keep_cannot_drift(pins: dict[str, str]) -> None:
    """No probability of its stages drifts, and its statuses neither have labels nor an order."""
    stages = (WON, *OPEN, LOST, CANCELLED)
    assert drifts(process(*stages, pins=pins)) == ()


def test_what_a_crm_keeps_drifts_as_ever() -> None:
    """Labels, order, strangers and missing stages are told of the stages people made."""
    live = closing_by_status(
        pipeline(stage("2", "Beta"), stage("1", "Alfa"), stage("3", "Gamma"), label="sales")
    )
    found = drifts(process(*OPEN, want("d", "Delta", 0.8), WON, LOST, pins=PINS), live)
    assert kinds(found) == [
        (DriftKind.PIPELINE_LABEL, None),
        (DriftKind.LABEL, "1"),
        (DriftKind.ORDER, None),
        (DriftKind.STAGE_MISSING, None),
        (DriftKind.STAGE_UNKNOWN, "3"),
    ]
    assert {refusal.drift for refusal in planned(process(*OPEN), live).refusals}


@pytest.mark.parametrize(
    ("stages", "pins", "expected"),
    [
        ((WON, LOST, CANCELLED), {}, {"won": "won", "lost": "lost", "off": "cancelled"}),
        ((WON, CANCELLED, LOST), {}, {"won": "won", "lost": "lost", "off": "cancelled"}),
        ((WON, PRICE, LOST), {}, {"won": "won", "price": "lost, cancelled"}),
        ((WON, CANCELLED), {}, {"won": "won", "off": "cancelled"}),
        (
            (WON, PRICE, LOST),
            {"lost": "lost"},
            {"won": "won", "lost": "lost, cancelled"},
        ),
        ((LOST, PRICE), {"price": "cancelled"}, {"lost": "lost", "price": "cancelled"}),
        ((WON,), {"won": "won"}, {"won": "won"}),
    ],
)
def test_closing_stages_find_the_status_of_their_kind(
    stages: Sequence[ProcessStage], pins: dict[str, str], expected: dict[str, str]
) -> None:
    """A pin comes first, then the kind; what the process does not tell apart counts as one."""
    pinned = {key: f"sales:{status}" for key, status in pins.items()}
    of = process(*OPEN, *stages, pins=PINS | pinned)
    found = match(of, of.bindings[0], LIVE)
    told: dict[str, str] = {}
    for desired, live in (*found.pairs, *found.besides):
        if desired.outcome is not Outcome.OPEN:
            status = live.id.removeprefix("sales:")
            told[desired.key] = f"{told[desired.key]}, {status}" if desired.key in told else status
    assert told == expected
    assert found.missing == found.unknown == ()
    assert drifts(of) == ()


def test_a_pin_may_name_a_stage_that_people_made() -> None:
    """A closing stage pinned to an open one is compared with that; its status counts on it."""
    of = process(OPEN[0], WON, pins={"a": "1", "won": "2"})
    assert kinds(drifts(of)) == [(DriftKind.LABEL, "2"), (DriftKind.OUTCOME, "2")]
    found = match(of, of.bindings[0], LIVE)
    assert [(desired.key, live.id) for desired, live in found.besides] == [("won", "sales:won")]


def test_a_status_is_what_it_is() -> None:
    """Nobody can make a status of the CRM another one, so a pin to it is taken at its word."""
    assert drifts(process(*OPEN, LOST, pins=PINS | {"lost": "sales:won"})) == ()


def test_a_pin_that_is_gone_is_missing() -> None:
    """Only closing stages that no pin names are left to the statuses."""
    of = process(*OPEN, WON, pins=PINS | {"won": "77"})
    assert kinds(drifts(of)) == [(DriftKind.STAGE_MISSING, "77")]


def test_a_stage_added_by_hand_is_found_by_its_label() -> None:
    """Where the CRM gives the ids, a stage without pin is not looked for under one of ours."""
    of = process(*OPEN, want("c", "Gamma", 0.6), WON, LOST, pins=PINS)
    (missing,) = drifts(of)
    assert (missing.kind, missing.stage, missing.key) == (DriftKind.STAGE_MISSING, None, "c")
    added = closing_by_status(
        pipeline(stage("1", "Alpha"), stage("2", "Beta"), stage("9", "Gamma"))
    )
    assert drifts(of, added) == ()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PipelineState.ACTIVE, [(DriftKind.LABEL, "1")]),
        (PipelineState.DRAFT, [(DriftKind.PIPELINE_INACTIVE, None), (DriftKind.LABEL, "1")]),
        (PipelineState.RETIRED, [(DriftKind.PIPELINE_INACTIVE, None)]),
    ],
)
def test_a_bound_pipeline_should_be_active(
    state: PipelineState, expected: list[tuple[DriftKind, str | None]]
) -> None:
    """A draft is compared as well, a retired pipeline is not; a person has to make it active."""
    live = closing_by_status(pipeline(stage("1", "Alfa"), stage("2", "Beta")))
    live = replace(live, state=state)
    found = drifts(process(*OPEN, WON, LOST, pins=PINS), live)
    assert kinds(found) == expected
    for drift in found:
        if drift.kind is DriftKind.PIPELINE_INACTIVE:
            assert (drift.desired, drift.live) == ("active", state)
            assert drift.severity is Severity.STRUCTURAL
    refusals = planned(process(*OPEN, WON, LOST, pins=PINS), live, can=()).refusals
    assert [(each.drift.kind, each.reason) for each in refusals] == [
        (kind, Reason.CANNOT_WRITE) for kind, _ in expected
    ]


@pytest.mark.parametrize("state", PipelineState)
def test_without_a_process_only_active_pipelines_are_drift(state: PipelineState) -> None:
    """Drafts and retired pipelines that nobody is bound to are nobody's drift."""
    unbound = replace(process(*OPEN), bindings=())
    found = kinds(drifts(unbound, replace(LIVE, state=state)))
    active = state is PipelineState.ACTIVE
    assert found == ([(DriftKind.PIPELINE_WITHOUT_PROCESS, None)] if active else [])


def test_a_supposition_starts_from_the_processs_probability() -> None:
    """Where the CRM keeps none, what open deals weigh before is what the process says."""
    of = process(*OPEN, WON, LOST, pins=PINS)
    live = weighed((of,), ACCOUNT, (LIVE,))
    supposed = suppose((of,), ACCOUNT, REMOTE, live, {"b": 0.7})
    moved = impact(supposed, live, (Standing("sales", "2", None, 3, 1000.0),))
    assert moved.pipelines == (Weighted("sales", None, 3, 400.0, 700.0),)
