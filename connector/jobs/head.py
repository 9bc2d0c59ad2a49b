"""What stands above every report, read from the database."""

from sqlite_utils import Database

from connector.jobs.scope import Frame
from connector.report.head import Head


def read_head(frame: Frame, db: Database) -> Head:
    """The frame of a report as its head tells it."""
    return Head(frame.scope, frame.compared, frame.unpulled)
