"""Answers that break on their way, as a plain client sees them."""

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests

from connector.sandbox import Fault, Hits, Sandbox, wire
from connector.sandbox.wire import Framing

DETAILS = "/account-info/v3/details"
ASKED = f"GET {DETAILS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pat-sandbox-read\r\n\r\n"
KEY = {"Authorization": "Bearer pat-sandbox-read"}
ALWAYS = Hits()


@pytest.fixture
def struck(portal, clock) -> Iterator[Callable[..., str]]:
    """Serves the portal with one fault and tells the address."""
    open_ones = []

    def serve(effect, hits=ALWAYS) -> str:
        open_ones.append(Sandbox(portal, clock=clock, faults=[Fault(effect, hits)]).__enter__())
        return open_ones[-1].url

    yield serve
    for sandbox in open_ones:
        sandbox.__exit__(None, None, None)


def heard(url: str, seconds: float = 0.3) -> tuple[bytes, str]:
    """Every byte that comes in so many seconds, and how it ends: closed, reset or silent."""
    address = urlsplit(url)
    data = b""
    with socket.create_connection((address.hostname, address.port), timeout=seconds) as connection:
        connection.sendall(ASKED.encode())
        while True:
            try:
                part = connection.recv(65_536)
            except TimeoutError:
                return data, "silent"
            except ConnectionResetError:
                return data, "reset"
            if not part:
                return data, "closed"
            data += part


def body_of(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]


def test_without_faults_every_byte_is_the_calm_one(struck, hub):
    """A fault that strikes nothing changes nothing."""
    url = struck(wire.body(b"{}"), Hits(first=99))
    calm, _ = heard(hub.sandbox.url)
    odd, _ = heard(url)
    assert [line for line in odd.split(b"\r\n") if b"Correlation" not in line] == [
        line for line in calm.split(b"\r\n") if b"Correlation" not in line
    ]


def test_a_stall_before_the_headers(struck):
    """Not a byte comes, and the connection stays open."""
    assert heard(struck(wire.stall(head=False))) == (b"", "silent")


def test_a_stall_in_the_body(struck):
    """The headers and some bytes come, then nothing."""
    data, ending = heard(struck(wire.stall(stop=10)))
    assert (len(body_of(data)), ending) == (10, "silent")


def test_a_drip(struck):
    """Bytes come one by one, all of them in the end, headers first."""
    url = struck(wire.drip(0.002))
    began = time.monotonic()
    answer = requests.get(url + DETAILS, headers=KEY, timeout=10)
    assert answer.json()["portalName"] == "Sandbox"
    assert time.monotonic() - began > 0.002 * len(answer.content)


def test_a_reset(struck):
    """The connection ends without a goodbye, within the body."""
    data, ending = heard(struck(wire.reset(20)))
    assert len(body_of(data)) <= 20
    assert ending == "reset"


@pytest.mark.parametrize(
    ("framing", "told"), [(Framing.LYING, True), (Framing.HONEST, True), (Framing.CLOSED, False)]
)
def test_a_cut(struck, framing, told):
    """A body stops at a byte, and what the headers say of its length is the framing."""
    data, ending = heard(struck(wire.cut(30, framing)))
    assert len(body_of(data)) == 30
    assert (b"Content-Length: 30" in data) == (framing is Framing.HONEST)
    assert (b"Content-Length" in data) == told
    assert ending == ("silent" if framing is Framing.HONEST else "closed")


def test_away(struck):
    """For a while connections are refused, on a port that is the same afterwards."""
    url = struck(wire.away(0.3), Hits(times=1))
    with pytest.raises(requests.ConnectionError):
        requests.get(url + DETAILS, headers=KEY, timeout=5)
    time.sleep(0.1)
    address = urlsplit(url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=5)
    time.sleep(0.6)
    assert requests.get(url + DETAILS, headers=KEY, timeout=5).status_code == 200


def test_a_sandbox_can_end_while_it_is_away(portal):
    """Leaving does not wait until the server is back."""
    began = time.monotonic()
    with Sandbox(portal, faults=[Fault(wire.away(30))]) as sandbox:
        with pytest.raises(requests.ConnectionError):
            requests.get(sandbox.url + DETAILS, headers=KEY, timeout=5)
        time.sleep(0.1)
    assert time.monotonic() - began < 5


def test_other_bodies(struck):
    """HTML, nothing and another content type, all with status 200."""
    html = requests.get(struck(wire.body(wire.HTML, "text/html")) + DETAILS, headers=KEY, timeout=5)
    empty = requests.get(struck(wire.body(b"")) + DETAILS, headers=KEY, timeout=5)
    typed = requests.get(struck(wire.typed("text/plain")) + DETAILS, headers=KEY, timeout=5)
    assert (html.status_code, html.headers["Content-Type"]) == (200, "text/html")
    assert (empty.status_code, empty.content) == (200, b"")
    assert (typed.headers["Content-Type"], typed.json()["portalName"]) == ("text/plain", "Sandbox")


@pytest.mark.parametrize("charset", ["latin-1", "utf-16"])
def test_other_encodings(struck, portal, charset):
    """The calm answer in other bytes, under the same header."""
    portal.name = "Måleteknikk"
    answer = requests.get(struck(wire.encoded(charset)) + DETAILS, headers=KEY, timeout=5)
    assert json.loads(answer.content.decode(charset))["portalName"] == "Måleteknikk"
    assert "utf-8" in answer.headers["Content-Type"]


def test_compression_done_right(struck):
    """A compressed answer says what the calm one does."""
    answer = requests.get(struck(wire.packed) + DETAILS, headers=KEY, timeout=5)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json()["portalName"] == "Sandbox"


def test_a_bomb_is_small_on_the_wire():
    """The bomb is a whole gzip stream of valid JSON, a thousandth of its size."""
    stream = wire._blanks(4 * 2**20)
    assert json.loads(gzip.decompress(stream)) == {"results": []}
    assert len(stream) < 4 * 2**20 / 500


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_is_off(struck, clock, days):
    """The Date header is a day ahead or behind, and nothing else is."""
    answer = requests.get(
        struck(wire.dated(timedelta(days=days))) + DETAILS, headers=KEY, timeout=5
    )
    assert parsedate_to_datetime(answer.headers["Date"]) - clock.now() == timedelta(days=days)
