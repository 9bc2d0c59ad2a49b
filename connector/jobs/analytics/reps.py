"""Report reps."""

from sqlite_utils import Database

from connector.errors import NotFound
from connector.jobs.analytics.scope import Frame
from connector.metrics.flow.reps import Reps, reps
from connector.metrics.grouping import By, split
from connector.model import Field
from connector.store.deal_histories import deal_histories


def read_reps(frame: Frame, db: Database, rep: str | None) -> Reps:
    """Who succeeds in which stage; one rep beside everybody, where one is named.

    Raises `NotFound` where nobody of that name had a deal, or config.toml keeps reps out of it.
    """
    if rep and split(By.OWNER, frame.scope).refused:
        raise NotFound('config.toml keeps reps out of reports: [privacy] owners = "off"')
    found = reps(frame.scope, deal_histories(db, frame.selection(Field.OWNER)), rep)
    if found is None:
        known = ", ".join(sorted({person.name for person in frame.scope.people.values()}))
        raise NotFound(f"no rep {rep!r} worked on a deal in the period; there is {known}")
    return found
