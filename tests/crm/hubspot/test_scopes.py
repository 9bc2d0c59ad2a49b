"""What a key tells of itself, and what is found out where it does not."""

import json

import pytest

from connector.crm.hubspot.scopes import READING, WRITING, Quota, inspect
from connector.errors import NotAuthorised, QuotaUsedUp, Unreachable
from connector.sandbox import Portal, Sandbox

TOKEN = "pat-na1-a-secret"
READ = {"oauth", "crm.objects.deals.read", "crm.objects.owners.read"}
ACCOUNT = json.dumps({"portalId": 7, "accountType": "STANDARD", "timeZone": "UTC"}).encode()
FORBIDDEN = json.dumps({"message": "no", "category": "MISSING_SCOPES"}).encode()


@pytest.fixture
def sandbox():
    with Sandbox(Portal()) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("granted", "needs", "missing", "surplus"),
    [
        (READ, READING, [], []),
        (READ - {"crm.objects.owners.read"}, READING, ["crm.objects.owners.read"], []),
        ({"oauth"}, READING, ["crm.objects.deals.read", "crm.objects.owners.read"], []),
        (READ | {"crm.objects.deals.write"}, READING, [], ["crm.objects.deals.write"]),
        (READ, WRITING, ["crm.schemas.deals.write"], []),
        ({"oauth", "crm.schemas.deals.write"}, WRITING, ["crm.schemas.deals.read"], []),
        ({"oauth", "crm.schemas.deals.write", "crm.schemas.deals.read"}, WRITING, [], []),
        (READ | {"crm.schemas.deals.write"}, WRITING, [], []),
    ],
)
def test_granted_against_needed(sandbox, granted, needs, missing, surplus):
    """Each need is met by any of its scopes; what serves none is surplus, oauth never is."""
    sandbox.portal.keys[TOKEN] = frozenset(granted)
    key = inspect(TOKEN, needs, sandbox.url)
    assert key.told
    assert [need[0] for need in key.missing] == missing
    assert list(key.surplus) == surplus
    assert key.untried == ()


@pytest.mark.parametrize(
    ("key", "missing"),
    [
        ("pat-sandbox-read", ["crm.schemas.deals.write"]),
        ("pat-sandbox-write", []),
        ("pat-sandbox-lacking", ["crm.objects.owners.read"]),
    ],
)
def test_the_sandbox_has_a_key_for_each_case(sandbox, key, missing):
    """One key only reads, one writes too, and one lacks what reading needs."""
    needs = READING if key == "pat-sandbox-lacking" else WRITING
    assert [need[0] for need in inspect(key, needs, sandbox.url).missing] == missing


def test_the_quota_is_told_with_the_account(sandbox):
    """The day's quota comes in the headers of the first answer."""
    key = inspect("pat-sandbox-read", READING, sandbox.url)
    assert key.quota == Quota(249_999, 250_000)


def test_a_key_that_does_not_tell_is_tried(server, answer):
    """Without introspection each read is tried, and what only a write shows is left open."""
    server.plays(
        answer(ACCOUNT),
        answer(b"{}", 404),
        answer(b"{}"),
        answer(FORBIDDEN, 403),
    )
    key = inspect(TOKEN, READING, server.url)
    assert (key.told, key.missing, key.untried) == (False, (READING[1],), ())
    assert key.quota is None
    server.plays(answer(ACCOUNT), answer(b"<html>", 200), answer(b"{}"))
    key = inspect(TOKEN, WRITING, server.url)
    assert (key.told, key.missing, key.untried) == (False, (), (WRITING[0],))
    assert {asked.method for asked in server.asked} == {"GET", "POST"}
    assert {a.target for a in server.asked if a.method == "POST"} == {
        "/oauth/v2/private-apps/get/access-token-info"
    }


def test_an_unknown_key_is_refused(sandbox):
    """A key HubSpot does not know is no matter of scopes."""
    with pytest.raises(NotAuthorised, match="does not accept the key"):
        inspect(TOKEN, READING, sandbox.url)


def test_a_used_up_quota_says_so(sandbox):
    """Where the day's requests are gone, nothing can be said of the key."""
    sandbox.portal.daily_limit = 0
    with pytest.raises(QuotaUsedUp):
        inspect("pat-sandbox-read", READING, sandbox.url)


def test_nobody_waits_long_for_a_crm_that_is_down():
    """Two tries, and the trouble is told."""
    with pytest.raises(Unreachable, match="Tried 2 times"):
        inspect(TOKEN, READING, "http://127.0.0.1:9")
