"""Report conversion."""

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.flow.conversion import Conversions, Rule, conversions
from connector.metrics.grouping import By, split
from connector.store.deal_histories import deal_histories


def read_conversions(frame: Frame, db: Database, rule: Rule, by: By | None) -> Conversions:
    """What became of the deals that entered a stage in the period, or ever."""
    asked = split(by, frame.scope)
    beside = frame.compared.window if frame.compared else None
    deals = deal_histories(db, frame.selection(*asked.fields))
    return conversions(frame.scope, rule, asked, beside, deals)
