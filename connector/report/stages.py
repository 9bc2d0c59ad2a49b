"""How reports name the spots of a funnel that deals go to and come from."""

from connector.metrics.funnel import Funnel
from connector.metrics.route import GONE, LOST, OUTSIDE, WON
from connector.report.document import Cell, CrmText, Term

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
