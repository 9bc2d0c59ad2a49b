"""What the public client nutshell 0.4.4 (PyPI) demands of every record, else it raises.

Its models, read in 2026-11: a name or a type that is missing makes it refuse the whole answer.
"""

import pytest

STAGE = {"id": int, "entityType": str, "rev": str, "name": str, "position": int, "stagesetId": int}
STAGESET = {"id": int, "entityType": str, "name": str, "default": int, "position": int}
TEAM = {
    "stub": bool,
    "id": int,
    "name": str,
    "rev": str,
    "entityType": str,
    "modifiedTime": str,
    "createdTime": str,
}
USER = TEAM | {"isEnabled": bool, "isAdministrator": bool, "emails": list}
LEAD = {"id": int, "entityType": str, "rev": str, "name": str, "description": str, "status": int}
FULL = LEAD | {"confidence": int, "tags": list, "products": list, "value": dict, "htmlUrl": str}
# What the client sends with every find, beside the query.
SENT = {"orderBy": "name", "orderDirection": "ASC", "limit": 50, "page": 1}


def fits(record, demands):
    return {name: type(record.get(name)) for name in demands} == demands


@pytest.mark.parametrize(
    ("method", "params", "demands"),
    [
        ("findUsers", SENT | {"orderBy": "last_name"}, USER),
        ("findTeams", SENT, TEAM),
        ("findStagesets", SENT, STAGESET),
        ("findMilestones", SENT, STAGE),
        ("findLeads", SENT | {"query": {}, "orderBy": "id", "stubResponses": True}, LEAD),
        ("findLeads", SENT | {"query": {}, "orderBy": "id", "stubResponses": False}, FULL),
    ],
)
def test_every_record_fits_the_clients_models(nutshell, seller, many, method, params, demands):
    """A find as the client sends it answers records as it wants them."""
    records = nutshell.result(method, **params)
    assert records
    assert all(fits(record, demands) for record in records)


def test_a_lead_is_read_and_edited_as_the_client_does(nutshell, instance, seller, lead):
    """A full lead holds a user or a team, a milestone and a stageset as the client wants them."""
    instance.assign(lead, seller)
    found = nutshell.result("getLead", leadId=1003)
    assert fits(found, FULL)
    assert fits(found["assignee"], USER)
    assert fits(found["milestone"], STAGE)
    assert fits(found["stageset"], STAGESET)
    edit = {"leadId": 1003, "rev": found["rev"], "lead": {"confidence": 77}}
    assert nutshell.result("editLead", **edit)["confidence"] == 77
    instance.assign(lead, "59-teams")
    assert fits(nutshell.result("getLead", leadId=1003)["assignee"], TEAM)
    assert fits(nutshell.result("getUser"), USER)


@pytest.mark.parametrize("method", ["findActivityTypes", "findActivities"])
def test_what_the_sandbox_keeps_none_of_is_an_empty_list(nutshell, method):
    """Its other finds are answered."""
    assert nutshell.result(method, **SENT) == []
