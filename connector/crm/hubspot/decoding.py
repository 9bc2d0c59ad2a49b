"""How every listing of HubSpot's is decoded: record by record, so that a bad one costs itself."""

import contextlib
import json
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot.paging import Paging
from connector.model import UNKNOWN, Unread

# What is kept of a record that was set aside: enough to see what is wrong with it.
LONGEST_RAW = 1000

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class Decoded(Generic[Shape]):
    """The records of one answer, what of it could not be decoded, and its paging."""

    records: tuple[Shape, ...]
    unread: tuple[Unread, ...]
    paging: Paging | None


class _Listing(msgspec.Struct, Generic[Shape]):
    results: tuple[Shape, ...]
    paging: Paging | None = None


def decode_each(answer: Answer, *shapes: type[Shape]) -> Decoded[Shape]:
    """The records of a listing, in the first shape that all of them have, else one by one.

    The last shape is the one that takes most.
    """
    body = answer.require_json()
    for shape in shapes:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            listing = _listing_of(shape).decode(body)  # type: ignore[arg-type]
            return Decoded(listing.results, (), listing.paging)
    return _one_by_one(answer, body, shapes[-1])


# Making a decoder takes longer than decoding a page.
@cache
def _listing_of(shape: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_Listing[shape])  # type: ignore[valid-type]


def _one_by_one(answer: Answer, body: bytes, shape: type[Shape]) -> Decoded[Shape]:
    """Decode what the strict decoder refuses, so that one bad record does not cost its page.

    The standard decoder takes NaN and lone surrogates; the records that hold them are set aside.
    """
    try:
        listing = msgspec.convert(json.loads(body), type=_Listing[Any])
    except (ValueError, RecursionError) as fault:
        raise answer.bad(fault) from fault
    decoder = msgspec.json.Decoder(shape)
    records, unread = [], []
    for raw in listing.results:
        try:
            records.append(decoder.decode(json.dumps(raw, allow_nan=False)))
        except ValueError as fault:
            unread.append(_set_aside(raw, str(fault)))
    return Decoded(tuple(records), tuple(unread), listing.paging)


def _set_aside(raw: Any, reason: str) -> Unread:
    record = str(raw.get("id", UNKNOWN)) if isinstance(raw, dict) else UNKNOWN
    return Unread(record, None, reason, json.dumps(raw)[:LONGEST_RAW])
