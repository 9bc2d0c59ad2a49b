"""Leads over REST: pages, shapes, ids, filters, and what a user may see."""

from datetime import timedelta

import pytest

from tests.sandbox.nutshell.conftest import NOW


def ids(answer):
    return [lead["id"] for lead in answer["leads"]]


def test_pages_begin_at_zero(nutshell, many):
    """page[page] is 0-based, page[limit] is how many; Nutshell fact, 2026-11."""
    pages = [ids(nutshell.get("leads", page=n, size=10)) for n in range(3)]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [each for page in pages for each in page] == many


def test_a_page_past_the_end_is_empty_and_counts(nutshell, many):
    """Past the end: 200, no leads, and meta.count still says 25; Nutshell fact, 2026-11."""
    answer = nutshell.get("leads", page=9, size=10)
    assert answer["leads"] == []
    assert (answer["meta"]["count"], answer["meta"]["total"]) == (25, 25)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"page[page]": "-1"}, "Invalid page number: -1"),
        ({"page[limit]": "10001"}, "Invalid page limit: 10001"),
        ({"page[limit]": "-5"}, "Invalid page limit: -5"),
    ],
)
def test_a_page_out_of_range_is_400(nutshell, query, detail):
    """A negative page and more than 10,000 a page are 400 in JSON; Nutshell fact, 2026-11."""
    answer = nutshell.answer("leads", params=query)
    assert answer.status_code == 400
    body = answer.json()
    assert body["leads"] == []
    assert body["meta"]["instanceId"] == "379104"
    assert body["errors"] == [
        {
            "id": None,
            "type": "errors",
            "code": None,
            "detail": detail,
            "href": None,
            "status": "400",
            "title": "Invalid filter",
            "field": None,
        }
    ]


def test_ten_thousand_a_page_are_allowed(nutshell, many):
    """page[limit] may be 10,000; Nutshell fact, 2026-11."""
    assert len(nutshell.get("leads", size=10_000)["leads"]) == 25


def test_the_shape_of_a_lead(nutshell, lead):
    """A lead as it was recorded: its number is not its id; Nutshell fact, 2026-11."""
    shape = nutshell.get("leads")["leads"][0]
    assert (shape["id"], shape["number"], shape["type"]) == ("1003-leads", "1000", "leads")
    assert shape["createdTime"] == {
        "timestamp": int((NOW - timedelta(days=10)).timestamp()),
        "value": "November 11, 2026",
        "absoluteLocalizedString": "November 11, 2026",
    }
    assert (shape["status"], shape["confidence"], shape["closedTime"]) == ("open", 42, None)
    assert shape["value"]["currency"] == "USD"
    assert shape["ownerType"] == "users"
    links = shape["links"]
    assert (links["owner"], links["creator"]) == ("1-users", "1-users")
    assert (links["stage"], links["stageset"], links["outcome"]) == (
        "101-stages",
        "1-stagesets",
        None,
    )


def test_times_say_yesterday(nutshell, instance):
    """`value` is localised text, only `timestamp` is an instant; Nutshell fact, 2026-11."""
    instance.add_lead("New", 101, at=NOW - timedelta(days=1))
    assert nutshell.get("leads")["leads"][0]["createdTime"]["value"] == "Yesterday"


def test_types_vary_between_leads(nutshell, instance, many):
    """Amounts are numbers or text, times objects, text or null; Nutshell fact, 2026-11."""
    for each in many[::2]:
        instance.set_value(each, "99.5")
    instance.add_lead("No date", 101)
    leads = nutshell.get("leads")["leads"]
    assert {type(lead["value"]["amount"]) for lead in leads} == {int, float, str}
    times = {type(lead["anticipatedClosedTime"]) for lead in leads}
    assert times == {dict, str, type(None)}
    assert {type(lead["createdTime"]) for lead in leads} == {dict}
    text = next(lead["dueTime"] for lead in leads if isinstance(lead["dueTime"], str))
    assert text == "2026-12-04T12:01:00+0000"


def test_a_value_nobody_gave_is_zero(nutshell, instance):
    """A lead without a value says 0 and no text; Nutshell fact, 2026-11."""
    instance.add_lead("Empty", 101)
    assert nutshell.get("leads")["leads"][0]["value"] == {
        "amount": 0,
        "currency": "USD",
        "formatted": "",
    }


