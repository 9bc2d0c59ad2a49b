"""Requests over requests: what Nutshell says, whatever status and body it says it with."""

import json
import logging
import threading
import time
import traceback
from collections.abc import Callable

import pytest
import responses

from connector.crm.exchange import Bounds
from connector.crm.nutshell.client import open_transport
from connector.crm.nutshell.endpoints import RPC
from connector.crm.nutshell.rpc import body_of_call, call, find_all
from connector.crm.nutshell.shapes import body_of
from connector.crm.transport import Transport
from connector.errors import (
    BadAnswer,
    ConnectorError,
    NotAuthorised,
    Rejected,
    UnknownOutcome,
    Unreachable,
)

USER, KEY = "admin@example.com", "a-secret-key-of-ours"
HOST = "https://app.nutshell.com"
TRACE = {"x-nutshell-request-id": "a1b2"}
HTML = "<html><head><title>An Error Occurred: Unauthorized</title></head></html>"
EDIT = body_of_call("editLead", {"leadId": 1, "rev": "1", "lead": {"confidence": 75}})


@pytest.fixture
def mock():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def nutshell() -> Transport:
    return open_transport(USER, KEY, bounds=Bounds(attempts=1))


@pytest.fixture
def ask(mock, nutshell) -> Callable[..., object]:
    """Ask REST for something that is answered so."""

    def asked(status: int, body: object, kind: str = "application/json") -> object:
        text = body if isinstance(body, str) else json.dumps(body)
        mock.get(f"{HOST}/rest/x", text, status=status, content_type=kind, headers=TRACE)
        return body_of(nutshell.read("GET", "/rest/x"))

    return asked


@pytest.fixture
def rpc(mock, nutshell) -> Callable[..., object]:
    """Call a method that is answered so."""

    def called(body: object, status: int = 200, *, write: bool = False) -> object:
        mock.post(f"{HOST}{RPC}", json=body, status=status, headers=TRACE)
        if write:
            return nutshell.write("POST", RPC, EDIT)
        return call(nutshell, "getLead", {"leadId": 1})

    return called


# --- REST -----------------------------------------------------------------------------------------

INVALID = {
    "meta": {},
    "links": {},
    "leads": [],
    "errors": [
        {"title": "Invalid filter", "detail": "Invalid page number: -1", "status": "400"},
        {"title": "Another"},
    ],
}


