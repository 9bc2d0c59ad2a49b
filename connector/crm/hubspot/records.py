"""HubSpot's deal records as JSON."""

import json
from dataclasses import dataclass
from typing import Any

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot.paging import Paging
from connector.model import Unread

# What is kept of a record that was set aside: enough to see what is wrong with it.
LONGEST_RAW = 1000

Scalar = str | int | float | bool | None


class Version(msgspec.Struct, rename="camel"):
    """A value that a property took."""

    timestamp: str
    value: Scalar = None
    updated_by_user_id: int | str | None = None


class Record(msgspec.Struct, rename="camel"):
    """One deal as HubSpot sends it."""

    id: str | int
    properties: dict[str, Scalar] | None = None
    properties_with_history: dict[str, list[Version]] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    archived: bool = False
    archived_at: str | None = None

    def text(self, name: str) -> str:
        """A property as text; empty where it is missing, null or empty."""
        value = (self.properties or {}).get(name)
        return "" if value is None else str(value)

    def versions(self, name: str) -> list[Version]:
        """A property's versions in HubSpot's order; none where its history was not told."""
        return (self.properties_with_history or {}).get(name, [])


class _Listing(msgspec.Struct):
    results: list[Record]
    paging: Paging | None = None


class _RawListing(msgspec.Struct):
    results: list[Any]
    paging: Paging | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one answer, what of it could not be decoded, and its paging."""

    records: tuple[Record, ...]
    unread: tuple[Unread, ...]
    paging: Paging | None


def read_records(answer: Answer) -> Records:
    """Decode a listing at once, or record by record where that fails."""
    body = answer.require_json()
    try:
        listing = msgspec.json.decode(body, type=_Listing)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read_one_by_one(answer, body)
    return Records(tuple(listing.results), (), listing.paging)


def _read_one_by_one(answer: Answer, body: bytes) -> Records:
    """Decode what the strict decoder refuses, so that one bad record does not cost its page.

    The standard decoder takes NaN and lone surrogates; the records that hold them are set aside.
    """
    try:
        listing = msgspec.convert(json.loads(body), type=_RawListing)
    except (ValueError, RecursionError) as fault:
        raise answer.bad(fault) from fault
    records, unread = [], []
    for raw in listing.results:
        try:
            records.append(msgspec.json.decode(json.dumps(raw, allow_nan=False), type=Record))
        except ValueError as fault:
            unread.append(_set_aside(raw, str(fault)))
    return Records(tuple(records), tuple(unread), listing.paging)


def _set_aside(raw: Any, reason: str) -> Unread:
    record = str(raw.get("id", "?")) if isinstance(raw, dict) else "?"
    return Unread(record, None, reason, json.dumps(raw)[:LONGEST_RAW])
