"""Where a deal stood at an instant, and what it was worth there: the one way deals are valued."""

from typing import NamedTuple

from connector.metrics.deal_history import DealHistory, Visit, value_at, visit_at
from connector.metrics.funnel import Place
from connector.model import Field, Outcome

# What an account calls the field with a deal's own probability: HubSpot's forecast probability,
# Nutshell's confidence.
CONFIDENCE = "confidence"


class Position(NamedTuple):
    """The state of a deal at an instant; `visit` is its stay in `place` at that instant.

    `amount` is in hundredths and None where it is missing; `close` is the expected close date.
    """

    visit: Visit
    place: Place
    amount: int | None
    close: int | None

    @property
    def open(self) -> bool:
        """Whether the deal was neither won nor lost."""
        return self.place.outcome is Outcome.OPEN


def position_at(deal: DealHistory, at: int) -> Position | None:
    """The state of a deal by what changed strictly before an instant.

    None where the deal was not there yet, lay outside the funnels, or was archived or merged while
    it was open; a deal that was won or lost stays so when it is archived later.
    """
    visit = visit_at(deal.visits, at)
    if visit is None or visit.place is None:
        return None
    if is_gone(deal, at) and visit.place.outcome is Outcome.OPEN:
        return None
    return Position(visit, visit.place, value_at(deal.amounts, at), value_at(deal.closes, at))


def is_gone(deal: DealHistory, at: int) -> bool:
    """Whether a deal was archived, merged or deleted before an instant."""
    return deal.gone is not None and deal.gone < at


def own_probability(deal: DealHistory, at: int) -> float | None:
    """The probability somebody gave the deal itself, from 0 to 1; None where nobody did."""
    told = deal.values.get(CONFIDENCE)
    text = value_at(told, at) if told else None
    value = _number(text) if text else None
    return value if value is not None and 0 <= value <= 1 else None


def forecast_category(deal: DealHistory, at: int) -> str:
    """The forecast category a deal was put into, such as COMMIT; empty where nobody did."""
    return value_at(deal.values.get(Field.FORECAST_CATEGORY, ()), at) or ""


def close_date(deal: DealHistory, visit: Visit) -> int | None:
    """The close date of a closed deal: the instant it was won, or the last one before it was lost.

    CRMs overwrite the field as they close a deal, which says nothing of what was expected.
    """
    if visit.place is not None and visit.place.outcome is Outcome.WON:
        return visit.entered
    return value_at(deal.closes, visit.entered)


def was_dated(deal: DealHistory) -> bool:
    """Whether a close date was expected before the deal first closed."""
    if not deal.closes:
        return False
    since = deal.closes[0][0]
    for visit in deal.visits:
        if is_closing(visit):
            return since < visit.entered
    return True


def is_closing(visit: Visit) -> bool:
    """Whether a visit is to a won or lost stage."""
    return visit.place is not None and visit.place.outcome is not Outcome.OPEN


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
