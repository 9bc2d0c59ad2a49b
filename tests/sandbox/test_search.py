"""Search, held against what is known of HubSpot's API in autumn 2026."""

import operator
from datetime import timedelta

import pytest
import requests

from connector.sandbox import Sandbox
from tests.sandbox.conftest import NOW

SEARCH = "/crm/objects/2026-09/deals/search"


def asking(name, operation, **rest):
    filters = [{"propertyName": name, "operator": operation, **rest}]
    return {"filterGroups": [{"filters": filters}], "limit": 200, "properties": ["amount"]}


def amounts(hub, body):
    return [int(deal["properties"]["amount"]) for deal in hub.post(SEARCH, body).json()["results"]]


@pytest.mark.parametrize(
    ("operation", "rest", "found"),
    [
        ("EQ", {"value": "9"}, [9]),
        ("NEQ", {"value": "0"}, list(range(1, 130))),
        ("LT", {"value": "3"}, [0, 1, 2]),
        ("LTE", {"value": "2"}, [0, 1, 2]),
        ("GT", {"value": "127"}, [128, 129]),
        ("GTE", {"value": "127"}, [127, 128, 129]),
        ("BETWEEN", {"value": "9", "highValue": "11"}, [9, 10, 11]),
        ("IN", {"values": ["9", "100"]}, [9, 100]),
        ("NOT_IN", {"values": [str(n) for n in range(128)]}, [128, 129]),
        ("HAS_PROPERTY", {}, list(range(130))),
        ("NOT_HAS_PROPERTY", {}, []),
    ],
)
def test_operators_compare_numbers_as_numbers(hub, many, operation, rest, found):
    """The operators of the specification.

    HubSpot fact, 2026-11.
    """
    assert amounts(hub, asking("amount", operation, **rest)) == found


def test_tokens_and_text(hub, many):
    """CONTAINS_TOKEN, its opposite, and `query`.

    HubSpot fact, 2026-11.
    """
    assert amounts(hub, asking("dealname", "CONTAINS_TOKEN", value="77")) == [77]
    assert len(amounts(hub, asking("dealname", "NOT_CONTAINS_TOKEN", value="77"))) == 129
    assert amounts(hub, {"query": "deal 12", "limit": 200})[:2] == [12, 120]


def test_in_wants_lower_case(hub, portal, many):
    """IN and NOT_IN on strings need lower-case values.

    HubSpot fact, 2026-11.
    """
    portal.set(many[0], "hs_next_step", "Call")
    assert amounts(hub, asking("hs_next_step", "IN", values=["Call"])) == []
    assert amounts(hub, asking("hs_next_step", "IN", values=["call"])) == [0]


def test_dates_take_milliseconds_or_iso(hub, portal, many, clock):
    """Epoch milliseconds as strings are the safe form.

    HubSpot fact, 2026-11.
    """
    portal.set(many[5], "hs_next_step", "Call", clock.now() + timedelta(minutes=5))
    at = clock.now() + timedelta(minutes=5)
    for value in (str(round(at.timestamp() * 1000)), at.isoformat()):
        assert amounts(hub, asking("hs_lastmodifieddate", "GTE", value=value)) == [5]


def test_groups_are_or_filters_are_and(hub, many):
    """FilterGroups add up, filters narrow.

    HubSpot fact, 2026-11.
    """
    low = asking("amount", "LT", value="3")["filterGroups"][0]["filters"]
    odd = asking("amount", "GT", value="0")["filterGroups"][0]["filters"]
    high = asking("amount", "EQ", value="99")["filterGroups"]
    body = {"filterGroups": [{"filters": low + odd}, *high], "limit": 200}
    assert amounts(hub, body) == [1, 2, 99]


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("amount", 0),
        ({"propertyName": "amount", "direction": "DESCENDING"}, 129),
        ({"propertyName": "hs_object_id", "direction": "ASCENDING"}, 0),
    ],
)
def test_one_sort_as_name_or_object(hub, many, sort, first):
    """Both spellings of sorts work.

    HubSpot fact, 2026-11.
    """
    assert amounts(hub, {"sorts": [sort], "limit": 1}) == [first]


def test_pages_go_by_offset(hub, many):
    """Default 10 a page, `after` an integer, total of all.

    HubSpot fact, 2026-11.
    """
    first = hub.post(SEARCH, {}).json()
    assert (len(first["results"]), first["total"]) == (10, 130)
    assert first["paging"]["next"]["after"] == "10"
    last = hub.post(SEARCH, {"after": "125", "limit": 200}).json()
    assert (len(last["results"]), "paging" in last) == (5, False)


