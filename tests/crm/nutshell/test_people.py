"""Users and teams, in the shapes their records come in."""

import pytest

from connector.model import Owner
from tests.crm.nutshell.conftest import USER, OddNutshell


def users(odd: OddNutshell, *records: object, former: bool = False) -> list[Owner]:
    odd.rest["users"] = list(records)
    return list(odd.crm().owners(former=former).known)


@pytest.mark.parametrize(
    ("told", "email"),
    [
        ({"email": "kari@x.example"}, "kari@x.example"),
        ({"emails": "kari@x.example"}, "kari@x.example"),
        ({"emails": ["kari@x.example", "k@x.example"]}, "kari@x.example"),
        ({"emails": [{"value": "kari@x.example"}]}, "kari@x.example"),
        ({"emails": [{"email": "kari@x.example", "isPrimary": True}]}, "kari@x.example"),
        ({"emails": {"--primary": "kari@x.example"}}, "kari@x.example"),
        ({"emails": []}, ""),
        ({"email": None}, ""),
        ({}, ""),
    ],
)
def test_an_email_is_found_in_any_shape(odd, told, email):
    """A text, a list of them, or objects that hold them."""
    (user,) = users(odd, {"id": 7, "name": "Kari", **told})
    assert user == Owner("7-users", "Kari", email, "7-users")


@pytest.mark.parametrize(
    ("told", "gone"),
    [
        ({}, False),
        ({"isEnabled": True}, False),
        ({"isEnabled": 1}, False),
        ({"isEnabled": False}, True),
        ({"isEnabled": 0}, True),
        ({"enabled": False}, True),
        ({"isActive": False}, True),
        ({"isDisabled": True}, True),
        ({"isDisabled": False}, False),
        ({"deletedTime": {"timestamp": 1}}, True),
        ({"deletedTime": None}, False),
    ],
)
def test_who_has_left_is_told_in_several_ways(odd, told, gone):
    """A disabled user is a former owner, and no present one."""
    record = {"id": "7-users", "name": "Kari", **told}
    assert bool(users(odd, record, former=True)) is gone
    assert bool(users(odd, record)) is not gone


def test_teams_are_owners_that_are_their_own_team(odd):
    """They come from JSON-RPC alone, as REST has no page of teams (Nutshell fact 6.7, 2026-11)."""
    odd.found["findTeams"] = [{"stub": True, "id": 59, "entityType": "Teams", "name": "Blue"}]
    assert users(odd) == [Owner("59-teams", "Blue", team="Blue")]
    assert users(odd, former=True) == []


@pytest.mark.parametrize(
    ("user", "team", "found"),
    [
        ({"links": {"teams": ["59-teams"]}}, {}, "Blue"),
        ({"links": {"teams": [{"id": 59, "type": "teams"}]}}, {}, "Blue"),
        ({"teams": [59]}, {}, "Blue"),
        ({}, {"members": [{"id": 7, "entityType": "Users"}]}, "Blue"),
        ({}, {"members": ["7-users"]}, "Blue"),
        ({"links": {"teams": ["60-teams"]}}, {}, ""),
        ({"links": {}}, {}, ""),
    ],
)
def test_a_user_is_in_a_team_only_where_an_answer_says_so(odd, user, team, found):
    """Neither document nor recording tells teams of users, so nothing is made up."""
    odd.found["findTeams"] = [{"id": 59, "name": "Blue", **team}]
    kari, _ = users(odd, {"id": 7, "name": "Kari", **user})
    assert kari.team == found


def test_a_record_that_makes_no_sense_is_set_aside(odd):
    """The others are read."""
    odd.rest["users"] = ["text", {"name": "nobody"}, {"id": "7-users"}]
    odd.found["findTeams"] = [{"name": "no id"}]
    owners = odd.crm().owners()
    assert [each.id for each in owners.known] == ["7-users"]
    assert [each.reason for each in owners.unread] == [
        "it is no object",
        "it has no id of users",
        "it has no id of teams",
    ]


@pytest.mark.parametrize("bare", [False, True])
def test_users_come_wrapped_or_bare(odd, bare):
    """As every listing may (Nutshell facts 2.4, 2026-11)."""
    odd.bare = bare
    assert [each.email for each in users(odd, {"id": 1, "email": USER})] == [USER]
