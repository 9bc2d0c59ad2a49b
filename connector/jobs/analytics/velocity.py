"""Report sales velocity and what is reached of targets."""

from collections.abc import Mapping

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.grouping import By, split
from connector.metrics.outcomes.targets import Target
from connector.metrics.outcomes.velocity import Velocities, velocities
from connector.model import Field
from connector.store.deal_histories import deal_histories


def read_velocities(
    frame: Frame, db: Database, targets: Mapping[str, Target], by: By | None
) -> Velocities:
    """How fast the deals in the frame go, split if they can be; targets are known by period."""
    asked = split(by, frame.scope)
    fields = (Field.AMOUNT, Field.CLOSE_DATE, Field.OWNER, *asked.fields)
    deals = deal_histories(db, frame.selection(*fields))
    return velocities(frame.scope, asked, targets, deals)
