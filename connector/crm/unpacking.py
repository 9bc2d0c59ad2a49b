"""The body of an answer, unpacked as it arrives, so that no more of it is held than a page has."""

import zlib
from collections.abc import Iterable, Iterator

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 2**18

# Deal histories shrink to a tenth, at times to a fiftieth. What shrinks much more than that is no
# page, and a bomb is told by it long before it has grown to the size the largest page may have.
_SUSPECT_SIZE = 4 * 2**20
_SUSPECT_RATIO = 200


class NotUnpacked(Exception):
    """A body that is no page; the message says what is wrong with it."""


def unpacked(arriving: Iterable[bytes], encoding: str, most: int) -> bytes:
    """The whole body; `NotUnpacked` where it is too long, cut off or packed in another way.

    `encoding` is the answer's Content-Encoding, `most` the bytes it may have when unpacked.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return _within(arriving, most)
        case "gzip" | "x-gzip":
            return _within(_gunzipped(arriving), most)
    raise NotUnpacked(f"it is packed as {encoding}, which was not asked for")


def _within(pieces: Iterable[bytes], most: int) -> bytes:
    kept, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise NotUnpacked(f"it has more than {most} bytes, which no page has")
        kept.append(piece)
    return b"".join(kept)


def _gunzipped(arriving: Iterable[bytes]) -> Iterator[bytes]:
    gunzip = zlib.decompressobj(_GZIP)
    packed = size = 0
    for chunk in arriving:
        packed += len(chunk)
        left = chunk
        while left:
            piece = _piece(gunzip, left)
            size += len(piece)
            if size > max(_SUSPECT_SIZE, packed * _SUSPECT_RATIO):
                raise NotUnpacked(
                    f"{packed} bytes of it unpack to more than {size}, which no page does"
                )
            yield piece
            left = gunzip.unconsumed_tail
    if packed and not gunzip.eof:
        raise NotUnpacked("its gzip breaks off")


def _piece(gunzip: "zlib._Decompress", chunk: bytes) -> bytes:
    try:
        piece = gunzip.decompress(chunk, _PIECE)
    except zlib.error as fault:
        raise NotUnpacked(f"its gzip is broken ({fault})") from fault
    if gunzip.unused_data:
        raise NotUnpacked("its gzip ends before the answer does")
    return piece
