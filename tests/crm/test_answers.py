import json
import time
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm.answers import Answer, Passing
from connector.errors import BadAnswer, CrmError, NotAuthorised, QuotaUsedUp, Rejected

JSON = {"Content-Type": "application/json;charset=utf-8"}


class Shape(msgspec.Struct):
    results: list[str]


def answered(body: object = b"", status: int = 200, **headers: str) -> Answer:
    told = JSON | {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("HubSpot", "GET /deals", status, told, content)


def wait_of(fault: CrmError) -> float | None:
    assert isinstance(fault, Passing)
    return fault.wait


# --- bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"", "application/json", "an empty body"),
        (b"<html>Sign in</html>", "text/html", "a web page .content type text/html., probably of"),
        (b" \n<!doctype html>", "application/json", "a web page"),
        (b"results: []", "text/plain", "content type text/plain instead of JSON"),
        (b'{"results": []}', "application/json; charset=ISO-8859-1", "charset ISO-8859-1 instead"),
        ('{"results": ["Åse"]}'.encode("latin-1"), "application/json", "utf-8"),
        ('{"results": []}'.encode("utf-16"), "application/json", "UTF-16 or UTF-32 instead"),
        ('{"results": []}'.encode("utf-16-le"), "application/json", "UTF-16 or UTF-32 instead"),
        ('{"results": []}'.encode("utf-16-be"), "application/json", "UTF-16 or UTF-32 instead"),
        ('\ufeff{"results": []}'.encode("utf-16-be"), "application/json", "UTF-16 instead"),
        ('{"results": []}'.encode("utf-32"), "application/json", "UTF-16 or UTF-32 instead"),
        ('{"results": []}'.encode("utf-8-sig"), "application/json", "a byte order mark"),
        (b"null", "application/json", "null"),
        (b"{}", "application/json", "results"),
        (b"[]", "application/json", "array"),
        (b'{"results": null}', "application/json", "null"),
        (b'{"results": ["a", ', "application/json", "truncated"),
        (b'{"results": []} trailing', "application/json", "trailing"),
        (b'{"results": ["\xff"]}', "application/json", "utf-8"),
        (b'{"results": [NaN]}', "application/json", "malformed"),
        (b"[" * 100_000, "application/json", "array"),
        (b'{"other": ' + b"[" * 100_000, "application/json", "it is nested deeper than any page"),
        (b'{"results": [' + b'{"a":' * 100_000, "application/json", "object"),
    ],
)
def test_a_body_that_is_not_the_shape_is_refused(body: bytes, content_type: str, why: str):
    """Empty, cut off, HTML or of another shape: never an empty listing, always BadAnswer."""
    with pytest.raises(BadAnswer, match=rf"(?i)HubSpot answered GET /deals .*{why}"):
        answered(body, Content_Type=content_type).decode(Shape)


def test_an_answer_without_a_content_type_is_refused():
    """What does not say that it is JSON is not read as JSON."""
    with pytest.raises(BadAnswer, match="content type none"):
        Answer("HubSpot", "GET /deals", 200, {}, b'{"results": []}').decode(Shape)


@pytest.mark.parametrize(
    "kind",
    ["application/json", "APPLICATION/JSON", "application/hal+json", 'text/json; charset="UTF-8"'],
)
def test_any_json_content_type_will_do(kind: str):
    """JSON is JSON under each of its names."""
    assert answered(b'{"results": ["a"]}', Content_Type=kind).decode(Shape).results == ["a"]


@given(st.binary(max_size=200))
def test_no_body_breaks_a_refusal(body: bytes):
    """Whatever bytes come with a bad status, there is one error of ours for it."""
    for status in (302, 400, 401, 403, 429, 500):
        assert isinstance(answered(body, status).refusal(), CrmError)


_keys = st.sampled_from(["message", "errors", "context", "requiredGranularScopes", "policyName"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_keys, _json, max_size=4))
def test_no_error_body_breaks_a_refusal(body: object):
    """An error body with the known keys and unheard-of values is still one error of ours."""
    for status in (400, 401, 403, 429, 500):
        assert isinstance(answered(body, status).refusal(), CrmError)


# --- the clock ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "date",
    [
        "Thu, 01 Jan 2015 01:00:00 GMT",
        "Thu, 01 Jan 2015 02:00:00 +0100",
        "Thu, 01 Jan 2015 01:00:00 -0000",
        "Thursday, 01-Jan-15 01:00:00 GMT",
        "Thu Jan  1 01:00:00 2015",
    ],
)
def test_the_crms_clock_is_the_date_of_the_answer(date: str, monkeypatch):
    """The instant of an answer is the CRM's, whatever this machine's clock and zone say."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert answered(Date=date).now == datetime(2015, 1, 1, 1, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("date", ["yesterday", "", "Fri, 31 Dec 9999 23:59:59 -0100"])
def test_without_a_date_this_machines_clock_stands_in(date: str):
    """An answer without a date that can be read is dated by this machine."""
    before = datetime.now(UTC)
    assert before <= answered(Date=date).now <= datetime.now(UTC)
    assert before <= answered().now <= datetime.now(UTC)


# --- not now --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("60", 60.0),
        ("0", 10.0),
        ("-5", 10.0),
        ("61", 60.0),
        ("86400", 60.0),
        ("1e300", 60.0),
        ("inf", 60.0),
        ("nan", 10.0),
        ("soon", 10.0),
        ("", 10.0),
        ("Sat, 21 Nov 2026 10:00:07 GMT", 7.0),
        ("Sat, 21 Nov 2026 11:00:02 +0100", 2.0),
        ("Sat, 21 Nov 2026 10:00:00 GMT", 10.0),
        ("Sat, 21 Nov 2026 09:00:00 GMT", 10.0),
        ("Sun, 22 Nov 2026 10:00:00 GMT", 60.0),
        ("Sat, 99 Nov 2026 10:00:00 GMT", 10.0),
    ],
)
def test_the_wait_after_a_429_is_what_it_asks_for_within_reason(told: str, seconds: float):
    """Seconds or an instant of the CRM's own clock: believed if ahead, up to a minute of it."""
    date = "Sat, 21 Nov 2026 10:00:00 GMT"
    assert wait_of(answered(status=429, Retry_After=told, Date=date).refusal()) == seconds


