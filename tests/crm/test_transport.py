import socket
import struct
import time
import traceback
from base64 import b64encode

import pytest

from connector.errors import (
    BadAnswer,
    ConnectorError,
    NotAuthorised,
    QuotaUsedUp,
    Rejected,
    UnknownOutcome,
    Unreachable,
)

# The deadline of the transport under test is 0.3 s; a call without one would take for ever, so that
# a busy machine may be granted some seconds.
IN_TIME = 5.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
TOKEN = "pat-na1-a-secret"


def hang_up(connection: socket.socket) -> None:
    """Take the request and close the connection without a word."""


def reset(connection: socket.socket) -> None:
    """Break the connection off the hard way, with an RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cut(connection: socket.socket) -> None:
    """Promise more bytes than are sent."""
    connection.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"results": []}')


def cut_in_a_chunk(connection: socket.socket) -> None:
    """Break off inside a chunk."""
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\n{")


def stall(connection: socket.socket) -> None:
    """Say nothing until the client goes."""
    connection.recv(1)


def stall_in_the_body(connection: socket.socket) -> None:
    """Begin to answer, then say nothing."""
    connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
    connection.recv(1)


def _drip(connection: socket.socket, head: bytes, byte: bytes) -> None:
    connection.sendall(head)
    for _ in range(40):
        connection.sendall(byte)
        time.sleep(0.05)


def drip_the_headers(connection: socket.socket) -> None:
    """Send a header that never ends, a byte now and then."""
    _drip(connection, HEAD + b"X-Long: ", b"x")


def drip_the_body(connection: socket.socket) -> None:
    """Send the body a byte now and then."""
    _drip(connection, HEAD + b"Content-Length: 100\r\n\r\n", b" ")


def drip_chunks(connection: socket.socket) -> None:
    """Send a chunk of one byte now and then."""
    _drip(connection, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n")


BROKEN = [hang_up, reset, cut, cut_in_a_chunk]
SLOW = [stall, stall_in_the_body, drip_the_headers, drip_the_body, drip_chunks]


# --- what is sent ---------------------------------------------------------------------------------


def test_a_request_carries_key_query_and_body(transport, server, answer):
    """A read sends its key, repeated query names and a JSON body, and hands on the answer."""
    server.plays(answer(b'{"a": 1}', Date="Sat, 21 Nov 2026 10:00:00 GMT"))
    got = transport.read("POST", "/x", [("p", "a b"), ("p", "å")], body={"b": [2]})
    asked = server.asked[0]
    assert (asked.method, asked.target, asked.body) == ("POST", "/x?p=a+b&p=%C3%A5", b'{"b":[2]}')
    basic = b64encode(f"admin@example.com:{TOKEN}".encode()).decode()
    assert asked.headers["authorization"] in (f"Bearer {TOKEN}", f"Basic {basic}")
    assert asked.headers["accept"] == asked.headers["content-type"] == "application/json"
    assert (got.status, got.body, got.now.isoformat()) == (
        200,
        b'{"a": 1}',
        "2026-11-21T10:00:00+00:00",
    )


def test_requests_share_one_connection(transport, server, answer):
    """A connection is kept alive, also behind chunked answers and refusals."""
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    server.plays(answer(), chunked, answer(b'{"message": "no"}', 400), answer())
    transport.read("GET", "/")
    transport.read("GET", "/")
    with pytest.raises(Rejected):
        transport.read("GET", "/")
    transport.read("GET", "/")
    assert (server.connections, transport.usage.requests) == (1, 4)


def test_a_redirect_is_never_followed(transport, server, answer):
    """An answer that points elsewhere is an error, and nothing is asked there."""
    server.plays(answer(status=302, Location=f"{server.url}/elsewhere"))
    with pytest.raises(BadAnswer, match="redirect"):
        transport.read("GET", "/")
    with pytest.raises(UnknownOutcome, match="redirect"):
        transport.write("PATCH", "/", {})
    assert [asked.target for asked in server.asked] == ["/", "/"]


# --- reads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", BROKEN)
def test_a_read_is_asked_again_when_its_answer_breaks_off(transport, server, answer, clock, fault):
    """A broken answer is never taken for a whole one; the next one is."""
    server.plays(fault, answer(b"[1]"))
    assert transport.read("GET", "/").body == b"[1]"
    assert len(clock.waited) == 1


@pytest.mark.parametrize("fault", [*BROKEN, *SLOW])
def test_a_read_ends_in_unreachable_after_its_tries(transport, server, clock, fault):
    """A fault that does not pass costs a read its three tries, each over by the deadline."""
    server.plays(fault)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="Tried 3 times"):
        transport.read("GET", "/")
    assert time.monotonic() - began < 3 * IN_TIME
    assert (len(server.asked), len(clock.waited)) == (3, 2)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521])
def test_a_read_is_asked_again_after_a_failure_of_the_crm(transport, server, answer, clock, status):
    """Failures on the CRM's side pass by; each wait is short, random and grows."""
    server.plays(answer(status=status), answer(status=status), answer())
    transport.read("GET", "/")
    assert len(clock.waited) == 2
    assert all(0 <= wait <= 20 for wait in clock.waited)


