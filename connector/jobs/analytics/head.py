"""What stands above every report, read from the database."""

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.flow.adoption import Adopting, adoption_fields, adoption_window
from connector.metrics.flow.reach import Reaching
from connector.report.analytics.head import Head
from connector.store.deal_histories import deal_histories


def read_head(frame: Frame, db: Database, people: bool = False) -> Head:
    """The frame of a report, with how far what is in it can be relied on.

    With `people`, adoption is there by team and rep too.
    """
    window = adoption_window(frame.scope)
    adopting, reaching = Adopting(frame.scope, people), Reaching(window.start)
    selection = frame.selection(*adoption_fields(frame.scope), open_in=window)
    for deal in deal_histories(db, selection):
        adopting.take(deal)
        reaching.take(deal)
    return Head(
        frame.scope,
        frame.compared,
        frame.unpulled,
        adopting.adoptions(),
        reaching.reach(frame.weights, frame.places.values()),
    )