def test_closed_leads_are_listed_too(nutshell, instance, lead):
    """Without a filter closed leads come too (INFERRED), in their stage, with their outcome."""
    instance.close(lead, "7-outcomes")
    shape = nutshell.get("leads")["leads"][0]
    assert (shape["status"], shape["links"]["outcome"]) == ("lost", "7-outcomes")
    assert shape["closedTime"]["timestamp"] == int(NOW.timestamp())
    assert shape["links"]["stage"] == "101-stages"


def test_leads_by_id(nutshell, many):
    """Several ids in a path, comma separated, plain integers too; Nutshell fact, 2026-11."""
    assert ids(nutshell.get(f"leads/{many[0]},{many[3]}")) == [many[0], many[3]]
    assert ids(nutshell.get("leads/1007")) == ["1007-leads"]
    assert ids(nutshell.get(f"leads/{many[0]},999-leads")) == [many[0]]


@pytest.mark.parametrize("path", ["leads/999-leads", "leads/nonsense", "leads/999-leads/stages"])
def test_a_lead_that_is_not_there(nutshell, lead, path):
    """An id without a lead is a 404 in HTML; Nutshell fact, 2026-11."""
    answer = nutshell.answer(path)
    assert answer.status_code == 404
    assert "An Error Occurred: Not Found" in answer.text


def test_a_deleted_lead_is_nowhere(nutshell, instance, many):
    """No listing and no id tells of a deleted lead; INFERRED."""
    instance.delete(many[0])
    assert ids(nutshell.get("leads")) == many[1:]
    assert nutshell.answer(f"leads/{many[0]}").status_code == 404


def test_filters(nutshell, instance, many):
    """Timespans need both ends, ids of stages are called milestones; Nutshell fact, 2026-11."""
    instance.move(many[4], 105)
    span = "2026-11-20T12:00:00 TO 2026-11-20T12:02:30"
    assert ids(nutshell.get("leads", **{"filter[createdTime]": span})) == many[:3]
    assert ids(nutshell.get("leads", **{"filter[milestones]": "105-stages"})) == [many[4]]
    assert ids(nutshell.get("leads", **{"filter[milestones][]": "105"})) == [many[4]]
    assert ids(nutshell.get("leads", **{"filter[number]": "1002"})) == [many[2]]
    assert nutshell.answer("leads", params={"filter[modified]": "1"}).status_code == 400
    assert nutshell.answer("leads", params={"filter[createdTime]": "2026"}).status_code == 400


def test_the_time_in_each_stage(nutshell, instance, lead):
    """/leads/{id}/stages tells the time spent in every stage; that they align is INFERRED."""
    instance.move(lead, 105, at=NOW - timedelta(days=6))
    instance.move(lead, 101, at=NOW - timedelta(days=5))
    instance.move(lead, 105, at=NOW - timedelta(days=3))
    instance.close(lead, 3, at=NOW - timedelta(days=1))
    answer = nutshell.get(f"leads/{lead}/stages")
    spent = [each["value"] / 86_400 for each in answer["meta"]["timeSpent"]]
    assert [stage["name"] for stage in answer["stages"]] == ["Qualify", "Offer"]
    assert spent == [6, 3]
    assert answer["meta"]["stageset"]["id"] == "1-stagesets"


def test_a_user_sees_what_a_user_may_see(nutshell, instance, seller, many):
    """A key acts with its user's own visibility; Nutshell fact, 2026-11."""
    nutshell.session.auth = ("kari@example.com", "nutshell-sandbox-key")
    assert len(ids(nutshell.get("leads"))) == 25
    instance.people.hide(many[0], seller)
    assert ids(nutshell.get("leads")) == many[1:]
    assert nutshell.answer(f"leads/{many[0]}").status_code == 404
    instance.people.hide("1-stagesets", seller)
    assert nutshell.get("leads")["meta"]["total"] == 0
    assert not nutshell.get("stagesets")["stagesets"][0]["canAccess"]


def test_a_restricted_user_sees_the_own_and_the_teams(nutshell, instance, seller, many):
    """A restricted user sees own leads, the team's and its members'; INFERRED."""
    blue = instance.people.add_team("Blue")
    limited = instance.people.add_user("Per", "per@example.com", teams=[blue], restricted=True)
    for each, owner in zip(many, (seller, limited.ref, blue.ref, None), strict=False):
        instance.assign(each, owner)
    nutshell.session.auth = ("per@example.com", "nutshell-sandbox-key")
    assert ids(nutshell.get("leads")) == many[:3]
    assert nutshell.get("events", limit=1000)["meta"]["last"]
    payloads = {
        each
        for event in nutshell.get("events", limit=1000)["events"]
        for each in event["links"]["payloads"]
    }
    assert payloads == set(many[:3])
