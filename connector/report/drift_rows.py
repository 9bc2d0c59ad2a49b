"""What every row about a drift begins with, in whichever report it stands."""

from connector.reconcile.drift import Drift
from connector.report.document import Column, CrmText, Place
from connector.report.drift_words import SEVERITIES, kind_term, side, stage_cell
from connector.report.layout import Row
from connector.report.names import Names

DRIFT_COLUMNS = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    Column("severity", "Severity"),
    Column("stage", place=Place.DATA),
    Column("stage_label", "Stage"),
    Column("kind", "What"),
    Column("desired", "Desired"),
    Column("live", "Live"),
)


def drift_cells(drift: Drift, names: Names) -> Row:
    """The cells of `DRIFT_COLUMNS` for one drift."""
    return (
        CrmText(drift.pipeline),
        CrmText(drift.pipeline_label),
        SEVERITIES[drift.severity],
        CrmText(drift.stage) if drift.stage else None,
        stage_cell(drift),
        kind_term(drift),
        side(drift, drift.desired, names),
        side(drift, drift.live, names),
    )
