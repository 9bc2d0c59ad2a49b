"""Report adoption."""

from sqlite_utils import Database

from connector.jobs.scope import Frame
from connector.metrics.adoption import Adoptions, adoption_fields, adoption_window, adoptions
from connector.store.deal_histories import deal_histories


def read_adoption(frame: Frame, db: Database) -> Adoptions:
    """How far each team and rep follows the process, over the deals open in the period."""
    scope = frame.scope
    selection = frame.selection(*adoption_fields(scope), open_in=adoption_window(scope))
    return adoptions(scope, deal_histories(db, selection))
