"""editLead: revs, what may be edited, and who is said to have done it."""

import pytest


def edit(nutshell, rev="1", **lead):
    return nutshell.call("editLead", leadId=1003, rev=rev, lead=lead)


def test_an_edit_answers_the_lead_with_a_new_rev(nutshell, lead):
    """Confidence is set, and the rev moves on; Nutshell fact, 2026-11."""
    after = edit(nutshell, confidence=75).json()["result"]
    assert (after["confidence"], after["rev"]) == (75, "2")
    assert nutshell.get("leads/1003")["leads"][0]["confidence"] == 75


def test_a_stale_rev_is_409(nutshell, instance, lead):
    """HTTP 409 with this body, and nothing is changed; Nutshell fact, 2026-11."""
    instance.set_value(lead, "5")
    answer = edit(nutshell, confidence=75)
    assert answer.status_code == 409
    assert answer.json() == {
        "jsonrpc": "2.0",
        "id": "apeye",
        "error": {"code": 409, "message": "rev key is out-of-date", "data": None},
    }
    assert instance.lead(lead).confidence == 42


def test_a_retry_after_a_success_is_409(nutshell, instance, lead):
    """The rev moved on, even where the value had been the same; Nutshell fact, 2026-11."""
    assert edit(nutshell, confidence=42).status_code == 200
    assert edit(nutshell, confidence=42).status_code == 409


def test_rev_ignore_bypasses(nutshell, instance, lead):
    """REV_IGNORE is documented; Nutshell fact, 2026-11."""
    instance.set_value(lead, "5")
    assert edit(nutshell, rev="REV_IGNORE", confidence=75).status_code == 200


@pytest.mark.parametrize("params", [{"lead": {"confidence": 5}}, {"rev": "1", "lead": 5}])
def test_rev_and_lead_are_mandatory(nutshell, instance, lead, params):
    """Without a rev nothing is edited; Nutshell fact, 2026-11."""
    assert nutshell.call("editLead", leadId=1003, **params).status_code == 400
    assert instance.lead(lead).confidence == 42


@pytest.mark.parametrize(
    "lead_edit",
    [
        {"confidence": 101},
        {"confidence": -1},
        {"confidence": "75"},
        {"confidence": True},
        {"milestoneId": 7},
        {"outcome": 3},
        {"outcome": {"id": 4}},
        {"status": 10},
        {"assignee": {"id": 1}},
        {"assignee": {"id": 99, "entityType": "Users"}},
        {"probability": 0.5},
        {"confidence": 50, "milestoneId": 7},
    ],
)
def test_nonsense_changes_nothing(nutshell, instance, lead, lead_edit):
    """Confidence is 0 to 100 and a closing is told by an outcome; that it is 400 is INFERRED."""
    assert edit(nutshell, **lead_edit).status_code == 400
    assert (instance.lead(lead).rev, instance.lead(lead).confidence) == (1, 42)


def test_a_lead_is_moved_closed_and_reopened(nutshell, instance, seller, lead):
    """milestoneId, outcome, status 0, isPending and assignee; Nutshell fact, 2026-11."""
    assert edit(nutshell, milestoneId=105).json()["result"]["milestone"]["id"] == 105
    closed = edit(nutshell, "2", outcome={"id": 11, "entityType": "Lead_Outcomes"})
    assert closed.json()["result"]["status"] == 12
    opened = edit(nutshell, "3", status=0).json()["result"]
    assert (opened["status"], "closedTime" in opened) == (0, False)
    assert edit(nutshell, "4", isPending=True).json()["result"]["status"] == 1
    assert edit(nutshell, "5", isPending=False).json()["result"]["status"] == 0
    kari = {"id": 5, "entityType": "Users"}
    assert edit(nutshell, "6", assignee=kari).json()["result"]["assignee"]["id"] == 5


@pytest.mark.parametrize(
    ("key", "actor", "kind"),
    [
        ("nutshell-sandbox-key", "5-users", "users"),
        ("nutshell-sandbox-named", "31-origins", "origins"),
    ],
)
def test_who_is_logged(nutshell, seller, lead, key, actor, kind):
    """One kind of key acts as its user, the other under its own name; Nutshell fact, 2026-11."""
    nutshell.session.auth = ("kari@example.com", key)
    edit(nutshell, confidence=75)
    event = nutshell.get("events", limit=1)["events"][0]
    assert (event["links"]["actor"], event["actorType"]) == (actor, kind)


def test_the_automation_moves_confidence_too(nutshell, instance, lead):
    """A stage change may move the confidence, by an origin; Nutshell fact, 2026-11."""
    instance.automation = lambda lead, stage: 80 if stage.name == "Offer" else None
    after = edit(nutshell, confidence=50, milestoneId=105).json()["result"]
    assert after["confidence"] == 80
    newest = nutshell.get("events", limit=1)["events"][0]
    assert (newest["actorType"], newest["links"]["actor"]) == ("origins", "23-origins")
    assert newest["changes"][0]["oldValue"] == 50


def test_a_lead_one_may_not_see_cannot_be_edited(nutshell, instance, seller, lead):
    """What is hidden is not there."""
    instance.people.hide(lead, seller)
    nutshell.session.auth = ("kari@example.com", "nutshell-sandbox-key")
    assert edit(nutshell, confidence=75).status_code == 404
