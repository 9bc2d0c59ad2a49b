"""What a key of Nutshell's opens and sees: it acts as a user, and sees what that user may see.

A user may be restricted to some leads, and pipelines can be private or beyond the plan (Nutshell
facts, 2026-11). Listings leave out what is not seen without a word, so this is all that tells.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from connector.crm.exchange import Bounds
from connector.crm.nutshell import endpoints, people, shapes
from connector.crm.nutshell.account import read_account
from connector.crm.nutshell.client import open_transport
from connector.crm.nutshell.shapes import Record
from connector.model import Owner, Remote

# Somebody sits and waits for this answer.
_IMPATIENT = Bounds(connect=5.0, exchange=20.0, attempts=2)


@dataclass(frozen=True, slots=True)
class Sight:
    """The instance a key opens, and the user it acts as, None where nobody has the e-mail.

    A `restricted` user may not see every lead; `closed` are pipelines without access for them.
    """

    remote: Remote
    user: Owner | None
    restricted: bool = False
    closed: tuple[str, ...] = ()


def look(user: str, key: str, base_url: str | None = None) -> Sight:
    """Look through a key without writing anything; raises `CrmError` where it opens nothing."""
    transport = open_transport(user, key, base_url, bounds=_IMPATIENT)
    remote = read_account(transport)
    users = shapes.rows(transport.read("GET", endpoints.USERS), "users")
    found = _called(shapes.records(users), user)
    stagesets = shapes.rows(transport.read("GET", endpoints.STAGESETS), "stagesets")
    return Sight(
        remote,
        people.user_of(found) if found else None,
        restricted=bool(found) and _says(found.get("isViewingRestricted"), "true", "1"),
        closed=tuple(_closed(stagesets)),
    )


def _called(users: Iterable[Record], email: str) -> Record:
    """The user of an e-mail; an empty record where there is none."""
    wanted = email.casefold()
    called = (each for each in users if wanted in map(str.casefold, people.emails_of(each)))
    return next(called, {})


def _closed(stagesets: Iterable[Any]) -> Iterator[str]:
    for record in shapes.records(stagesets):
        if _says(record.get("canAccess"), "false", "0"):
            yield shapes.text(record.get("name")) or str(record.get("id"))


def _says(raw: Any, *words: str) -> bool:
    """Whether a value is told as one of these words; true, 1 and "1" are the same to us."""
    return str(raw).strip().lower() in words
