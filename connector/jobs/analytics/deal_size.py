"""Report deal sizes."""

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.grouping import By, split
from connector.metrics.outcomes.deal_size import DealSizes, deal_sizes, size_fields
from connector.store.deal_histories import deal_histories


def read_deal_sizes(frame: Frame, db: Database, by: By | None) -> DealSizes:
    """What the deals won in the frame are worth, split if they can be."""
    asked = split(by, frame.scope)
    deals = deal_histories(db, frame.selection(*size_fields(asked)))
    return deal_sizes(frame.scope, asked, frame.compared, deals)
