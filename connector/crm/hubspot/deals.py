"""HubSpot's deal records with property histories, turned into deals with changes.

A record that cannot be a deal is set aside, and so is a single value of it that makes no sense; the
rest of the page, or of the record, stands.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from connector.crm import values
from connector.crm.answers import Answer
from connector.crm.hubspot.paging import Paging
from connector.model import Change, Deal, Field, Merged, Unread

PROPERTY_OF = {
    Field.STAGE: "dealstage",
    Field.PIPELINE: "pipeline",
    Field.AMOUNT: "amount",
    Field.CLOSE_DATE: "closedate",
    Field.OWNER: "hubspot_owner_id",
    Field.FORECAST_CATEGORY: "hs_manual_forecast_category",
}
MERGED_IDS = "hs_merged_object_ids"
PLAIN_PROPERTIES = (
    "dealname",
    "createdate",
    "hs_lastmodifieddate",
    "deal_currency_code",
    "amount_in_home_currency",
)

_CANONICAL: Mapping[str, Callable[[str], str]] = {
    Field.AMOUNT: values.amount,
    Field.CLOSE_DATE: values.date_text,
}

Scalar = str | int | float | bool | None


class _Version(msgspec.Struct, rename="camel"):
    timestamp: str
    value: Scalar = None
    updated_by_user_id: int | str | None = None


class Record(msgspec.Struct, rename="camel"):
    """One deal as HubSpot sends it."""

    id: str | int
    properties: dict[str, Scalar] | None = None
    properties_with_history: dict[str, list[_Version]] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    archived: bool = False
    archived_at: str | None = None

    def text(self, name: str) -> str:
        """A property as text; empty where it is missing, null or empty."""
        value = (self.properties or {}).get(name)
        return "" if value is None else str(value)

    def versions(self, name: str) -> list[tuple[datetime, _Version]]:
        """A property's versions with their instants, oldest first."""
        versions = (self.properties_with_history or {}).get(name, [])
        dated = [(values.instant(version.timestamp), version) for version in versions]
        # HubSpot sends the newest first, though no document promises it; so do ties, then.
        if dated and dated[0][0] >= dated[-1][0]:
            dated.reverse()
        return sorted(dated, key=lambda pair: pair[0])


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
    return Unread(record, None, reason, json.dumps(raw)[:1000])


@dataclass(frozen=True, slots=True)
class Reading:
    """What one record came to: a deal or none, deals merged into it, and what was set aside."""

    deal: Deal | None
    merged: tuple[Merged, ...]
    unread: tuple[Unread, ...]


def read_deal(record: Record, tracked: Mapping[str, str], now: datetime) -> Reading:
    """Turn a record into a deal; `tracked` maps our fields to HubSpot's property names."""
    reader = _Reader(record, now)
    try:
        deal, merged = reader.deal(tracked), reader.merged()
    except ValueError as fault:
        return Reading(None, (), (Unread(str(record.id), None, str(fault), ""),))
    return Reading(deal, merged, tuple(reader.unread))


class _Reader:
    """Reads one record and keeps a list of the values it had to set aside.

    What makes the whole record useless raises ValueError.
    """

    def __init__(self, record: Record, now: datetime):
        self.unread: list[Unread] = []
        self._record = record
        self._now = now
        self._id = str(record.id)

    def deal(self, tracked: Mapping[str, str]) -> Deal:
        """The record as a deal with all its changes."""
        record = self._record
        created = self._instant("createdate", record.created_at)
        changes = [
            change
            for field, name in tracked.items()
            for change in self._changes(field, name, created)
        ]
        if not any(change.field == Field.STAGE and change.value for change in changes):
            raise ValueError("it is in no stage")
        return Deal(
            id=self._id,
            name=record.text("dealname"),
            created_at=created,
            modified_at=self._instant("hs_lastmodifieddate", record.updated_at),
            changes=tuple(changes),
            currency=record.text("deal_currency_code"),
            home_amount=self._home_amount(),
            archived_at=self._instant("", record.archived_at) if record.archived else None,
        )

    def merged(self) -> tuple[Merged, ...]:
        """The deals that went up in this one, each since the version that first names it."""
        first_named: dict[str, datetime] = {}
        for at, version in self._record.versions(MERGED_IDS):
            for deal_id in _ids(version.value):
                first_named.setdefault(deal_id, at)
        for deal_id in _ids(self._record.text(MERGED_IDS)):
            if deal_id not in first_named:
                modified = self._instant("hs_lastmodifieddate", self._record.updated_at)
                first_named[deal_id] = modified
        return tuple(Merged(deal_id, self._id, at) for deal_id, at in first_named.items())

    def _changes(self, field: str, name: str, created: datetime) -> list[Change]:
        """One property's history, closed by its present value where it does not end in it."""
        versions = self._record.versions(name)
        changes = [
            change
            for at, version in versions
            for change in self._change(field, version.value, at, by=_user(version))
        ]
        properties = self._record.properties or {}
        if name not in properties or (versions and properties[name] == versions[-1][1].value):
            return changes
        last = changes[-1] if changes else Change(field, None, created)
        seen_at = max(self._now, last.at)
        present = self._change(field, properties[name], seen_at, not_before=last.at)
        return changes + [change for change in present if change.value != last.value]

    def _change(
        self,
        field: str,
        raw: Scalar,
        at: datetime,
        *,
        not_before: datetime | None = None,
        by: str | None = None,
    ) -> list[Change]:
        """The change to a raw value, or none where the value had to be set aside."""
        try:
            return [Change(field, _canonical(field, raw), at, not_before, by)]
        except ValueError as fault:
            self.unread.append(Unread(self._id, field, str(fault), str(raw)))
            return []

    def _instant(self, name: str, fallback: str | None) -> datetime:
        for text in (self._record.text(name), fallback or ""):
            with contextlib.suppress(ValueError):
                return values.instant(text)
        raise ValueError(f"its {name or 'archivedAt'} is not a date")

    def _home_amount(self) -> str | None:
        raw = self._record.text("amount_in_home_currency")
        try:
            return values.amount(raw) if raw else None
        except ValueError as fault:
            self.unread.append(Unread(self._id, "home_amount", str(fault), raw))
            return None


def _canonical(field: str, raw: Scalar) -> str | None:
    text = "" if raw is None else str(raw)
    return _CANONICAL.get(field, str)(text) if text else None


def _user(version: _Version) -> str | None:
    return None if version.updated_by_user_id is None else str(version.updated_by_user_id)


def _ids(value: Scalar) -> list[str]:
    return [part for part in str(value or "").split(";") if part]
