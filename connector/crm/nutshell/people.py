"""Nutshell's users and teams, who both may own leads."""

from collections.abc import Iterable, Iterator
from typing import Any

from connector.crm.answers import Answer
from connector.crm.nutshell import shapes
from connector.crm.nutshell.shapes import Record
from connector.model import UNKNOWN, Owner, Owners, Unread

# What says that a user has left, in one version of the API or another (INFERRED, 2026-11).
_TRUE_WHILE_HERE = ("isEnabled", "enabled", "isActive", "active")
_TRUE_WHEN_GONE = ("isDisabled", "disabled", "isDeleted", "deletedTime")

_NOBODY: Record = {}


def read_users(
    answer: Answer, teams: Iterable[Owner] = (), members: Record | None = None
) -> Owners:
    """Every user, those who have left as archived."""
    names = {team.id: team.name for team in teams}
    known: list[Owner] = []
    unread: list[Unread] = []
    for raw in shapes.rows(answer, "users"):
        try:
            known.append(user_of(raw, names, members or {}))
        except ValueError as fault:
            unread.append(_set_aside(raw, fault))
    return Owners(tuple(known), tuple(unread))


def read_teams(told: Iterable[Any]) -> Owners:
    """Every team, as an owner that is its own team."""
    known: list[Owner] = []
    unread: list[Unread] = []
    for raw in told:
        try:
            remote = shapes.record_id(raw, "teams")
            name = shapes.text(raw.get("name")) or remote
            known.append(Owner(remote, name, team=name))
        except (ValueError, AttributeError) as fault:
            unread.append(_set_aside(raw, fault))
    return Owners(tuple(known), tuple(unread))


def members_of(teams: Iterable[Any]) -> dict[str, str]:
    """Which team each user is in, where teams tell their members."""
    return {
        user: shapes.text(team.get("name"))
        for team in shapes.records(teams)
        for user in shapes.links(team.get("members", team.get("users")) or [], "users")
    }


def emails_of(user: Record) -> Iterator[str]:
    """The e-mails of a user, which come as a text, a list of texts or of objects."""
    return _emails([user.get("email"), user.get("emails")])


def _emails(raw: Any) -> Iterator[str]:
    match raw:
        case str() if "@" in raw:
            yield raw.strip()
        case list():
            for each in raw:
                yield from _emails(each)
        case dict():
            yield from _emails(list(raw.values()))


def user_of(raw: Any, teams: Record = _NOBODY, members: Record = _NOBODY) -> Owner:
    """A record as an owner; ValueError where it is none."""
    if not isinstance(raw, dict):
        raise ValueError("it is no object")
    remote = shapes.record_id(raw, "users")
    email = next(emails_of(raw), "")
    return Owner(
        id=remote,
        name=shapes.text(raw.get("name")) or email or remote,
        email=email,
        user_id=remote,
        team=_team(raw, teams) or members.get(remote, ""),
        archived=_gone(raw),
    )


def _team(user: Record, teams: Record) -> str:
    told = shapes.linked(user).get("teams", user.get("teams"))
    named = shapes.links(told or [], "teams")
    return next((str(teams[each]) for each in named if each in teams), "")


def _gone(user: Record) -> bool:
    here = any(user.get(name) in (False, 0, "0", "false") for name in _TRUE_WHILE_HERE)
    return here or any(
        user.get(name) not in (None, False, 0, "0", "false", "") for name in _TRUE_WHEN_GONE
    )


def _set_aside(raw: Any, fault: Exception) -> Unread:
    remote = str(raw.get("id", UNKNOWN)) if isinstance(raw, dict) else UNKNOWN
    return Unread(remote, None, str(fault), shapes.quoted(raw))