@pytest.mark.parametrize(
    ("status", "body", "kind", "error", "said"),
    [  # Nutshell facts 2.5, 2026-11
        (401, HTML, "text/html", NotAuthorised, r"the key of admin@example\.com: .*Check the key"),
        (401, HTML, "text/html", NotAuthorised, "Setup > API keys"),
        (404, HTML, "text/html", Rejected, r"GET /rest/x \(404, request a1b2\): no reason"),
        (400, INVALID, "application/json", Rejected, r"\(400, request a1b2\): Invalid page number"),
        (400, INVALID, "application/json", Rejected, r"-1; Another\."),
        (405, '"Internal Error"', "application/json", Rejected, r"\(405.*Internal Error\."),
        (405, "Internal Error", "text/plain", Rejected, r"\(405.*Internal Error\."),
        (409, {"errors": []}, "application/json", Rejected, "409"),
        (500, {"code": 500, "message": "Internal Server Error"}, "application/json", Unreachable,
         "failed on GET /rest/x with status 500, request a1b2. Tried once"),
        (200, HTML, "text/html", BadAnswer, r"\(request a1b2\) .* a web page"),
        (302, "", "text/html", BadAnswer, "redirect"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_nutshell_said(ask, status, body, kind, error, said):
    """Web pages, texts and JSON: each refusal becomes an error that names what helps."""
    with pytest.raises(error, match=said) as caught:
        ask(status, body, kind)
    assert getattr(caught.value, "status", status) == status


@pytest.mark.parametrize("status", [200, 400, 401, 404, 409, 500])
def test_neither_key_nor_credential_is_ever_told(mock, nutshell, status):
    """A key that an answer repeats, plain or as Basic sends it, is taken out of every error."""
    basic = "YWRtaW5AZXhhbXBsZS5jb206YS1zZWNyZXQta2V5LW9mLW91cnM="
    said = f"{KEY} {basic}"
    mock.get(f"{HOST}/rest/x", json={"message": said}, status=status, headers={**TRACE, "a": said})
    mock.post(f"{HOST}{RPC}", json={"error": {"code": status, "message": said}}, status=status)
    for asked in (
        lambda: nutshell.read("GET", "/rest/x").bad(said),
        lambda: call(nutshell, "getLead", {}),
        lambda: nutshell.write("POST", RPC, EDIT),
    ):
        try:
            told = asked()
        except ConnectorError as error:
            told = "".join(traceback.format_exception(error))
        assert KEY not in str(told)
        assert basic not in str(told)


def test_each_answer_is_logged_with_its_request_id(ask, caplog):
    """Nutshell's support finds a request by its id, so the log has it; never the key."""
    with caplog.at_level(logging.DEBUG, "connector"):
        ask(200, {})
    assert "GET /rest/x: 200, 2 bytes, request a1b2" in caplog.text
    assert KEY not in caplog.text


def test_nothing_of_the_surroundings_is_used(mock, nutshell, monkeypatch, tmp_path):
    """Neither a netrc file nor a proxy nor a cookie changes what is sent."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine app.nutshell.com login x password y")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    mock.get(f"{HOST}/rest/x", json={}, headers={"Set-Cookie": "session=1; Path=/"})
    nutshell.read("GET", "/rest/x")
    nutshell.read("GET", "/rest/x")
    sent = [each.request.headers for each in mock.calls]
    assert {each["Authorization"] for each in sent} == {
        "Basic YWRtaW5AZXhhbXBsZS5jb206YS1zZWNyZXQta2V5LW9mLW91cnM="
    }
    assert not any("Cookie" in each for each in sent)


@pytest.mark.parametrize(
    ("user", "key"), [("a:b", "k"), ("a\nb", "k"), (USER, "k\n"), (USER, "kø")]
)
def test_a_credential_that_cannot_be_one_is_not_sent(user, key):
    """A line break or a colon in the wrong place is told before anything is sent."""
    with pytest.raises(NotAuthorised):
        open_transport(user, key)


def test_no_more_than_four_requests_are_under_way(server, answer):
    """Nutshell publishes no limit, so it is asked modestly (Nutshell fact 2.5, 2026-11)."""
    under_way, most, lock = 0, 0, threading.Lock()

    def reply(connection) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.05)
        with lock:
            under_way -= 1
        connection.sendall(answer())

    server.plays(answer(), reply)
    nutshell = open_transport(USER, KEY, server.url)
    nutshell.read("GET", "/")
    threads = [threading.Thread(target=nutshell.read, args=("GET", "/")) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 4
    assert nutshell.usage.burst == 200


# --- JSON-RPC -------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [{"result": {"id": 1}}, {"result": {"id": 1}, "error": None}])
def test_a_success_has_no_error_or_a_null_one(rpc, body):
    """Newer answers have no `error` key, older ones a null (Nutshell facts 3.1, 2026-11)."""
    assert rpc(body) == {"id": 1}


STALE = {"error": {"code": 409, "message": "rev key is out-of-date", "data": None}}
UNKNOWN = {"error": {"code": -32601, "message": "Method not found"}}
BAD_KEY = {"error": {"code": 401, "message": "API key not found"}}


@pytest.mark.parametrize(
    ("http", "body", "error", "status", "said"),
    [  # as recorded, and with HTTP 200, as documents allow (Nutshell facts 3.1, 2026-11)
        (409, STALE, Rejected, 409, "JSON-RPC getLead .*rev key is out-of-date"),
        (200, STALE, Rejected, 409, "rev key is out-of-date"),
        (404, UNKNOWN, Rejected, 405, "JSON-RPC getLead .*Method not found"),
        (200, UNKNOWN, Rejected, 405, "JSON-RPC getLead"),
        (401, BAD_KEY, NotAuthorised, None, "API key not found. Check the key"),
        (200, BAD_KEY, NotAuthorised, None, "API key not found. Check the key"),
        (200, {"error": {"code": 0, "message": "odd"}}, Rejected, 400, "odd"),
        (200, {"error": {"code": None}}, Rejected, 400, "no reason"),
        (200, {"error": {"code": "409", "message": "x"}}, Rejected, 409, "x"),
        (200, {"error": {"code": -32603, "message": "x"}}, Unreachable, None, "status 500"),
        (403, {"error": {"code": -1, "message": "x"}}, NotAuthorised, None, "forbids"),
        (200, {"id": "1"}, BadAnswer, None, "neither a result nor an error"),
        (200, [], BadAnswer, None, "neither a result nor an error"),
    ],
)
def test_an_error_is_told_by_the_body_before_the_status(rpc, http, body, error, status, said):
    """Whatever HTTP says, the error in the body decides, and the method is named."""
    with pytest.raises(error, match=said) as caught:
        rpc(body, http)
    assert getattr(caught.value, "status", None) == status


@pytest.mark.parametrize(
    ("http", "body", "error"),
    [(409, STALE, Rejected), (200, STALE, Rejected), (500, {}, UnknownOutcome)],
)
def test_a_write_is_refused_or_unknown(rpc, mock, http, body, error):
    """A stale rev is a refusal; a failure leaves open whether the lead was edited, and is final."""
    with pytest.raises(error):
        rpc(body, http, write=True)
    assert len(mock.calls) == 1


def test_a_write_put_off_is_sent_again(mock):
    """429 says that nothing was done."""
    mock.post(f"{HOST}{RPC}", status=429, headers={"Retry-After": "0.01"})
    mock.post(f"{HOST}{RPC}", json={"result": {}})
    open_transport(USER, KEY).write("POST", RPC, EDIT)
    assert len(mock.calls) == 2


@pytest.mark.parametrize("cap", [1, 2, 100])
def test_a_find_goes_on_until_nothing_new_comes(odd, nutshell, cap):
    """Whatever a page holds, all records come, each once."""
    odd.most = cap
    odd.found["findTeams"] = [{"id": n} for n in range(5)]
    assert [each["id"] for each in find_all(nutshell, "findTeams")] == [0, 1, 2, 3, 4]
