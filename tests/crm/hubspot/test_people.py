import json
from typing import Any

import pytest

from connector.crm.answers import Answer
from connector.crm.hubspot import people
from connector.errors import BadAnswer
from connector.model import Owner


def answer(body: Any) -> Answer:
    headers = {"Content-Type": "application/json", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}
    return Answer("HubSpot", "GET /owners", 200, headers, json.dumps(body).encode())


def owner(**more: Any) -> Owner:
    return people.owner_of(people.read_owners(answer({"results": [{"id": "1"} | more]})).records[0])


def test_an_account_says_who_it_is():
    """The portal's number is its identity, and the date of the answer its clock."""
    account = people.read_account(
        answer({"portalId": 146, "accountType": "SANDBOX", "timeZone": "Europe/Oslo"})
    )
    assert (account.id, account.name, account.kind) == ("146", "146", "SANDBOX")
    assert account.now.isoformat() == "2026-11-21T10:00:00+00:00"


def test_an_account_without_a_number_is_refused():
    """Without its number nobody can tell whether it is the right portal."""
    with pytest.raises(BadAnswer, match="portalId"):
        people.read_account(answer({"accountType": "STANDARD"}))


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ({"firstName": "Kari", "lastName": "Nordmann"}, "Kari Nordmann"),
        ({"firstName": "Kari", "lastName": None}, "Kari"),
        ({"firstName": "", "lastName": "", "email": "k@x.no"}, "k@x.no"),
        ({}, "1"),
    ],
)
def test_an_owner_has_a_name_to_show(sent: dict[str, Any], name: str):
    """Name, else e-mail, else id: an owner is never nameless."""
    assert owner(**sent).name == name


@pytest.mark.parametrize(
    ("sent", "user"),
    [
        ({"userId": 7, "userIdIncludingInactive": 7}, "7"),
        ({"userId": None, "userIdIncludingInactive": 8}, "8"),
        ({"userIdIncludingInactive": 8}, "8"),
        ({}, ""),
    ],
)
def test_a_former_owner_keeps_the_id_their_changes_bear(sent: dict[str, Any], user: str):
    """HubSpot fact, 2026-11: a deactivated user's id comes under another name."""
    assert owner(**sent).user_id == user


@pytest.mark.parametrize(
    ("teams", "team"),
    [
        (None, ""),
        ([], ""),
        ([{"name": None, "primary": None}], ""),
        ([{"name": "A"}, {"name": "B", "primary": True}], "B"),
        ([{"name": "A", "primary": False}, {"name": "B", "primary": False}], "A"),
    ],
)
def test_an_owner_counts_for_the_primary_team(teams: Any, team: str):
    """Of several teams the primary one counts, else the first."""
    assert owner(teams=teams).team == team


def test_what_an_account_leaves_null_is_as_if_unsaid():
    """Null in the details of a portal is no reason to read nothing of it."""
    sent = {"portalId": 1, "accountType": None, "timeZone": None, "companyCurrency": None}
    account = people.read_account(answer(sent))
    assert (account.kind, account.time_zone, account.currency) == ("", "UTC", "")


def test_a_bad_owner_costs_itself():
    """An owner that makes no sense is set aside; the others are read."""
    read = people.read_owners(answer({"results": [{"id": "1"}, {"id": "2", "teams": "none"}]}))
    assert [record.id for record in read.records] == ["1"]
    assert [unread.record for unread in read.unread] == ["2"]
