"""Report calibration: what became of deals, held against the probabilities in force then."""

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.periods import Window, month_starts
from connector.metrics.stages.calibration import Calibrating, Calibration
from connector.store.deal_histories import deal_histories
from connector.store.history import first_change


def read_calibration(frame: Frame, db: Database) -> Calibration:
    """Every entry and every first of a month in the period, or in all of the history."""
    scope = frame.scope
    first = first_change(db, frame.accounts)
    history = Window(scope.as_of if first is None else first, scope.as_of)
    window = scope.period.window if scope.period else history
    months = [
        month
        for month in month_starts(history.start, history.end, scope.zone)
        if window.holds(month)
    ]
    found = Calibrating(scope.funnels, frame.weights, scope.as_of, months, window)
    for deal in deal_histories(db, frame.selection()):
        found.take(deal)
    return found.calibration()
