"""How every listing of HubSpot's is decoded: record by record, so that a bad one costs itself."""

import json
from dataclasses import dataclass
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


class _Listing(msgspec.Struct):
    results: list[msgspec.Raw]
    paging: Paging | None = None


class _LooseListing(msgspec.Struct):
    results: list[Any]
    paging: Paging | None = None


def decode_each(answer: Answer, shape: type[Shape]) -> Decoded[Shape]:
    """The records of a listing, all at once, or one by one where that fails."""
    body = answer.require_json()
    decoder = msgspec.json.Decoder(shape)
    try:
        listing = msgspec.json.decode(body, type=_Listing)
        records = tuple(map(decoder.decode, listing.results))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _one_by_one(answer, body, decoder)
    return Decoded(records, (), listing.paging)


def _one_by_one(
    answer: Answer, body: bytes, decoder: msgspec.json.Decoder[Shape]
) -> Decoded[Shape]:
    """Decode what the strict decoder refuses, so that one bad record does not cost its page.

    The standard decoder takes NaN and lone surrogates; the records that hold them are set aside.
    """
    try:
        listing = msgspec.convert(json.loads(body), type=_LooseListing)
    except (ValueError, RecursionError) as fault:
        raise answer.bad(fault) from fault
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
