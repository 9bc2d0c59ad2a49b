"""JSON-RPC: transport, finds and gets."""

import pytest
import requests

from connector.sandbox.nutshell.records import State


@pytest.mark.parametrize("path", ["/v1/json", "/api/v1/json"])
def test_the_endpoint_is_told_to_anybody(nutshell, path):
    """getApiForUsername names the host, without a credential; Nutshell fact, 2026-11."""
    body = {"method": "getApiForUsername", "params": {"username": "a@example.com"}, "id": "1"}
    answer = requests.post(nutshell.sandbox.url + path, json=body, timeout=5)
    assert answer.json()["result"]["api"] == nutshell.sandbox.url.removeprefix("http://")


def test_the_methods_are_told_to_anybody(nutshell):
    """A plain GET answers the service description; Nutshell fact, 2026-11."""
    services = requests.get(f"{nutshell.sandbox.url}/api/v1/json", timeout=5).json()["services"]
    assert {"findLeads", "getLead", "editLead", "findLead_Outcomes"} <= services.keys()
    writes = [name for name in services if not name.startswith(("find", "get", "instance"))]
    assert writes == ["editLead"]


def test_a_success_has_no_error(nutshell):
    """Newer answers have no `error` key; Nutshell fact, 2026-11."""
    answer = nutshell.call("findTeams").json()
    assert answer == {"result": [], "id": "apeye", "jsonrpc": "2.0"}


def test_a_bad_key_is_json(nutshell):
    """HTTP 401, code 401, API key not found; Nutshell fact, 2026-11."""
    nutshell.session.auth = ("admin@example.com", "wrong")
    answer = nutshell.call("findTeams")
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == (401, "API key not found")


@pytest.mark.parametrize(
    "method",
    [
        "editMilestone",
        "newMilestone",
        "deleteMilestone",
        "editStageset",
        "newStageset",
        "editProcess",
        "findGremlins",
    ],
)
def test_an_unknown_method_is_404(nutshell, method):
    """HTTP 404, code -32601, and no method writes a stage; Nutshell fact, 2026-11."""
    answer = nutshell.call(method)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, -32601)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("findUsers", {"limit": 0}),
        ("findUsers", {"page": "x"}),
        ("findUsers", {"orderDirection": "UP"}),
        ("findLeads", {"query": "all"}),
        ("findLeads", {"orderBy": "mood"}),
        ("findLeads", {"stubResponses": False, "limit": 101}),
    ],
)
def test_params_that_make_no_sense(nutshell, method, params):
    """Full leads come at most 100 a page; that all this is 400 is INFERRED."""
    assert nutshell.call(method, **params).status_code == 400


def test_milestones_are_the_active_stages(nutshell, instance):
    """Only active stages, by name, with a rev that rises; Nutshell fact, 2026-11."""
    instance.pipelines.add_pipeline("Plan", ["New"], state=State.DRAFT)
    instance.pipelines.rename_stage(105, "Proposal")
    instance.pipelines.add_stage(1, "Gone")
    instance.pipelines.retire_stage(113)
    assert nutshell.result("findMilestones") == [
        {
            "id": 105,
            "entityType": "Milestones",
            "rev": "1",
            "name": "Proposal",
            "position": 4,
            "stagesetId": 1,
        },
        {
            "id": 101,
            "entityType": "Milestones",
            "rev": "0",
            "name": "Qualify",
            "position": 1,
            "stagesetId": 1,
        },
    ]


def test_stagesets_have_no_rev_and_no_stages(nutshell):
    """default is 0 or 1, and there are no stages inside; Nutshell fact, 2026-11."""
    assert nutshell.result("findStagesets") == [
        {
            "id": 1,
            "entityType": "Stagesets",
            "modifiedTime": "2024-06-04T12:00:00+0000",
            "name": "Sales",
            "default": 1,
            "position": 1,
        }
    ]


def test_people(nutshell, instance, seller):
    """Users by last name, the key's own user without an id, teams; Nutshell fact, 2026-11."""
    users = nutshell.result("findUsers", orderBy="last_name", limit=50, page=1)
    assert [user["name"] for user in users] == ["Admin", "Kari Hauge"]
    assert users[1]["emails"] == ["kari@example.com"]
    assert (users[0]["isAdministrator"], users[1]["isEnabled"]) == (True, True)
    nutshell.session.auth = ("kari@example.com", "nutshell-sandbox-key")
    assert nutshell.result("getUser")["id"] == 5
    assert nutshell.result("getUser", userId=1)["name"] == "Admin"
    assert nutshell.result("findTeams")[0]["id"] == 59
    assert nutshell.result("getTeam", teamId=59)["name"] == "Blue"
    assert nutshell.call("getTeam", teamId=1).status_code == 404
    assert nutshell.call("getUser", userId=99).status_code == 404


