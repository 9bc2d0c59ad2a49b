"""Report win rates."""

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.grouping import By, split
from connector.metrics.outcomes.closings import Reading
from connector.metrics.outcomes.win_rate import WinRateQuestion, WinRates, win_rates
from connector.store.deal_histories import deal_histories


def read_win_rates(
    frame: Frame, db: Database, by: By | None, across: By | None, reading: Reading, trend: bool
) -> WinRates:
    """Win rates over the deals in the frame, split, and once more across that, if it can be."""
    asked, other = split(by, frame.scope), split(across, frame.scope)
    question = WinRateQuestion(asked, reading, frame.compared, trend, other)
    deals = deal_histories(db, frame.selection(*question.fields))
    return win_rates(frame.scope, question, deals)
