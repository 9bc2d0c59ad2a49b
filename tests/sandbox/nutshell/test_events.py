"""The change log over REST."""

from datetime import timedelta

import pytest

from tests.sandbox.nutshell.conftest import NOW


def numbers(answer):
    return [event["id"] for event in answer["events"]]


def test_a_new_lead_enters_its_first_stage(nutshell, lead):
    """A `create` without changes, then a `stagechange` from null; Nutshell fact, 2026-11."""
    entered, created = nutshell.get("events")["events"]
    assert (created["action"], created["changes"]) == ("create", [])
    assert entered == {
        "id": "7-events",
        "type": "events",
        "createdTime": int((NOW - timedelta(days=10)).timestamp()),
        "actorType": "users",
        "payloadType": "leads",
        "action": "stagechange",
        "changes": [
            {
                "attribute": "stage",
                "oldValue": None,
                "newValue": {
                    "id": "101-stages",
                    "type": "stages",
                    "name": "Qualify",
                    "position": 1,
                },
            }
        ],
        "count": None,
        "links": {"comments": [], "actor": "1-users", "payloads": [lead]},
    }


def test_newest_first_with_links_both_ways(nutshell, many):
    """next goes on from the newest, previous back from the oldest; Nutshell fact, 2026-11."""
    answer = nutshell.get("events", limit=3)
    assert numbers(answer) == ["199-events", "195-events", "191-events"]
    assert "since_id=199-events" in answer["meta"]["next"]
    assert "max_id=191-events" in answer["meta"]["previous"]
    assert answer["meta"]["last"] == "191-events"


def test_max_id_is_inclusive_and_since_id_is_not(nutshell, many):
    """max_id is ≤, since_id is >; Nutshell fact, 2026-11."""
    assert numbers(nutshell.get("events", max_id="11-events"))[0] == "11-events"
    assert numbers(nutshell.get("events", since_id=191)) == ["199-events", "195-events"]
    assert numbers(nutshell.get("events", since_id="3-events", max_id=11)) == [
        "11-events",
        "7-events",
    ]


def test_a_walk_back_meets_every_event(nutshell, many):
    """From page to page by max_id every event comes, the last of a page twice."""
    found, query = [], {}
    while True:
        page = numbers(nutshell.get("events", limit=7, **query))
        found += page
        if len(page) < 7:
            break
        query = {"max_id": page[-1]}
    assert len(set(found)) == 50
    assert len(found) > 50


def test_nothing_new_is_an_empty_page(nutshell, many):
    """After the newest event there is nothing, and no link."""
    answer = nutshell.get("events", since_id="199-events")
    assert answer["events"] == []
    assert answer["meta"] == {"instanceId": "379104", "siteId": "6smEpVK1"}


def test_windows_of_time_and_one_entity(nutshell, many):
    """since_time and max_time in epoch seconds, entity_id; Nutshell fact, 2026-11."""
    start = int((NOW - timedelta(days=1)).timestamp())
    window = nutshell.get("events", since_time=start + 60, max_time=start + 120)
    assert {event["links"]["payloads"][0] for event in window["events"]} == set(many[1:3])
    one = nutshell.get("events", entity_id=many[5])
    assert {event["links"]["payloads"][0] for event in one["events"]} == {many[5]}
    assert len(nutshell.get("events", entity_id="1003")["events"]) == 2


@pytest.mark.parametrize("query", [{"limit": "10001"}, {"since_id": "x"}, {"limit": "-1"}])
def test_nonsense_is_refused(nutshell, query):
    """A limit or an id that is none is 400; INFERRED."""
    assert nutshell.answer("events", params=query).status_code == 400


def test_every_act_is_an_event_with_its_actor(nutshell, instance, seller, lead):
    """Values, owners, dates and endings are told before and after; the shapes are INFERRED."""
    instance.set_value(lead, "1500.5", "EUR", by=seller)
    instance.set_confidence(lead, 60, by="23-origins")
    instance.set_expected_close(lead, NOW, by=seller)
    instance.assign(lead, "59-teams", by=seller)
    instance.close(lead, 7, by=seller)
    instance.reopen(lead, by=seller)
    events = nutshell.get("events")["events"][:6][::-1]
    told = [(each["action"], each["links"]["actor"], _changes(each)) for each in events]
    blue, admin = (
        {"id": "59-teams", "type": "teams", "name": "Blue"},
        {"id": "1-users", "type": "users", "name": "Admin"},
    )
    price = {"id": "7-outcomes", "type": "outcomes", "name": "Price"}
    then = int((NOW + timedelta(days=30)).timestamp())
    assert told == [
        (
            "update",
            seller,
            {
                "value": (
                    {"amount": 1000.0, "currency": "USD"},
                    {"amount": 1500.5, "currency": "EUR"},
                )
            },
        ),
        ("update", "23-origins", {"confidence": (42, 60)}),
        ("update", seller, {"anticipatedClosedTime": (then, int(NOW.timestamp()))}),
        ("update", seller, {"owner": (admin, blue)}),
        ("outcomechange", seller, {"status": ("open", "lost"), "outcome": (None, price)}),
        ("outcomechange", seller, {"status": ("lost", "open"), "outcome": (price, None)}),
    ]


def _changes(event):
    return {each["attribute"]: (each["oldValue"], each["newValue"]) for each in event["changes"]}


def test_other_records_are_in_the_log_too(nutshell, instance, lead):
    """Companies are told of among leads; Nutshell fact, 2026-11."""
    instance.add_account("Banana")
    answer = nutshell.get("events", limit=1)
    assert answer["events"][0]["payloadType"] == "accounts"
    assert answer["payloads"] == [{"id": "3-accounts", "type": "accounts", "name": "Banana"}]


def test_the_records_come_along(nutshell, lead):
    """`payloads` holds the leads as they are now; Nutshell fact, 2026-11."""
    answer = nutshell.get("events")
    assert [each["id"] for each in answer["payloads"]] == [lead]
    assert answer["actors"] == []


def test_deletions_have_a_log_of_their_own(nutshell, instance, lead):
    """/events/deleted tells of deletions; that /events does not is INFERRED."""
    instance.delete(lead, by="1-users")
    deleted = nutshell.get("events/deleted")["events"]
    assert [(each["action"], each["links"]["payloads"]) for each in deleted] == [("delete", [lead])]
    assert {each["action"] for each in nutshell.get("events")["events"]} == {
        "create",
        "stagechange",
    }


def test_numbers_ascend_with_time_however_the_past_is_told(nutshell, instance):
    """Events told out of order are numbered by time; what is told too late comes last."""
    instance.add_lead("Second", 101, at=NOW - timedelta(days=1))
    instance.add_lead("First", 101, at=NOW - timedelta(days=2))
    times = [event["createdTime"] for event in nutshell.get("events")["events"]]
    assert times == sorted(times, reverse=True)
    instance.add_lead("Late", 101, at=NOW - timedelta(days=3))
    newest = nutshell.get("events")["events"][0]
    assert newest["createdTime"] == min(times) - 86_400


def test_times_are_whole_seconds(nutshell, instance):
    """What is finer is cut off; Nutshell fact, 2026-11."""
    instance.add_lead("A", 101, at=NOW + timedelta(milliseconds=999))
    assert nutshell.get("events")["events"][0]["createdTime"] == int(NOW.timestamp())
