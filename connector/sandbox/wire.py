"""What can happen to an answer of any server on its way: effects that know no CRM."""

import gzip
import zlib
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from enum import StrEnum
from functools import cache

from connector.sandbox.delivery import Delivery, Ending
from connector.sandbox.faults import Effect, Strike
from connector.sandbox.http import Response

HTML = b"<!DOCTYPE html><html><body><h1>Sign in to the guest network</h1></body></html>"


def delivered(how: Delivery) -> Effect:
    """The calm answer, sent in another way."""
    return lambda strike: replace(strike.answer(), delivery=how)


def stall(*, head: bool = True, stop: int = 0) -> Effect:
    """So many bytes of the body, or not even the headers, and then nothing more."""
    return delivered(Delivery(head=head, stop=stop, ending=Ending.SILENT))


def drip(seconds: float) -> Effect:
    """A byte every so many seconds."""
    return delivered(Delivery(pause=seconds))


def away(seconds: float) -> Effect:
    """A reset, and connections refused for a while."""
    return delivered(Delivery(head=False, ending=Ending.RESET, away=seconds))


class Framing(StrEnum):
    """How an answer says where its body ends."""

    LYING = "lying"  # Content-Length promises the whole body
    HONEST = "honest"  # Content-Length is of the bytes that are sent
    CLOSED = "closed"  # the end of the connection is the end of the body


def cut(at: int | None = None, framing: Framing = Framing.LYING) -> Effect:
    """The body up to a byte, or up to a seeded one, and then an orderly end."""

    def effect(strike: Strike) -> Response:
        whole = strike.answer()
        stop = _place(strike, whole, at)
        if framing is Framing.HONEST:
            return replace(whole, body=whole.body[:stop])
        sized = framing is Framing.LYING
        return replace(whole, delivery=Delivery(stop=stop, sized=sized, ending=Ending.CLOSED))

    return effect


def reset(at: int | None = None) -> Effect:
    """The body up to a byte, or up to a seeded one, and then a reset of the connection."""

    def effect(strike: Strike) -> Response:
        whole = strike.answer()
        how = Delivery(stop=_place(strike, whole, at), ending=Ending.RESET)
        return replace(whole, delivery=how)

    return effect


def _place(strike: Strike, whole: Response, at: int | None) -> int:
    return strike.chance.randrange(max(1, len(whole.body))) if at is None else at


def body(content: bytes, content_type: str = "application/json;charset=utf-8") -> Effect:
    """A 200 with this body, whatever was asked."""
    return lambda strike: Response(200, content, content_type=content_type)


def typed(content_type: str) -> Effect:
    """The calm answer under another content type."""
    return lambda strike: replace(strike.answer(), content_type=content_type)


def encoded(charset: str) -> Effect:
    """The calm answer in another character set than UTF-8, without a word of it."""

    def effect(strike: Strike) -> Response:
        calm = strike.answer()
        return replace(calm, body=calm.body.decode().encode(charset, errors="replace"))

    return effect


def nested(levels: int = 100_000) -> Effect:
    """JSON nested so deep that a recursive reader falls over."""
    return body(b'{"results":' + b"[" * levels + b"]" * levels + b"}")


def packed(strike: Strike) -> Response:
    """The calm answer, compressed as it should be."""
    calm = strike.answer()
    squeezed = gzip.compress(calm.body, mtime=0)
    return replace(calm, body=squeezed, headers={**calm.headers, "Content-Encoding": "gzip"})


def bomb(size: int = 512 * 2**20) -> Effect:
    """JSON of blanks that is a thousandth of its size on the wire."""
    return lambda strike: Response(200, _blanks(size), {"Content-Encoding": "gzip"})


@cache
def _blanks(size: int) -> bytes:
    """A gzip stream that opens a listing and goes on with blanks."""
    stream, blank = zlib.compressobj(9, wbits=31), b" " * 2**20
    parts = [stream.compress(b'{"results":[')]
    parts += [stream.compress(blank) for _ in range(size // len(blank))]
    return b"".join([*parts, stream.compress(b"]}"), stream.flush()])


def dated(shift: timedelta) -> Effect:
    """The calm answer by a clock that is off."""

    def effect(strike: Strike) -> Response:
        calm, date = strike.answer(), format_datetime(strike.now + shift, usegmt=True)
        return replace(calm, headers={**calm.headers, "Date": date})

    return effect
