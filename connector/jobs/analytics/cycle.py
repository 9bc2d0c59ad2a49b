"""Report sales cycles."""

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.grouping import By, split
from connector.metrics.outcomes.cycle import Cycles, cycles
from connector.store.deal_histories import deal_histories


def read_cycles(frame: Frame, db: Database, by: By | None) -> Cycles:
    """How long the deals in the frame took, split if they can be."""
    asked = split(by, frame.scope)
    deals = deal_histories(db, frame.selection(*asked.fields))
    return cycles(frame.scope, asked, frame.compared, deals)
