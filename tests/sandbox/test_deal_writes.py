"""Writing deals, held against what is known of HubSpot's API in autumn 2026."""

from datetime import timedelta

import pytest

DEALS = "/crm/objects/2026-09/deals"


def properties(hub, deal, *names):
    told = hub.get(f"{DEALS}/{deal}", properties=",".join(names)).json()["properties"]
    return [told[name] for name in names]


def test_create_and_read_back(hub, clock):
    """Dealname, dealstage and pipeline make a deal; its history says API.

    HubSpot fact, 2026-11.
    """
    sent = {"dealname": "New", "dealstage": "met", "pipeline": "sales", "amount": "5"}
    made = hub.post(DEALS, {"properties": sent})
    assert made.status_code == 201
    told = hub.get(f"{DEALS}/{made.json()['id']}", propertiesWithHistory="dealstage").json()
    assert {name: told["properties"][name] for name in sent} == sent
    assert told["propertiesWithHistory"]["dealstage"] == [
        {"value": "met", "timestamp": "2026-11-21T12:00:00Z", "sourceType": "API"}
    ]


def test_create_names_what_is_missing(hub):
    """400 with MISSING_REQUIRED_PROPERTY.

    HubSpot fact, 2026-11.
    """
    refused = hub.post(DEALS, {"properties": {"dealname": "New"}})
    assert refused.status_code == 400
    assert [error["code"] for error in refused.json()["errors"]] == [
        "MISSING_REQUIRED_PROPERTY"
    ] * 2


def test_a_patch_makes_history_and_moves_the_modified_date(hub, deal, clock):
    """Each change is a version; hs_lastmodifieddate follows.

    HubSpot fact, 2026-11.
    """
    clock.advance(timedelta(hours=1))
    told = hub.patch(f"{DEALS}/{deal}", {"properties": {"amount": 2000, "hs_next_step": "Call"}})
    assert (told.status_code, told.json()["properties"]["amount"]) == (200, "2000")
    assert properties(hub, deal, "hs_lastmodifieddate", "hs_next_step") == [
        "2026-11-21T13:00:00Z",
        "Call",
    ]


def test_the_same_value_is_no_change(hub, deal, clock):
    """A patch that changes nothing makes no version."""
    clock.advance(timedelta(hours=1))
    hub.patch(f"{DEALS}/{deal}", {"properties": {"amount": "1000"}})
    assert properties(hub, deal, "hs_lastmodifieddate") == ["2026-11-11T12:00:00Z"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"nope": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_is_closed": "true"}, "READ_ONLY_VALUE"),
        ({"amount": "much"}, "INVALID_NUMBER"),
        ({"closedate": "soon"}, "INVALID_DATETIME"),
        ({"dealstage": "nope"}, None),
        ({"dealstage": "met", "pipeline": "default"}, None),
    ],
)
def test_refused_properties(hub, deal, sent, code):
    """Writes, unlike reads, refuse unknown names, calculated ones and stages that do not fit."""
    refused = hub.patch(f"{DEALS}/{deal}", {"properties": sent})
    assert refused.status_code == 400
    assert [error["code"] for error in refused.json().get("errors", [])] == ([code] if code else [])


def test_closing_sets_the_close_date(hub, deal, clock):
    """Set on moving to a closed stage; not from won to won; won to lost sets it.

    HubSpot fact, 2026-11.
    """
    hub.patch(f"{DEALS}/{deal}", {"properties": {"dealstage": "won"}})
    assert properties(hub, deal, "closedate") == ["2026-11-21T12:00:00Z"]
    clock.advance(timedelta(days=1))
    hub.patch(f"{DEALS}/{deal}", {"properties": {"dealstage": "closedwon"}})
    assert properties(hub, deal, "closedate", "pipeline") == ["2026-11-21T12:00:00Z", "default"]
    hub.patch(f"{DEALS}/{deal}", {"properties": {"dealstage": "lost"}})
    assert properties(hub, deal, "closedate", "pipeline") == ["2026-11-22T12:00:00Z", "sales"]


def test_a_close_date_that_is_sent_stands(hub, deal):
    """Someone who closes a deal may say when it closed."""
    sent = {"dealstage": "won", "closedate": "2026-10-01T00:00:00Z"}
    hub.patch(f"{DEALS}/{deal}", {"properties": sent})
    assert properties(hub, deal, "closedate") == ["2026-10-01T00:00:00Z"]


def test_delete_archives(hub, deal):
    """A deleted deal is in the archived listing; deleting again is a 204.

    HubSpot fact, 2026-11.
    """
    assert hub.delete(f"{DEALS}/{deal}").status_code == 204
    assert hub.delete(f"{DEALS}/{deal}").status_code == 204
    assert hub.patch(f"{DEALS}/{deal}", {"properties": {}}).status_code == 404
    (gone,) = hub.get(DEALS, archived="true").json()["results"]
    assert gone["id"] == str(deal)


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"\xff"])
def test_a_body_must_be_a_json_object(hub, deal, body):
    """A 400 with JSON, never a crash.

    HubSpot fact, 2026-11.
    """
    url = f"{hub.sandbox.url}{DEALS}/{deal}"
    assert hub.session.patch(url, data=body, timeout=10).status_code == 400
