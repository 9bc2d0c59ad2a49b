"""Keys, scopes, request limits and error bodies, as known of HubSpot in autumn 2026."""

from datetime import timedelta

import pytest
import requests

from connector.sandbox import Sandbox

DEALS = "/crm/objects/2026-09/deals"
SEARCH = f"{DEALS}/search"
SALES = "/crm/pipelines/2026-09/deals/sales"
LEFT = "X-HubSpot-RateLimit-Remaining"


@pytest.fixture
def limited(portal, clock):
    """A caller of a sandbox that allows ten requests in ten seconds."""
    with Sandbox(portal, clock=clock, rate=10) as sandbox, requests.Session() as session:

        def call(path=DEALS, method="GET", token="pat-sandbox-read"):
            headers = {"Authorization": f"Bearer {token}"}
            url = sandbox.url + path
            return session.request(method, url, json={}, headers=headers, timeout=10)

        yield call


def test_an_unknown_key_is_401(hub):
    """A JSON error with a correlation id, which a header repeats.

    HubSpot fact, 2026-11.
    """
    hub.key("pat-nobody")
    answer = hub.get(DEALS)
    body = answer.json()
    assert (answer.status_code, body["status"]) == (401, "error")
    assert body["message"].startswith("Authentication credentials not found.")
    assert body["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]


def test_a_missing_scope_is_named(hub):
    """403 MISSING_SCOPES with requiredGranularScopes.

    HubSpot fact, 2026-11.
    """
    hub.key("pat-sandbox-read")
    answer = hub.patch(f"{SALES}/stages/met", {"label": "X"})
    body = answer.json()
    assert (answer.status_code, body["category"]) == (403, "MISSING_SCOPES")
    context = body["errors"][0]["context"]
    assert context["requiredGranularScopes"] == ["crm.schemas.deals.write"]


def test_writing_deals_does_not_open_pipelines(hub, portal):
    """Crm.objects.deals.write is not sufficient; a key without read cannot read.

    HubSpot fact, 2026-11.
    """
    portal.keys["pat-deals"] = frozenset({"crm.objects.deals.write"})
    hub.key("pat-deals")
    assert hub.patch(SALES, {"label": "X"}).status_code == 403
    assert hub.get(SALES).status_code == 403


def test_a_url_can_be_too_long(hub):
    """Many properties in a query end in a 414.

    HubSpot fact, 2026-11.
    """
    names = ",".join(f"hs_v2_date_entered_{n}" for n in range(400))
    assert hub.get(DEALS, properties=names).status_code == 414


def test_the_burst_limit_slides(limited, clock):
    """So many per rolling ten seconds and key, with policyName in the 429.

    HubSpot fact, 2026-11.
    """
    for left in range(9, 4, -1):
        assert limited().headers[LEFT] == str(left)
    clock.advance(timedelta(seconds=6))
    assert [limited().status_code for _ in range(5)] == [200] * 5
    refused = limited()
    assert (refused.status_code, refused.headers[LEFT]) == (429, "0")
    assert refused.json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert refused.json()["errorType"] == "RATE_LIMIT"
    assert limited(token="pat-sandbox-write").status_code == 200
    clock.advance(timedelta(seconds=4))
    assert [limited().status_code for _ in range(6)] == [200] * 5 + [429]


def test_the_headers_are_true(limited):
    """Daily, what is left of it, the interval and its maximum.

    HubSpot fact, 2026-11.
    """
    headers = limited().headers
    told = {name: headers[name] for name in headers if name.startswith("X-HubSpot-RateLimit")}
    assert told == {
        "X-HubSpot-RateLimit-Daily": "250000",
        "X-HubSpot-RateLimit-Daily-Remaining": "249999",
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        "X-HubSpot-RateLimit-Max": "10",
        LEFT: "9",
    }


def test_search_has_a_limit_of_its_own(limited, clock):
    """Five a second for the account, no rate-limit headers, outside the burst.

    HubSpot fact, 2026-11.
    """
    tokens = ["pat-sandbox-read", "pat-sandbox-write"] * 3
    answers = [limited(SEARCH, "POST", token) for token in tokens]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["message"] == "You have reached your secondly limit."
    assert answers[-1].json()["policyName"] == "SECONDLY"
    assert not [name for name in answers[0].headers if "RateLimit" in name]
    assert limited().headers[LEFT] == "9"
    clock.advance(timedelta(seconds=1))
    assert limited(SEARCH, "POST").status_code == 200


def test_the_day_ends_at_the_portals_midnight(hub, portal, clock):
    """The daily limit resets at midnight in the portal's time zone.

    HubSpot fact, 2026-11.
    """
    portal.daily_limit = 2
    assert [hub.get(DEALS).status_code for _ in range(3)] == [200, 200, 429]
    assert hub.get(DEALS).json()["policyName"] == "DAILY"
    clock.advance(timedelta(hours=10, minutes=59))  # 22:59 UTC is 23:59 in Oslo
    assert hub.get(DEALS).status_code == 429
    clock.advance(timedelta(minutes=1))
    assert hub.get(DEALS).status_code == 200


def test_refused_requests_do_not_use_the_limit_up(limited, clock):
    """A client that hammers through its 429s gets in again as soon as the window moves."""
    for _ in range(15):
        limited()
    clock.advance(timedelta(seconds=10))
    assert limited().headers[LEFT] == "9"
