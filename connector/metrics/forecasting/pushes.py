"""How often the close date of a deal was put off."""

from collections.abc import Callable
from datetime import date

from connector.metrics.deal_history import DealHistory
from connector.metrics.forecasting.position import is_closing

# Put off so often, a date is not to be relied on.
STALE = 3


def pushes(deal: DealHistory, until: int, day: Callable[[int], date]) -> int:
    """How many changes before an instant set a later day than was expected before.

    The first date is no push, and neither is one that came with the closing.
    """
    pushed, expected = 0, None
    for at, close in deal.closes:
        if at >= until:
            break
        if close is None or _was_closed(deal, at):
            continue
        if expected is not None and close > expected and day(close) > day(expected):
            pushed += 1
        expected = close
    return pushed


def _was_closed(deal: DealHistory, at: int) -> bool:
    """Whether a deal was closed right after what happened at an instant."""
    return any(
        visit.entered <= at and (visit.left is None or at < visit.left)
        for visit in deal.visits
        if is_closing(visit)
    )
