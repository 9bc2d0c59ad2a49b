"""Which leads a plan changes, in which order, and what it says that moves."""

import pytest

from connector.model import Binding, Capability, Outcome, Pipeline, Process, ProcessStage, Stage
from connector.reconcile.confidence.impact import StageShift
from connector.reconcile.confidence.leads import per_cent
from connector.reconcile.confidence.planner import plan_leads
from connector.reconcile.confidence.wanted import Aim, Basis, aims, by_process
from connector.reconcile.plan import Weighted
from tests.reconcile.confidence.leads import AIM, KARI, ids, lead, ours, said

OPEN, WON = Outcome.OPEN, Outcome.WON
LIVE = Pipeline(
    "1-stagesets",
    "Sales",
    (
        Stage("a", "Met", None, OPEN, 1, weighted=False),
        Stage("b", "Examined", None, OPEN, 2, weighted=False),
        Stage("c", "Ours alone", None, OPEN, 3, weighted=False),
        Stage("1-stagesets:won", "Won", 1.0, WON, configured=False),
    ),
)


def planned(*leads, at_most=200, chance=by_process):
    return plan_leads(leads, {"a": AIM}, ours(), Basis.PROCESS, chance, at_most)


@pytest.mark.parametrize(
    ("probability", "whole"),
    [(0.145, 15), (0.125, 13), (0.2, 20), (0.0, 0), (1.0, 100), (0.994, 99), (0.285, 29)],
)
def test_probabilities_are_rounded_half_up(probability, whole):
    """0.145 is a little less in binary, and still 15 %."""
    assert per_cent(probability) == whole


def test_only_leads_that_differ_are_planned():
    """One that has the whole per cent wanted is as it should be."""
    right, wrong = lead(said(60, 1), id="1-leads"), lead(said(59, 1), id="2-leads")
    assert ids(planned(right, wrong).changes) == ["2-leads"]
    assert ids(planned(right, chance=lambda lead, aim: 0.604).changes) == []


def test_a_lead_elsewhere_or_without_enough_history_is_none_of_its_business():
    """Stages that no process manages, and stages of which too little is known."""
    assert planned(lead(said(42, 1), stage="z")).changes == ()
    made = planned(lead(said(42, 1)), chance=lambda lead, aim: None)
    assert (made.changes, made.untold) == ((), 1)


def test_those_that_move_most_come_first_and_the_rest_waits():
    """|wanted − present| × amount, then points, then ids; the plan says how many wait."""
    leads = [
        lead(said(50, 1), id="10-leads", amount=100.0),
        lead(said(40, 1), id="11-leads", amount=100.0),
        lead(said(55, 1), id="9-leads", amount=None),
        lead(said(30, 1), id="12-leads", amount=None),
        lead(said(30, 1), id="8-leads", amount=None),
        lead(said(70, 1), id="13-leads", amount=-5000.0),
    ]
    made = planned(*leads)
    order = ["13-leads", "11-leads", "10-leads", "8-leads", "12-leads", "9-leads"]
    assert ids(made.changes) == order
    some = planned(*leads, at_most=2)
    assert (ids(some.changes), some.waiting, some.impact.leads) == (order[:2], 4, 2)


def test_impact_is_value_times_confidence():
    """By pipeline, by owner with a lead that changes, and by stage; leads that stay count too."""
    made = planned(
        lead(said(50, 1), id="1-leads", amount=1000.0),
        lead(said(60, 1), id="2-leads", amount=500.0),
        lead(said(60, 1), id="3-leads", amount=200.0, owner="2-users"),
        lead(said(10, 1), id="4-leads", amount=None, owner=None),
        lead(id="5-leads", amount=10.0),
    )
    impact = made.impact
    assert (impact.leads, impact.unpriced) == (3, 1)
    assert impact.pipelines == (Weighted("sales", None, 5, 920.0, 1026.0),)
    assert impact.owners == (
        Weighted("sales", KARI, 3, 800.0, 906.0),
        Weighted("sales", None, 1, 0.0, 0.0),
    )
    assert impact.stages == (StageShift("sales", "a", 5, 3, 920.0, 1026.0),)


def process(*stages: ProcessStage, manage=(Capability.CONFIDENCE,), pins=None) -> Process:
    pinned = {stage.key: stage.key for stage in stages} if pins is None else pins
    binding = Binding("usa", "1-stagesets", "en", frozenset(manage), pinned)
    return Process("process", "Sales", "en", stages, bindings=(binding,))


MET, EXAMINED = ProcessStage("a", "Met", 0.2), ProcessStage("b", "Examined", 0.5)
SIGNED = ProcessStage("won", "Signed", 1.0, WON)


def test_aims_are_the_open_stages_of_a_binding_that_manages_confidence():
    """Not closing ones, nor those of nobody's, nor where the CRM cannot."""
    pins = {"a": "a", "b": "b"}
    can = frozenset(Capability)
    found = aims((process(MET, EXAMINED, SIGNED, pins=pins),), "usa", (LIVE,), can)
    assert dict(found) == {
        "a": Aim("1-stagesets", "a", "process", "a", 0.2),
        "b": Aim("1-stagesets", "b", "process", "b", 0.5),
    }
    unmanaged = process(MET, EXAMINED, pins=pins, manage=())
    assert not aims((unmanaged,), "usa", (LIVE,), can)
    assert not aims((process(MET, EXAMINED, pins=pins),), "usa", (LIVE,), frozenset())
    assert not aims((process(MET, EXAMINED, pins=pins),), "norge", (LIVE,), can)
