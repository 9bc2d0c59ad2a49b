"""The words for a drift and its two sides."""

from connector.model import Outcome
from connector.reconcile.drift import Drift, DriftKind, DriftValue, Severity
from connector.report.document import Cell, CrmText, Items, Missing, Share, Term, Tone
from connector.report.names import Names

SEVERITIES = {
    Severity.STRUCTURAL: Term(Severity.STRUCTURAL, "structural", Tone.BAD),
    Severity.FORECASTING: Term(Severity.FORECASTING, "forecasting", Tone.CAUTION),
    Severity.COSMETIC: Term(Severity.COSMETIC, "cosmetic"),
}

KINDS = {
    DriftKind.PIPELINE_MISSING: "missing",
    DriftKind.PIPELINE_WITHOUT_PROCESS: "no process",
    DriftKind.PIPELINE_LABEL: "pipeline label",
    DriftKind.PIPELINE_INACTIVE: "pipeline state",
    DriftKind.STAGE_MISSING: "missing",
    DriftKind.STAGE_UNKNOWN: "unknown",
    DriftKind.LABEL: "label",
    DriftKind.PROBABILITY: "probability",
    DriftKind.ORDER: "order",
    DriftKind.OUTCOME: "outcome",
}

CRMS = {"hubspot": "HubSpot", "nutshell": "Nutshell"}


def kind_term(drift: Drift) -> Term:
    """What kind of difference it is."""
    return Term(drift.kind, KINDS[drift.kind])


def crm_term(kind: str) -> Term:
    """The name a CRM goes by."""
    return Term(kind, CRMS.get(kind, kind))


def stage_cell(drift: Drift) -> Cell:
    """The stage a drift is about, as people know it."""
    label = drift.stage_label or drift.stage
    return CrmText(label) if label else Missing("(pipeline)")


def side(drift: Drift, value: DriftValue, names: Names) -> Cell:
    """One side of a drift, desired or live, in words."""
    match value:
        case None:
            return None
        case tuple():
            return Items(tuple(names.stage(drift.pipeline, stage) for stage in value))
        case str() if drift.kind is DriftKind.OUTCOME:
            return Term(value, str(Outcome(value)))
        case str():
            return CrmText(value)
        case _:
            return Share(value)
