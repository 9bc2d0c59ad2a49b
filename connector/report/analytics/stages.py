"""How reports name the stages of a funnel, and where else deals go to and come from."""

from connector.metrics.flow.route import GONE, LOST, OUTSIDE, WON
from connector.metrics.funnel import Funnel
from connector.report.analytics.groups import funnel_cells
from connector.report.document import Cell, Column, CrmText, Place, Term
from connector.report.layout import Row

FUNNEL = (Column("funnel", place=Place.DATA), Column("funnel_label", place=Place.HEADING))
STAGE = (*FUNNEL, Column("stage", place=Place.DATA), Column("stage_label", "Stage"))
FROM_TO = (
    *FUNNEL,
    Column("from", place=Place.DATA),
    Column("from_label", "From"),
    Column("to", place=Place.DATA),
    Column("to_label", "To"),
)
_ELSEWHERE = {
    WON: Term("won", "won"),
    LOST: Term("lost", "lost"),
    OUTSIDE: Term("outside", "outside the process"),
    GONE: Term("gone", "archived or merged"),
}


def spot_key(funnel: Funnel, spot: int) -> Cell:
    """What machines know it by: the key of the stage, or won, lost or outside."""
    return CrmText(funnel.stages[spot].key) if spot >= 0 else _ELSEWHERE[spot].code


def spot_name(funnel: Funnel, spot: int) -> Cell:
    """What people call it."""
    return CrmText(funnel.stages[spot].label) if spot >= 0 else _ELSEWHERE[spot]


def stage_cells(funnel: Funnel, spot: int) -> Row:
    """What stands in the columns STAGE."""
    return (*funnel_cells(funnel), spot_key(funnel, spot), spot_name(funnel, spot))


def from_to_cells(funnel: Funnel, start: int | None, onto: int) -> Row:
    """What stands in the columns FROM_TO; a deal that begins here comes from nowhere."""
    begun = (None, None) if start is None else (spot_key(funnel, start), spot_name(funnel, start))
    return (*funnel_cells(funnel), *begun, spot_key(funnel, onto), spot_name(funnel, onto))
