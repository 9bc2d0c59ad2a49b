"""Report losses."""

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.flow.losses import LOST_REASON, Losses, losses
from connector.model import Field
from connector.store.deal_histories import deal_histories


def read_losses(frame: Frame, db: Database) -> Losses:
    """What was lost, how soon and why."""
    selection = frame.selection(Field.OWNER, "product", LOST_REASON)
    return losses(frame.scope, deal_histories(db, selection))
