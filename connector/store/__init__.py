"""The only room that speaks SQL: one SQLite file, what is written to it and what is asked of it."""

from connector.store import light  # noqa: F401  before anything else imports sqlite-utils
from connector.store.database import close, open_database
from connector.store.lock import held_by, lock

__all__ = ["close", "held_by", "lock", "open_database"]
