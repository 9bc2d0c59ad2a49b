"""Report what became of the open pipeline between two instants."""

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.forecasting.bars import Between
from connector.metrics.forecasting.waterfall import Waterfall
from connector.metrics.grouping import By, split
from connector.metrics.periods import Period, Span, Window, named
from connector.metrics.scope import Scope
from connector.model import Field
from connector.store.deal_histories import deal_histories

# As a window of close dates: every open deal.
ALL = "all"

_FIELDS = (Field.AMOUNT, Field.CLOSE_DATE, Field.OWNER)


def read_waterfall(frame: Frame, db: Database, window: str | None, lists: bool) -> Waterfall:
    """The bars between the edges of the frame's period, or up to its instant where that is earlier.

    The window of close dates is a period's name, or ALL; without it that of a period with a name,
    and all open deals between two instants. Raises ArithmeticError where the bars do not add up.
    """
    scope = frame.scope
    whole = Window(0, scope.as_of) if scope.period is None else scope.period.window
    until = max(whole.start, min(whole.end, scope.as_of))
    between = Between(whole.start, until, _window(scope, window))
    found = Waterfall(scope, between, split(By.OWNER, scope) if lists else None)
    for deal in deal_histories(db, frame.selection(*_FIELDS)):
        found.take(deal)
    found.balance()
    return found


def _window(scope: Scope, window: str | None) -> Period | None:
    if window is None:
        return scope.period if scope.period and scope.period.span is not Span.DAYS else None
    if window == ALL:
        return None
    return named(window, scope.zone, scope.fiscal_year_start)
