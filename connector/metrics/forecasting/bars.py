"""In which bars of a waterfall a deal stands, and with what amount."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from connector.metrics.deal_history import DealHistory, Visit, value_at, visit_at
from connector.metrics.forecasting.position import Position, close_date, is_closing, position_at
from connector.metrics.periods import Period
from connector.model import Outcome


class Bar(StrEnum):
    """The bars in their order; those of `SIGNS` lead from the start to the end."""

    START = "start"
    CREATED = "created"
    PULLED_IN = "pulled-in"  # its close date came into the window
    REOPENED = "reopened"
    ARRIVED = "arrived"  # from outside the pipelines of the report
    AMOUNT_UP = "amount-up"
    AMOUNT_DOWN = "amount-down"
    PUSHED_OUT = "pushed-out"  # its close date left the window
    TRANSFERRED = "transferred"  # it left the pipelines of the report
    REMOVED = "removed"  # archived or merged
    LOST = "lost"
    WON = "won"
    EXCHANGE = "exchange"
    END = "end"


# How the bars between the start and the end count.
SIGNS = {
    Bar.CREATED: 1,
    Bar.PULLED_IN: 1,
    Bar.REOPENED: 1,
    Bar.ARRIVED: 1,
    Bar.AMOUNT_UP: 1,
    Bar.AMOUNT_DOWN: -1,
    Bar.PUSHED_OUT: -1,
    Bar.TRANSFERRED: -1,
    Bar.REMOVED: -1,
    Bar.LOST: -1,
    Bar.WON: -1,
    Bar.EXCHANGE: 1,
}
# Bars of deals that stay where they are.
REVALUED = frozenset((Bar.AMOUNT_UP, Bar.AMOUNT_DOWN, Bar.EXCHANGE))


class Step(NamedTuple):
    """A deal's part of a bar in hundredths, unsigned; None where it has no amount."""

    bar: Bar
    amount: int | None


class Exit(NamedTuple):
    """How a deal left the open pipeline, and when."""

    bar: Bar
    at: int
    visit: Visit


@dataclass(frozen=True, slots=True)
class Between:
    """Two instants, and the window of close dates that counts; None is all open deals.

    The close date of a won deal is the day it was won, that of a lost one the last date expected
    before. A deal without one is in no window.
    """

    since: int
    until: int
    window: Period | None = None

    def steps(self, deal: DealHistory) -> tuple[Step, ...]:
        """The bars a deal stands in, at what it is worth in each.

        At the start and pulled in at the amount of the first instant, created, reopened and arrived
        at that of the second, and on its way out at the last amount before; what a deal that was
        open at the first instant gained or lost in between is in the bars of amounts.
        """
        if not self._touches(deal):
            return ()
        before, after = position_at(deal, self.since), position_at(deal, self.until)
        starts, ends = self._counts(before), self._counts(after)
        left = None if ends else self._exit(deal, was_due=starts)
        if not ends and not left:
            return ()
        came = Bar.START if starts else self._entry(deal, before)
        if came is None or (came is Bar.REOPENED and not ends):
            return ()
        last = _leaving(deal, left) if left else after and after.amount
        first = before.amount if before and came in (Bar.START, Bar.PULLED_IN) else last
        went = left.bar if left else Bar.END
        return (Step(came, first), *_revalued(first, last), Step(went, last))

    def exit(self, deal: DealHistory) -> Exit | None:
        """How and when a deal left the open pipeline for good; None where it is open at the end."""
        inside = [visit for visit in deal.visits if visit.entered < self.until and visit.place]
        last = inside[-1] if inside else None
        if last is None or last.place is None:
            return None
        if is_closing(last):
            won = last.place.outcome is Outcome.WON
            return Exit(Bar.WON if won else Bar.LOST, last.entered, last)
        if last.left is None or last.left >= self.until:
            return None
        return Exit(Bar.REMOVED if last.cut else Bar.TRANSFERRED, last.left, last)

    def _touches(self, deal: DealHistory) -> bool:
        """Whether a deal can stand in any bar: most were closed before or came later."""
        if not deal.visits or deal.visits[0].entered >= self.until:
            return False
        last = deal.visits[-1]
        return last.entered >= self.since or not is_closing(last)

    def _exit(self, deal: DealHistory, *, was_due: bool) -> Exit | None:
        """The bar in which a deal left, which is pushed out where its date had left before."""
        found = self.exit(deal)
        if found and found.at >= self.since and self.is_due(_date(deal, found)):
            return found
        if not was_due:
            return None
        until = found.at if found else self.until
        visit = found.visit if found else deal.visits[-1]
        return Exit(Bar.PUSHED_OUT, self._pushed(deal, until), visit)

    def _entry(self, deal: DealHistory, before: Position | None) -> Bar | None:
        """The bar in which a deal came that was not there at the first instant."""
        visit = visit_at(deal.visits, self.since)
        if visit is None:
            return Bar.CREATED
        if visit.place is None:
            return Bar.ARRIVED
        if before is None:
            return None
        return Bar.PULLED_IN if before.open else Bar.REOPENED

    def _counts(self, position: Position | None) -> bool:
        """Whether a deal belongs to the pipeline that is looked at."""
        return position is not None and position.open and self.is_due(position.close)

    def is_due(self, close: int | None) -> bool:
        """Whether a close date, or none, lies in the window."""
        if self.window is None:
            return True
        return close is not None and self.window.window.holds(close)

    def _pushed(self, deal: DealHistory, until: int) -> int:
        """When the close date last left the window before an instant; that one where it did not."""
        at, inside = until, self.is_due(value_at(deal.closes, self.since))
        for changed, close in deal.closes:
            if self.since <= changed < until:
                if inside and not self.is_due(close):
                    at = changed
                inside = self.is_due(close)
        return until if inside else at


def _date(deal: DealHistory, found: Exit) -> int | None:
    """The close date of a deal as it left."""
    if found.bar in (Bar.WON, Bar.LOST):
        return close_date(deal, found.visit)
    return value_at(deal.closes, found.at)


def _leaving(deal: DealHistory, found: Exit) -> int | None:
    """The last amount before a deal left; one that was made as won or lost has none before."""
    made_closed = is_closing(found.visit) and found.visit == deal.visits[0]
    return value_at(deal.amounts, found.at + made_closed)


def _revalued(first: int | None, last: int | None) -> tuple[Step, ...]:
    change = (last or 0) - (first or 0)
    if not change:
        return ()
    return (Step(Bar.AMOUNT_UP if change > 0 else Bar.AMOUNT_DOWN, abs(change)),)
