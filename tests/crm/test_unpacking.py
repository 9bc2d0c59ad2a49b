import gzip
import itertools
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm.unpacking import NotUnpacked, unpacked

PAGE = b'{"results": [' + b",".join(b'{"id": "%d"}' % n for n in range(500)) + b"]}"


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@given(st.binary(max_size=2000), st.integers(1, 700), st.sampled_from(["gzip", "X-Gzip", ""]))
def test_a_body_comes_out_as_it_was(body: bytes, size: int, encoding: str):
    """Packed or not, and however it is cut into pieces on the way, a body stays the same."""
    sent = gzip.compress(body) if encoding else body
    assert unpacked(pieces(sent, size), encoding, 2000) == body


def test_a_gzip_that_breaks_off_anywhere_is_refused():
    """No part of a packed body is taken for the whole."""
    sent = gzip.compress(PAGE)
    for end in range(1, len(sent)):
        with pytest.raises(NotUnpacked, match="breaks off"):
            unpacked(pieces(sent[:end], 100), "gzip", 10**6)


@pytest.mark.parametrize(
    ("sent", "encoding", "why"),
    [
        (PAGE, "gzip", "gzip is broken"),
        (gzip.compress(PAGE)[:50] + b"\xff" * 400, "gzip", "gzip is broken"),
        (gzip.compress(PAGE) + b"more", "gzip", "ends before the answer does"),
        (gzip.compress(PAGE) * 2, "gzip", "ends before the answer does"),
        (zlib.compress(PAGE), "gzip", "gzip is broken"),
        (zlib.compress(PAGE), "deflate", "packed as deflate"),
        (PAGE, "br", "packed as br, which was not asked for"),
        (gzip.compress(gzip.compress(PAGE)), "gzip, gzip", "packed as gzip, gzip"),
    ],
)
def test_what_is_packed_badly_is_refused(sent: bytes, encoding: str, why: str):
    """Every way a packed body can be wrong is named."""
    with pytest.raises(NotUnpacked, match=why):
        unpacked(pieces(sent, 1000), encoding, 10**6)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_the_unpacked_size_is_limited(encoding: str):
    """What counts is the size of the body, not that of its packing."""
    sent = gzip.compress(PAGE) if encoding else PAGE
    assert unpacked([sent], encoding, len(PAGE)) == PAGE
    with pytest.raises(NotUnpacked, match=f"more than {len(PAGE) - 1} bytes"):
        unpacked([sent], encoding, len(PAGE) - 1)


def test_a_bomb_does_not_go_off():
    """Gigabytes of nothing in a small answer cost a few megabytes, and no more is read of it."""
    packer = zlib.compressobj(9, wbits=31)
    megabyte = bytes(2**20)
    arriving = (packer.compress(megabyte) for _ in range(4096))
    tracemalloc.start()
    with pytest.raises(NotUnpacked, match="which no page does"):
        unpacked(filter(None, arriving), "gzip", 32 * 2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20
    assert sum(1 for _ in itertools.islice(arriving, 1)) == 1


def test_a_large_page_of_repetitions_is_no_bomb():
    """Long names and long histories shrink a lot, and are still read."""
    page = b"[" + b'"' + b"x" * 3_900_000 + b'"' + b"]"
    assert unpacked([gzip.compress(page)], "gzip", 32 * 2**20) == page
