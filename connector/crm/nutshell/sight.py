"""What a key of Nutshell's opens and sees: it acts as a user, and sees what that user may see.

A user may be restricted to some leads, and pipelines can be private or beyond the plan (Nutshell
facts, 2026-11). Listings leave out what is not seen without a word, so this is all that tells.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from connector.crm.exchange import Bounds
from connector.crm.nutshell import endpoints, shapes
from connector.crm.nutshell.client import open_transport
from connector.crm.nutshell.shapes import Record
from connector.model import Remote

# Somebody sits and waits for this answer.
_IMPATIENT = Bounds(connect=5.0, exchange=20.0, attempts=2)

_YES = frozenset({"true", "1", "yes"})
_NO = frozenset({"false", "0", "no"})


@dataclass(frozen=True, slots=True)
class User:
    """A user of Nutshell's; a `restricted` one may not see every lead."""

    name: str
    enabled: bool
    restricted: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """The instance a key opens, its user where one has the e-mail, and pipelines closed to them."""

    remote: Remote
    user: User | None
    closed: tuple[str, ...]


def look(user: str, key: str, base_url: str | None = None) -> Sight:
    """Look through a key without writing anything; raises `CrmError` where it opens nothing."""
    transport = open_transport(user, key, base_url, bounds=_IMPATIENT)
    remote = read_account(transport)
    users = shapes.rows(transport.read("GET", endpoints.USERS), "users")
    stagesets = shapes.rows(transport.read("GET", endpoints.STAGESETS), "stagesets")
    return Sight(remote, _user(shapes.records(users), user), tuple(_closed(stagesets)))


def _user(records: Iterable[Record], email: str) -> User | None:
    """The user of an e-mail, as far as a field tells; what is not told restricts nobody."""
    for record in records:
        if email.casefold() in map(
            str.casefold, _emails(record.get("emails", record.get("email")))
        ):
            return User(
                name=shapes.text(record.get("name")) or email,
                enabled=_word(record.get("isEnabled")) not in _NO,
                restricted=_word(record.get("isViewingRestricted")) in _YES,
            )
    return None


def _emails(raw: Any) -> Iterator[str]:
    """The addresses in a text, a list or an object of them; RPC has a list (2026-11)."""
    match raw:
        case str():
            yield raw.strip()
        case list():
            for each in raw:
                yield from _emails(each)
        case dict():
            yield from _emails(list(raw.values()))


def _closed(stagesets: Iterable[Any]) -> Iterator[str]:
    for record in shapes.records(stagesets):
        if _word(record.get("canAccess")) in _NO:
            yield shapes.text(record.get("name"))


def _word(raw: Any) -> str:
    return str(raw).strip().lower()