def test_lists(nutshell, instance):
    """Outcomes are named in `description`, by which they are ordered; Nutshell fact, 2026-11."""
    product = instance.catalogue.add_product("Gauge")
    instance.catalogue.add_source("Web")
    outcomes = nutshell.result("findLead_Outcomes")
    assert [(each["description"], each["type"]) for each in outcomes] == [
        ("Called off", 12),
        ("Price", 11),
        ("Won", 10),
    ]
    assert [each["name"] for each in nutshell.result("findProducts")] == ["Gauge"]
    assert nutshell.result("getProduct", productId=product.id)["name"] == "Gauge"
    assert nutshell.call("getProduct", productId=1).status_code == 404
    assert [each["name"] for each in nutshell.result("findSources")] == ["Web"]
    assert nutshell.result("findTerritories") == []
    assert nutshell.result("instanceData")["instanceId"] == "379104"


def test_stubs_have_no_stage_and_no_confidence(nutshell, lead):
    """findLeads answers stubs unless told; Nutshell fact, 2026-11."""
    stub = nutshell.result("findLeads")[0]
    assert (stub["id"], stub["stub"], stub["name"]) == (1003, True, "A lead")
    assert not {"milestone", "stageset", "confidence", "closedTime"} & stub.keys()


def test_full_leads(nutshell, instance, seller, lead):
    """A full lead as it was recorded; Nutshell fact, 2026-11."""
    instance.assign(lead, "59-teams", by=seller)
    full = nutshell.result("findLeads", stubResponses=False)[0]
    assert full == nutshell.result("getLead", leadId=1003)
    assert "stub" not in full
    assert full["milestone"]["id"] == 101
    assert full["stageset"] == {"stub": True, **nutshell.result("findStagesets")[0]}
    assert (full["confidence"], full["status"], full["rev"]) == (42, 0, "2")
    assert full["assignee"]["entityType"] == "Teams"
    assert full["value"] == {"currency": "USD", "amount": 1000}
    assert full["createdTime"] == "2026-11-11T12:00:00+0000"
    assert full["processes"][0]["currentMilestoneId"] == "101"


def test_a_closed_lead_tells_its_outcome(nutshell, instance, lead):
    """Status 11, closedTime and outcome; Nutshell fact, 2026-11."""
    instance.close(lead, 7)
    full = nutshell.result("getLead", leadId=1003)
    assert (full["status"], full["closedTime"]) == (11, "2026-11-21T12:00:00+0000")
    assert full["outcome"]["description"] == "Price"


def test_queries_and_pages(nutshell, instance, seller, many):
    """Pages from 1, 50 a page, query by status, stage, number, owner; Nutshell fact, 2026-11."""
    instance.move(many[0], 105)
    instance.close(many[1], 3)
    instance.assign(many[2], seller)
    instance.set_pending(many[3])

    def found(**query):
        return [f"{each['id']}-leads" for each in nutshell.result("findLeads", query=query)]

    pages = [nutshell.result("findLeads", limit=10, page=n) for n in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert found(milestoneId=105) == [many[0]]
    assert found(milestoneIds=[105], stagesetId=1) == [many[0]]
    assert found(stagesetId=9) == []
    assert (found(status=10), found(status=1)) == ([many[1]], [many[3]])
    assert found(number=1002) == [many[2]]
    assert found(assignee=[{"entityType": "Users", "id": 5}]) == [many[2]]
    assert found(filter=0) == [each for each in many if each != many[2]]
    down = nutshell.result("findLeads", orderBy="name", orderDirection="DESC", limit=2)
    assert [each["name"] for each in down] == ["Lead 9", "Lead 8"]


def test_an_unchanged_answer_is_304(nutshell, instance, lead):
    """ETag and If-None-Match work on finds and gets; Nutshell fact, 2026-11."""
    tag = nutshell.call("getLead", leadId=1003).headers["ETag"]
    nutshell.session.headers["If-None-Match"] = tag
    assert nutshell.call("getLead", leadId=1003).status_code == 304
    instance.set_confidence(lead, 50)
    assert nutshell.call("getLead", leadId=1003).status_code == 200
    assert "ETag" not in nutshell.call("instanceData").headers


def test_leads_that_are_not_there(nutshell, instance, lead):
    """An unknown or a deleted lead is an error; its shape is INFERRED."""
    instance.delete(lead)
    assert nutshell.call("getLead", leadId=1003).status_code == 404
    assert nutshell.call("getLead").status_code == 400
    assert nutshell.result("findLeads") == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"method": 7}', b'{"method": "getUser", "params": [1]}']
)
def test_broken_calls_are_answered(nutshell, body):
    """What is no call is refused, and the sandbox lives on."""
    url = f"{nutshell.sandbox.url}/api/v1/json"
    assert nutshell.session.post(url, data=body, timeout=5).status_code in (400, 404)
    assert nutshell.result("getUser")["id"] == 1