def filters(*sizes):
    one = {"propertyName": "amount", "operator": "EQ", "value": "1"}
    return {"filterGroups": [{"filters": [one] * size} for size in sizes]}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"limit": 200}, 200),
        ({"limit": 201}, 400),
        ({"after": "x"}, 400),
        ({"limit": 200, "after": "9800"}, 200),
        ({"limit": 200, "after": "9801"}, 400),
        (filters(1, 1, 1, 1, 1), 200),
        (filters(1, 1, 1, 1, 1, 1), 400),
        (filters(6, 6, 6), 200),
        (filters(7), 400),
        (filters(6, 6, 6, 1), 400),
        ({"sorts": ["amount", "dealname"]}, 400),
        ({"query": "x" * 3000}, 400),
        (asking("nope", "EQ", value="1"), 400),
        (asking("amount", "SOUNDS_LIKE", value="1"), 400),
        (asking("amount", "EQ", value="many"), 400),
        (asking("amount", "LT"), 400),
        (asking("amount", "BETWEEN", value="1"), 400),
    ],
)
def test_search_limits(hub, body, status):
    """200 a page, 10,000 a query, 5 groups x 6 filters, 18 filters, 3,000 characters.

    HubSpot fact, 2026-11.
    """
    assert hub.post(SEARCH, body).status_code == status


def test_search_knows_no_history_and_no_archived_deals(hub, portal, many):
    """PropertiesWithHistory is not part of it; archived and merged are never found.

    HubSpot fact, 2026-11.
    """
    portal.archive(many[0])
    portal.merge(many[1], many[2])
    body = {"limit": 200, "propertiesWithHistory": ["amount"]}
    found = hub.post(SEARCH, body).json()
    assert found["total"] == 128
    assert "propertiesWithHistory" not in found["results"][0]


def test_the_index_lags(portal, clock, many):
    """A record changed just now is missing for a while, the listing has it.

    HubSpot fact, 2026-11.
    """
    clock.advance(timedelta(minutes=10))
    portal.set(many[0], "amount", "7000")
    with Sandbox(portal, clock=clock, index_lag=60) as sandbox, requests.Session() as session:
        session.headers["Authorization"] = "Bearer pat-sandbox-read"

        def total():
            return session.post(sandbox.url + SEARCH, json={}, timeout=10).json()["total"]

        assert total() == 129
        clock.advance(timedelta(seconds=60))
        assert total() == 130


BOUNDS = {"GT": operator.gt, "GTE": operator.ge, "LT": operator.lt, "LTE": operator.le}


@pytest.mark.parametrize("name", ["hs_object_id", "hs_lastmodifieddate"])
@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
def test_bounds_of_ids_and_dates_are_exact(hub, portal, many, name, bound, direction):
    """The quick way through many deals finds what comparing each of them would."""
    for n, deal in enumerate(many):
        portal.set(deal, "hs_next_step", str(n), NOW + timedelta(milliseconds=n // 3))
    portal.archive(many[60])
    portal.merge(many[61], many[62])
    key = {"hs_object_id": "id", "hs_lastmodifieddate": "modified"}[name]
    held = {deal.id: getattr(deal, key) for deal in portal.deals.values() if deal.listed()}
    limit = getattr(portal.deal(many[63]), key)
    body = asking(name, bound, value=str(limit))
    body["sorts"] = [{"propertyName": "hs_object_id", "direction": direction}]
    found = [int(deal["id"]) for deal in hub.post(SEARCH, body).json()["results"]]
    expected = [deal for deal, value in held.items() if BOUNDS[bound](value, limit)]
    assert found == sorted(expected, reverse=direction == "DESCENDING")


def test_bounds_narrow_each_other_and_other_filters(hub, many):
    """Two bounds, and a filter of another property, all hold at once."""
    low = asking("hs_object_id", "GT", value=str(many[10]))["filterGroups"][0]["filters"]
    high = asking("hs_object_id", "LTE", value=str(many[30]))["filterGroups"][0]["filters"]
    odd = asking("amount", "GTE", value="25")["filterGroups"][0]["filters"]
    both = {"filterGroups": [{"filters": low + high}], "limit": 200, "properties": ["amount"]}
    assert amounts(hub, both) == list(range(11, 31))
    three = {**both, "filterGroups": [{"filters": low + high + odd}]}
    assert amounts(hub, three) == list(range(25, 31))
    either = {**both, "filterGroups": [{"filters": high}, {"filters": low + odd}]}
    assert amounts(hub, either) == list(range(130))
