"""Pages that do not arrive whole, or not as they were: none is ever taken for one."""

import gzip
import resource
import zlib

import pytest
import urllib3

from connector.crm.answers import Answer
from connector.crm.hubspot import endpoints
from connector.crm.hubspot.exchanges import PoolExchanges
from connector.crm.hubspot.records import read_records
from connector.crm.pace import Pace
from connector.crm.transport import Bounds, Transport
from connector.errors import BadAnswer, CrmError, UnknownOutcome, Unreachable
from connector.sandbox import Portal, Sandbox

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def page() -> bytes:
    """A real page with the histories of two deals."""
    portal = Portal()
    for name in ("Vann", "Damp"):
        deal = portal.add_deal({"dealname": name, "amount": "10.5"}).id
        portal.set(deal, "amount", "20")
    with Sandbox(portal) as sandbox:
        listing = f"{sandbox.url}{endpoints.DEALS}?propertiesWithHistory=amount"
        key = {"Authorization": "Bearer pat-sandbox-read"}
        return urllib3.request("GET", listing, headers=key).data


@pytest.fixture
def once(server) -> Transport:
    """A transport that asks once and gives up."""
    headers = {"Authorization": "Bearer pat-x"}
    bounds = Bounds(connect=1.0, exchange=5.0, attempts=1)
    pool = urllib3.PoolManager()
    exchanges = PoolExchanges(server.url, pool, headers, bounds)
    return Transport("HubSpot", exchanges, Pace(10**6, 10.0), bounds=bounds)


def read(transport: Transport) -> int:
    return len(read_records(transport.read("GET", "/deals")).records)


def until_closed(head: str, body: bytes):
    return lambda connection: connection.sendall(head.encode() + b"\r\n" + body)


def lengths(cut: bytes, page: bytes) -> list[str]:
    """What may be said of the length of a page that was cut."""
    return [f"Content-Length: {len(page)}\r\n", f"Content-Length: {len(cut)}\r\n", ""]


def test_a_page_cut_at_any_byte_is_refused(once, server, page):
    """Wherever a page ends, and whatever its length is said to be, it is whole or an error."""
    assert len(page) > 300
    server.plays(until_closed(HEAD, page))
    assert read(once) == 2
    step = 1 + len(page) // 200  # over HTTP not quite every byte; the next test takes them all
    for end in [*range(0, len(page), step), *range(len(page) - 20, len(page))]:
        for length in lengths(page[:end], page):
            server.plays(until_closed(HEAD + length, page[:end]))
            with pytest.raises((BadAnswer, Unreachable)):
                read(once)


def test_a_page_cut_at_any_byte_cannot_be_read(page):
    """No beginning of a page decodes as a page of fewer deals."""
    told = {"Content-Type": "application/json"}
    for end in range(len(page)):
        with pytest.raises(BadAnswer):
            read_records(Answer("HubSpot", "GET /deals", 200, told, page[:end]))


def test_a_page_in_a_chunk_cut_at_any_byte_is_refused(once, server, page):
    """The chunks of a page must be whole, too, and the last one must be there."""
    sent = b"%x\r\n%s\r\n0\r\n\r\n" % (len(page), page)
    server.plays(until_closed(HEAD + "Transfer-Encoding: chunked\r\n", sent))
    assert read(once) == 2
    for end in [*range(0, len(sent) - 5, 97), *range(len(sent) - 30, len(sent) - 4)]:
        server.plays(until_closed(HEAD + "Transfer-Encoding: chunked\r\n", sent[:end]))
        with pytest.raises((BadAnswer, Unreachable)):
            read(once)


# --- packed answers -------------------------------------------------------------------------------


def test_pages_are_asked_for_packed_and_unpacked(once, server, answer, page):
    """A page travels as gzip and is the same when it is here."""
    server.plays(answer(gzip.compress(page), Content_Encoding="gzip"), answer(page))
    assert once.read("GET", "/").body == once.read("GET", "/").body == page
    assert server.asked[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_packed_page_that_breaks_off_is_refused(once, server, answer, page, share):
    """A gzip that ends early under a right length is refused, with the cause."""
    packed = gzip.compress(page)
    server.plays(answer(packed[: int(len(packed) * share)], Content_Encoding="gzip"))
    with pytest.raises(BadAnswer, match="unreadable: its gzip breaks off"):
        once.read("GET", "/deals")


def test_a_refusal_is_understood_though_its_packing_is_broken(once, server, answer):
    """A status says enough: a 400 with a bad body is a refusal, and never a page."""
    server.plays(answer(b"no gzip", 400, Content_Encoding="gzip"))
    with pytest.raises(CrmError, match=r"refused GET /deals \(400\): no reason was given"):
        once.read("GET", "/deals")


def test_a_write_whose_answer_cannot_be_unpacked_is_unknown(once, server, answer):
    """What was written is not known from an answer that cannot be read."""
    server.plays(answer(b"no gzip", Content_Encoding="gzip"))
    with pytest.raises(UnknownOutcome):
        once.write("PATCH", "/", {})


def test_a_bomb_costs_no_memory(once, server, answer):
    """A quarter of a gigabyte in a small answer is refused, and hardly any of it is held."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(256))
    server.plays(answer(bomb, Content_Encoding="gzip"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadAnswer, match="which no page does"):
        once.read("GET", "/deals")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"results": [' + b'{"a":' * 100_000])
def test_deep_nesting_is_refused(once, server, answer, body):
    """Brackets without end do not crash the reader."""
    server.plays(answer(body))
    with pytest.raises(BadAnswer):
        read(once)


def test_a_page_of_a_proxy_is_named(once, server, answer):
    """A sign-in page in place of deals is called what it is."""
    server.plays(answer(b"<html>Sign in</html>", Content_Type="text/html; charset=utf-8"))
    with pytest.raises(BadAnswer, match=r"a web page .* probably of a proxy on the way"):
        read(once)