def test_a_read_waits_as_long_as_it_is_told(transport, server, answer, clock):
    """Between tries lies what the refusal asks for, and a little chance on top of it."""
    server.plays(answer(status=429, Retry_After="7"), answer(status=477), answer())
    transport.read("GET", "/")
    assert 17.0 <= sum(clock.waited) <= 17.0 + 0.5 + 1.0
    assert (transport.usage.throttled, transport.usage.retries) == (1, 2)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"{}", NotAuthorised),
        (403, b"{}", NotAuthorised),
        (429, b'{"policyName": "DAILY"}', QuotaUsedUp),
        (400, b"{}", Rejected),
        (404, b"", Rejected),
        (414, b"<html>", Rejected),
    ],
)
def test_a_refusal_that_stays_is_not_asked_again(transport, server, answer, status, body, error):
    """What waiting cannot mend ends a read, and a write, at once."""
    server.plays(answer(body, status))
    with pytest.raises(error):
        transport.read("GET", "/")
    with pytest.raises(error):
        transport.write("PATCH", "/", {})
    # A day's quota that is used up is not asked for again.
    assert len(server.asked) == (1 if error is QuotaUsedUp else 2)


def test_an_answer_without_end_is_refused(transport, server, answer):
    """No more than the largest answer is read, whether its length was told or not."""
    server.plays(answer(b" " * 100_001))
    with pytest.raises(BadAnswer, match="more than 100000 bytes"):
        transport.read("GET", "/")
    server.plays(lambda connection: connection.sendall(HEAD + b"\r\n" + b" " * 1_000_000))
    with pytest.raises(BadAnswer, match="more than 100000 bytes"):
        transport.read("GET", "/")
    server.plays(answer(b" " * 100_000))
    assert len(transport.read("GET", "/").body) == 100_000


# --- writes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [*BROKEN, *SLOW])
def test_a_write_without_an_answer_is_sent_once(transport, server, clock, fault):
    """Once a write left, a lost answer makes its outcome unknown and it is not sent again."""
    server.plays(fault)
    began = time.monotonic()
    with pytest.raises(UnknownOutcome, match="may have been made"):
        transport.write("PATCH", "/", {"label": "Won"})
    assert time.monotonic() - began < IN_TIME
    assert (len(server.asked), clock.waited) == (1, [])


@pytest.mark.parametrize(
    "reply",
    [
        {"status": 500},
        {"status": 502, "body": b"<html>"},
        {"body": b"<html>", "Content_Type": "text/html"},
        {"body": b""},
        {"body": b" " * 200_000},
    ],
)
def test_a_write_with_an_unclear_answer_is_sent_once(transport, server, answer, reply):
    """A failure, or a success nobody from the CRM wrote, leaves the outcome unknown."""
    server.plays(answer(**reply))
    with pytest.raises(UnknownOutcome, match="may have been made"):
        transport.write("POST", "/", {})
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 423, 477])
def test_a_write_is_sent_again_only_after_a_not_now(transport, server, answer, status):
    """An answer that says the write was not carried out lets it be sent again."""
    server.plays(answer(status=status), answer(b'{"label": "Won"}'))
    transport.write("PATCH", "/", {"label": "Won"})
    assert [asked.body for asked in server.asked] == [b'{"label":"Won"}'] * 2


def test_a_write_put_off_again_and_again_changed_nothing(transport, server, answer):
    """A write that was never let in ends in an error that says so."""
    server.plays(answer(status=429))
    with pytest.raises(Unreachable, match="Nothing was changed"):
        transport.write("PATCH", "/", {})
    assert len(server.asked) == 3


def test_a_write_put_off_and_then_lost_is_unknown(transport, server, answer):
    """The last try decides: put off first and lost then means unknown."""
    server.plays(answer(status=429), hang_up)
    with pytest.raises(UnknownOutcome):
        transport.write("PATCH", "/", {})
    assert len(server.asked) == 2


def test_a_host_nobody_listens_on_is_unreachable(transport, server, clock):
    """Where no connection comes about nothing was changed, and both reads and writes try again."""
    server.close()
    with pytest.raises(Unreachable, match="cannot be reached"):
        transport.read("GET", "/")
    with pytest.raises(Unreachable, match="Nothing was changed"):
        transport.write("PATCH", "/", {})
    assert len(clock.waited) == 4


# --- secrets and limits ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 423, 429, 500])
def test_no_error_holds_the_key(transport, server, answer, status):
    """No error text, nor that of its causes, holds the key, even when an answer repeats it."""
    body = f'{{"message": "The key {TOKEN} is bad.", "errors": [{{"context": '.encode()
    server.plays(answer(body + f'{{"requiredGranularScopes": ["{TOKEN}"]}}}}]}}'.encode(), status))
    for call in (lambda: transport.read("GET", "/"), lambda: transport.write("PUT", "/", {})):
        with pytest.raises(ConnectorError) as caught:
            call()
        assert TOKEN not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("fault", [hang_up, cut, stall])
def test_no_lost_answer_holds_the_key(transport, server, fault):
    """The errors of the connection, which chain up behind ours, do not hold the key either."""
    server.plays(fault)
    with pytest.raises(ConnectorError) as caught:
        transport.read("GET", "/")
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("most", "milliseconds", "limit"),
    [
        ("100", "10000", 100),
        ("2000", "10000", 1000),
        ("0", "10000", 1),
        ("100", "1000", 1000),
        ("many", "10000", 1000),
    ],
)
def test_the_crms_own_limit_only_lowers_the_pace(
    transport, pace, server, answer, most, milliseconds, limit
):
    """The limit HubSpot's headers tell is taken over where it is lower and of ten seconds."""
    server.plays(
        answer(X_HubSpot_RateLimit_Max=most, X_HubSpot_RateLimit_Interval_Milliseconds=milliseconds)
    )
    transport.read("GET", "/")
    assert pace.limit == limit
