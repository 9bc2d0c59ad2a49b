"""Report win rates."""

from sqlite_utils import Database

from connector.jobs.scope import Frame
from connector.metrics.closings import Reading
from connector.metrics.grouping import By, split
from connector.metrics.win_rate import WinRateQuestion, WinRates, win_rates
from connector.store.deal_histories import deal_histories


def read_win_rates(
    frame: Frame, db: Database, by: By | None, reading: Reading, trend: bool
) -> WinRates:
    """Win rates over the deals in the frame, split if it can be."""
    question = WinRateQuestion(split(by, frame.scope), reading, frame.compared, trend)
    deals = deal_histories(db, frame.selection(*question.fields))
    return win_rates(frame.scope, question, deals)
