"""How reports name the habits that a process asks for."""

from connector.metrics.flow.adoption import Adoption, Habit
from connector.report.document import Cell, Missing, Share

NAMES = {
    Habit.NO_SKIP: "no mandatory stage skipped",
    Habit.NO_BACK: "no move back",
    Habit.ONE_A_DAY: "one stage a day",
    Habit.FILLED: "amount and close date",
    Habit.AHEAD: "close date ahead",
    Habit.FRESH: "changed lately",
    Habit.REASON: "reason for losing",
}
_TOO_FEW = Missing("too few")


def habit_share(adoption: Adoption, habit: Habit) -> Cell:
    """The share of deals that keep a habit."""
    share = adoption.share_of(habit)
    if share is None:
        return _TOO_FEW if adoption.asked[habit] else None
    return Share(share)


def whole_share(adoption: Adoption) -> Cell:
    """The share of deals that keep all of them."""
    if adoption.share is None:
        return _TOO_FEW if adoption.deals else None
    return Share(adoption.share)
