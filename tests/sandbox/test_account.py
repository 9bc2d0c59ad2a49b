"""Account details, owners, properties, limits and key inspection."""

from datetime import UTC, datetime

import pytest

from connector.sandbox import Portal

JOINED = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def portal(portal: Portal) -> Portal:
    """The portal with three active owners and a former one."""
    teams = [portal.people.add_team(name) for name in ("North", "South")]
    for name in ("Ada", "Bo", "Cy"):
        portal.people.add_owner(
            name, "Vik", email=f"{name}@x.example".lower(), at=JOINED, teams=teams
        )
    portal.people.add_owner("Old", "Hand", email="old@x.example", at=JOINED, archived=True)
    return portal


@pytest.mark.parametrize("version", ["2026-09", "v3"])
def test_account_details(hub, version):
    """portalId guards identity; offset and currencies are the portal's.

    HubSpot fact, 2026-11.
    """
    told = hub.get(f"/account-info/{version}/details").json()
    assert told["portalId"] == 146210777
    assert (told["timeZone"], told["utcOffset"]) == ("Europe/Oslo", "+01:00")
    assert told["utcOffsetMilliseconds"] == 3_600_000
    assert (told["companyCurrency"], told["additionalCurrencies"]) == ("NOK", ["SEK"])


@pytest.mark.parametrize("path", ["/crm/owners/2026-09", "/crm/v3/owners", "/crm/v3/owners/"])
def test_owners_with_and_without_slash(hub, path):
    """The official client adds a trailing slash; teams name the primary one.

    HubSpot fact, 2026-11.
    """
    told = hub.get(path).json()["results"]
    assert [owner["firstName"] for owner in told] == ["Ada", "Bo", "Cy"]
    assert [(team["name"], team["primary"]) for team in told[0]["teams"]] == [
        ("North", True),
        ("South", False),
    ]


def test_former_owners_need_a_second_pass(hub):
    """archived owners come only with archived=true, without a userId of their own.

    HubSpot fact, 2026-11.
    """
    (former,) = hub.get("/crm/v3/owners/", archived="true").json()["results"]
    assert (former["email"], former["archived"], "userId" in former) == (
        "old@x.example",
        True,
        False,
    )
    assert former["userIdIncludingInactive"]


def test_owners_page_and_filter(hub):
    """Parameters limit, after and email.

    HubSpot fact, 2026-11.
    """
    first = hub.get("/crm/v3/owners", limit=2).json()
    following = hub.get("/crm/v3/owners", limit=2, after=first["paging"]["next"]["after"]).json()
    names = [owner["firstName"] for owner in first["results"] + following["results"]]
    assert (names, "paging" in following) == (["Ada", "Bo", "Cy"], False)
    (found,) = hub.get("/crm/v3/owners", email="bo@x.example").json()["results"]
    assert found["firstName"] == "Bo"


@pytest.mark.parametrize("path", ["/crm/properties/2026-09/deals", "/crm/v3/properties/0-3"])
def test_properties_tell_what_is_calculated(hub, portal, path):
    """hubspotDefined, calculated and modificationMetadata.readOnlyValue.

    HubSpot fact, 2026-11.
    """
    portal.add_property("budget_confirmed", "Budget confirmed", "bool")
    listed = {each["name"]: each for each in hub.get(path).json()["results"]}
    assert listed["hs_is_closed"]["modificationMetadata"]["readOnlyValue"] is True
    assert listed["amount"]["calculated"] is False
    assert listed["budget_confirmed"]["hubspotDefined"] is False
    assert hub.get(path, archived="true").json()["results"] == []


def test_pipeline_limits(hub):
    """100 for deals on a developer portal; the default pipeline is not counted.

    HubSpot fact, 2026-11.
    """
    (deals,) = hub.get("/crm/limits/2026-09/pipelines").json()["hubspotDefinedObjectTypes"]
    assert (deals["objectTypeId"], deals["limit"], deals["usage"]) == ("0-3", 100, 1)


def test_a_key_tells_its_scopes(hub):
    """The key stands in the body, and no Authorization is needed.

    HubSpot fact, 2026-11.
    """
    del hub.session.headers["Authorization"]
    path = "/oauth/v2/private-apps/get/access-token-info"
    told = hub.post(path, {"tokenKey": "pat-sandbox-read"}).json()
    assert "crm.objects.deals.read" in told["scopes"]
    assert "crm.schemas.deals.write" not in told["scopes"]
    assert hub.post(path, {"tokenKey": "nope"}).status_code == 404
