"""Reports about the confidence of leads."""

from datetime import UTC, datetime

from connector.model import Outcome, Pipeline, Remote, SetConfidence, Stage
from connector.reconcile.confidence.aftermath import Aftermath
from connector.reconcile.confidence.impact import LeadImpact, StageShift
from connector.reconcile.confidence.leads import LeftBecause, LeftLead
from connector.reconcile.confidence.planner import LeadPlan
from connector.reconcile.confidence.wanted import Basis
from connector.reconcile.plan import Plan, Weighted
from connector.report.application import application_document
from connector.report.document import Document
from connector.report.lead_application import aftermath_notes
from connector.report.lead_plan import lead_blocks
from connector.report.names import names_in
from connector.report.plan import plan_document

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
REMOTE = Remote("nutshell", "379104", "Nordlys Inc.", "", "America/Detroit", "USD", NOW)
PIPELINE = "1-stagesets"
LIVE = (
    Pipeline(
        PIPELINE,
        "New business",
        (
            Stage("101-stages", "Meeting booked", None, Outcome.OPEN, 1, weighted=False),
            Stage("105-stages", "Product examined", None, Outcome.OPEN, 4, weighted=False),
        ),
    ),
)
CHANGES = (
    SetConfidence("1003-leads", PIPELINE, "101-stages", 42, 20),
    SetConfidence("1011-leads", PIPELINE, "105-stages", None, 50),
    SetConfidence("1007-leads", PIPELINE, "105-stages", 45, 50),
)


def left(lead: str, because: LeftBecause, by: str | None = None) -> LeftLead:
    at = None if by is None else NOW
    place = (PIPELINE, "105-stages", 80, 50)
    return LeftLead(lead, "\x1b[31mred", *place, because, by, at)


LEADS = LeadPlan(
    Basis.PROCESS,
    CHANGES,
    (
        left("1015-leads", LeftBecause.PERSON, "1-users"),
        left("1019-leads", LeftBecause.PERSON, "5-users"),
        left("1023-leads", LeftBecause.UNKNOWN),
        left("1027-leads", LeftBecause.IN_DOUBT),
        left("1031-leads", LeftBecause.FOUND_CHANGED),
    ),
    waiting=37,
    outdated=1,
    untold=0,
    impact=LeadImpact(
        3,
        1,
        (Weighted(PIPELINE, None, 412, 184_000.0, 161_500.0),),
        (Weighted(PIPELINE, "1-users", 40, 20_000.0, 15_000.0),),
        (
            StageShift(PIPELINE, "101-stages", 300, 1, 100_000.0, 77_000.0),
            StageShift(PIPELINE, "105-stages", 112, 2, 84_000.0, 84_500.0),
        ),
    ),
    names={"1003-leads": "Hardware for Acme", "1011-leads": "=1+1", "1007-leads": "Service"},
)
AFTERMATH = Aftermath(120, automation=8, people=3, stage=14, back=5)
OWNERS = {"1-users": "Kari Nordmann"}


def lead_plan(leads: LeadPlan | None = LEADS) -> Document:
    plan = Plan("usa", "379104", leads=CHANGES if leads else ())
    names = names_in(LIVE)
    blocks = (*lead_blocks(leads, REMOTE, "usa", names, OWNERS), *aftermath_notes(AFTERMATH))
    return plan_document(plan, REMOTE, LIVE, None, "0" * 64, NOW, OWNERS, "plan.json", leads=blocks)


def lead_apply() -> Document:
    ended = (
        (CHANGES[0], "done", ""),
        (CHANGES[1], "left", "it was moved to another stage since"),
        (CHANGES[2], "unknown", "it could not be read back: no answer"),
    )
    return application_document("usa", 7, LIVE, (), (), ended, AFTERMATH)
