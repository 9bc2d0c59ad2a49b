"""Request bodies of odd types: refused, never a dropped connection."""

import pytest

OBJECTS = "/crm/objects/2026-09/deals"
PIPELINES = "/crm/pipelines/2026-09/deals"
ODD = (5, "five", True, [], [5], ["five"], [None], [[]], [{}], {}, {"a": 1}, None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{OBJECTS}/batch/read", {"inputs": 5}),
        (f"{OBJECTS}/batch/read", {"inputs": [5]}),
        (f"{OBJECTS}/batch/read", {"inputs": [{"id": []}]}),
        (f"{OBJECTS}/batch/read", {"inputs": [], "properties": "amount"}),
        (f"{OBJECTS}/search", {"filterGroups": "all"}),
        (f"{OBJECTS}/search", {"filterGroups": [{"filters": {}}]}),
        (f"{OBJECTS}/search", {"filterGroups": [{"filters": [{"value": {}}]}]}),
        (f"{OBJECTS}/search", {"sorts": "amount"}),
        (PIPELINES, {"label": 5, "displayOrder": 0, "stages": []}),
        (PIPELINES, {"label": "New", "displayOrder": 0, "stages": {"label": "A"}}),
        (f"{PIPELINES}/sales/stages", {"label": ["A"], "displayOrder": 0}),
    ],
)
def test_a_value_of_another_type_is_refused(hub, path, body):
    """A value of a type that HubSpot cannot take gets 400, the key named."""
    answer = hub.post(path, body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert "cannot deserialize" in answer.json()["message"]


@pytest.mark.parametrize("path", [f"{OBJECTS}/batch/read", f"{OBJECTS}/search", PIPELINES])
@pytest.mark.parametrize(
    "key", ["inputs", "properties", "filterGroups", "sorts", "limit", "after", "label", "stages"]
)
def test_no_type_drops_the_connection(hub, path, key):
    """Whatever type a key has, there is an answer."""
    for odd in ODD:
        assert hub.post(path, {key: odd}).status_code in (200, 207, 400)


@pytest.mark.parametrize(
    "body", [b"", b"5", b"[]", b"null", b'"x"', b"{", b"\xff\xfe{", b"[" * 9999]
)
def test_what_is_no_object_is_refused(hub, body):
    """A body that is no JSON object gets 400, however deep it is nested."""
    answer = hub("POST", f"{OBJECTS}/search", data=body)
    assert answer.status_code == 400


def test_null_is_as_good_as_missing(hub, many):
    """A key that is null counts as left out."""
    everything = {"filterGroups": None, "sorts": None, "properties": None, "query": None}
    assert hub.post(f"{OBJECTS}/search", everything).json()["total"] == len(many)
    assert hub.post(f"{OBJECTS}/batch/read", {"inputs": None}).json()["results"] == []


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400"])
def test_a_bound_that_is_no_whole_number_breaks_nothing(hub, many, value):
    """A filter by an id no deal can have finds all or nothing."""
    asked = {"propertyName": "hs_object_id", "operator": "GT", "value": value}
    answer = hub.post(f"{OBJECTS}/search", {"filterGroups": [{"filters": [asked]}]})
    assert answer.json()["total"] in (0, len(many))
