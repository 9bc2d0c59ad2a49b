"""Owners as users, teams as teams."""

from datetime import UTC, datetime
from typing import NamedTuple

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.nutshell.instance import Instance


class Actors(NamedTuple):
    """Users of the instance by what the portal calls them: owner id, and the user id of edits."""

    owners: dict[str, str]
    users: dict[int, str]


def move_in(portal: Portal, instance: Instance) -> Actors:
    """Give the instance the portal's people; who has left is disabled there."""
    people = instance.people
    teams = {team.id: people.add_team(team.name) for team in portal.people.teams.values()}
    actors = Actors({}, {})
    for owner in portal.people.owners.values():
        user = people.add_user(
            f"{owner.first_name} {owner.last_name}".strip(),
            owner.email,
            teams=[teams[team.id] for team in owner.teams],
            at=datetime.fromtimestamp(owner.created / 1000, UTC),
        )
        if owner.archived:
            people.disable_user(user.id)
        actors.owners[str(owner.id)] = actors.users[owner.user_id] = user.ref
    return actors