@pytest.mark.parametrize(
    ("status", "policy", "seconds"),
    [
        (429, "SECONDLY", 1.0),
        (429, "TEN_SECONDLY_ROLLING", 10.0),
        (429, "A_NEW_ONE", 10.0),
        (429, None, 10.0),
        (423, None, 2.0),
        (477, None, 10.0),
    ],
)
def test_without_retry_after_the_policy_decides(status: int, policy: str | None, seconds: float):
    """HubSpot facts, 2026-11: a 429 need not say how long, but it names the limit it is of."""
    fault = answered({"policyName": policy}, status).refusal()
    assert wait_of(fault) == seconds
    assert not fault.reached


@pytest.mark.parametrize(
    ("limit", "seconds"),
    [("secondly", 1.0), ("ten_secondly_rolling", 10.0), ("ten_secondly", 10.0), ("new", 10.0)],
)
def test_a_policy_may_stand_in_the_message_alone(limit: str, seconds: float):
    """HubSpot fact, 2026-11: some bodies have a category and a message, and no policyName."""
    body = {"message": f"You have reached your {limit} limit.", "category": "RATE_LIMITS"}
    assert wait_of(answered(body, 429).refusal()) == seconds


@pytest.mark.parametrize(
    "body", [{"policyName": "DAILY"}, {"message": "You have reached your daily limit."}]
)
def test_the_daily_quota_is_not_waited_for(body: object):
    """HubSpot fact, 2026-11: policy DAILY means until midnight, which no run sits out."""
    fault = answered(body, 429, Retry_After="5").refusal()
    assert isinstance(fault, QuotaUsedUp)
    assert "daily quota is used up" in str(fault)


def test_a_failure_may_say_how_long_it_lasts():
    """A 503 that names a time is left alone for it; one that does not is for us to judge."""
    assert wait_of(answered(status=503, Retry_After="5").refusal()) == 5.0
    assert wait_of(answered(status=503, Retry_After="soon").refusal()) is None


# --- refusals -------------------------------------------------------------------------------------


def test_a_missing_scope_is_named():
    """A 403 says which scopes would help, in the shape HubSpot documents (2026-11)."""
    body = {
        "status": "error",
        "message": "This app hasn't been granted all required scopes to make this call.",
        "errors": [
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": ["crm.schemas.deals.write", "e-commerce"]},
            }
        ],
        "category": "MISSING_SCOPES",
    }
    fault = answered(body, 403).refusal()
    assert isinstance(fault, NotAuthorised)
    assert str(fault) == (
        "HubSpot forbids GET /deals: This app hasn't been granted all required scopes to make"
        " this call. Grant the key one of these scopes: crm.schemas.deals.write, e-commerce."
    )


def test_a_missing_scope_that_is_not_told_is_guessed():
    """Where a 403 names no scope, the one that the request needs is said to be lacking."""
    told = str(answered({"message": "no"}, 403).refusal("crm.objects.owners.read"))
    assert told.endswith("no. The key probably lacks crm.objects.owners.read.")


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, b"", NotAuthorised, "does not accept the key: no reason was given. Check the key."),
        (401, {"message": "expired"}, NotAuthorised, "the key: expired. Check the key."),
        (403, b"<html>", NotAuthorised, "HubSpot forbids GET /deals: no reason was given."),
        (400, {"message": " Taken. "}, Rejected, "HubSpot refused GET /deals (400): Taken."),
        (404, b"", Rejected, "HubSpot refused GET /deals (404): no reason was given."),
        (500, {"message": "x"}, Passing, "HubSpot failed on GET /deals with status 500."),
        (301, b"", BadAnswer, "a redirect (status 301), which is never followed."),
    ],
)
def test_a_status_is_one_error(status: int, body: object, kind: type[CrmError], words: str):
    """Each kind of refusal is one error, with the CRM's reason and what to do about it."""
    fault = answered(body, status).refusal()
    assert type(fault) is kind
    assert str(fault).endswith(words)


def test_a_rejection_knows_its_status():
    """Callers can tell a missing stage from a taken label by the status."""
    fault = answered(b"", 404).refusal()
    assert isinstance(fault, Rejected)
    assert fault.status == 404


def test_a_failure_of_the_crm_may_have_been_carried_out():
    """After a 5xx nobody knows whether a write took effect."""
    fault = answered(b"", 502).refusal()
    assert isinstance(fault, Passing)
    assert (fault.reached, fault.wait) == (True, None)


def test_a_long_reason_is_cut():
    """A page of text in an error body does not become a page of error message."""
    assert len(str(answered({"message": "x" * 10_000}, 400).refusal())) < 600
