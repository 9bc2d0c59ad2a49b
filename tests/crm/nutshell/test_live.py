"""A lead as it is this instant, and the write of its confidence."""

import json

import pytest
import responses

from connector.crm.nutshell import connect
from connector.errors import BadAnswer, Rejected, UnknownOutcome
from connector.model import LiveDeal
from tests.crm.nutshell.conftest import HOST, KEY, USER

RPC = f"{HOST}/api/v1/json"
# As it was recorded (Nutshell facts 3.4, 2026-11), and cut.
FULL = {
    "id": 15739,
    "entityType": "Leads",
    "rev": "85",
    "name": "Lead-4686",
    "milestone": {"stub": True, "id": 343, "rev": "2", "entityType": "Milestones"},
    "stageset": {"stub": True, "id": 71, "name": "Sales pipeline"},
    "status": 0,
    "confidence": 85,
}


@pytest.fixture
def live():
    def told(result: object) -> LiveDeal | None:
        with responses.RequestsMock() as mock:
            mock.post(RPC, json={"result": result})
            found = connect(USER, KEY).live_deal("15739-leads")
            sent = json.loads(mock.calls[0].request.body)
            assert (sent["method"], sent["params"]) == ("getLead", {"leadId": 15739})
            return found

    return told


@pytest.mark.parametrize(
    ("more", "stage", "confidence"),
    [
        ({}, "343-stages", 85),
        ({"status": "1"}, "343-stages", 85),
        ({"milestone": None, "milestoneId": 343}, "343-stages", 85),
        ({"milestone": {"id": "343"}}, "343-stages", 85),
        ({"status": 10}, "71-stagesets:won", 85),
        ({"status": 11}, "71-stagesets:lost", 85),
        ({"status": 12}, "71-stagesets:cancelled", 85),
        ({"confidence": "85"}, "343-stages", 85),
        ({"confidence": 85.0}, "343-stages", 85),
        ({"confidence": None}, "343-stages", None),
        ({"rev": 85}, "343-stages", 85),
    ],
)
def test_a_live_lead_says_where_it_stands(live, more, stage, confidence):
    """Its stage, that of its status where it is closed, its confidence and its rev."""
    assert live({**FULL, **more}) == LiveDeal("15739-leads", stage, confidence, "85")


@pytest.mark.parametrize(
    "result",
    [
        [],
        "x",
        {**FULL, "rev": None},
        {**FULL, "id": 7},
        {**FULL, "status": "odd"},
        {**FULL, "confidence": []},
    ],
)
def test_a_live_lead_that_makes_no_sense_is_refused(live, result):
    """Nothing is decided on a lead that cannot be read."""
    with pytest.raises(BadAnswer, match="getLead"):
        live(result)


def test_a_lead_that_is_not_there_is_none(live):
    """Told by a null or by a 404."""
    assert live(None) is None
    with responses.RequestsMock() as mock:
        mock.post(RPC, json={"error": {"code": 404, "message": "Lead not found"}}, status=404)
        assert connect(USER, KEY).live_deal("15739-leads") is None


def test_an_unknown_method_is_no_missing_lead():
    """404 also answers a method nobody knows (Nutshell facts 3.1, 2026-11)."""
    with responses.RequestsMock() as mock:
        mock.post(RPC, json={"error": {"code": -32601, "message": "No getLead"}}, status=404)
        with pytest.raises(Rejected, match="JSON-RPC getLead"):
            connect(USER, KEY).live_deal("15739-leads")


def test_a_confidence_is_sent_with_the_rev_and_nothing_else():
    """As an integer, in one call; what the lead holds otherwise is left alone."""
    with responses.RequestsMock() as mock:
        mock.post(RPC, json={"result": {**FULL, "rev": "86"}})
        connect(USER, KEY).set_confidence("15739-leads", "85", 75)
        (sent,) = mock.calls
        assert json.loads(sent.request.body) == {
            "jsonrpc": "2.0",
            "id": "1",
            "method": "editLead",
            "params": {"leadId": 15739, "rev": "85", "lead": {"confidence": 75}},
        }


def test_a_stale_rev_is_refused():
    """Somebody touched the lead meanwhile: HTTP 409, or an error of that code."""
    for status in (200, 409):
        with responses.RequestsMock() as mock:
            error = {"code": 409, "message": "rev key is out-of-date", "data": None}
            mock.post(RPC, json={"error": error}, status=status)
            with pytest.raises(Rejected, match="out-of-date") as caught:
                connect(USER, KEY).set_confidence("15739-leads", "85", 75)
            assert caught.value.status == 409


def test_an_edit_without_an_answer_is_unknown(server):
    """It is sent once; only a read tells whether it took effect."""
    server.plays(lambda connection: None)
    with pytest.raises(UnknownOutcome):
        connect(USER, KEY, base_url=server.url).set_confidence("15739-leads", "85", 75)
    assert len(server.asked) == 1
