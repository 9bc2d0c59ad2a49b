"""HubSpot's deal records with property histories, turned into deals with changes.

A record that cannot be a deal is set aside, and so is a single value of it that makes no sense; the
rest of the page, or of the record, stands.
"""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

import msgspec

from connector.crm import values
from connector.crm.hubspot.decoding import LONGEST_RAW
from connector.crm.hubspot.records import AnyRecord, Scalar, TextVersion, Version
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What one record came to: a deal or none, deals merged into it, and what was set aside."""

    deal: Deal | None
    merged: tuple[Merged, ...]
    unread: tuple[Unread, ...]


def read_deal(record: AnyRecord, tracked: Mapping[str, str], now: datetime) -> Reading:
    """Turn a record into a deal; `tracked` maps our fields to HubSpot's property names."""
    reader = _Reader(record, now)
    try:
        deal, merged = reader.deal(tracked), reader.merged()
    except ValueError as fault:
        raw = msgspec.json.encode(record).decode()[:LONGEST_RAW]
        return Reading(None, (), (Unread(str(record.id), None, str(fault), raw),))
    return Reading(deal, merged, tuple(reader.unread))


class _Reader:
    """Reads one record and keeps a list of the values it had to set aside.

    What makes the whole record useless raises ValueError.
    """

    def __init__(self, record: AnyRecord, now: datetime):
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
        modified = self._modified()
        return Deal(
            id=self._id,
            name=record.text("dealname"),
            created_at=created,
            modified_at=modified,
            changes=tuple(changes),
            currency=record.text("deal_currency_code"),
            home_amount=self._home_amount(),
            archived_at=self._archived(modified) if record.archived else None,
        )

    def merged(self) -> tuple[Merged, ...]:
        """The deals that went up in this one, each since the version that first names it."""
        first_named: dict[str, datetime] = {}
        for version in self._history("merged", MERGED_IDS):
            for deal_id in _ids(version.value):
                first_named.setdefault(deal_id, version.at)
        for deal_id in _ids(self._record.text(MERGED_IDS)):
            first_named.setdefault(deal_id, self._modified())
        return tuple(Merged(deal_id, self._id, at) for deal_id, at in first_named.items())

    def _changes(self, field: str, name: str, created: datetime) -> list[Change]:
        """One property's history, closed by its present value where it does not end in it."""
        versions = self._history(field, name)
        canonical = _CANONICAL.get(field, _text)
        changes: list[Change] = []
        for version in versions:
            try:
                value = canonical(version.value)
            except ValueError as fault:
                self._set_aside(field, version.value, fault)
            else:
                by = version.updated_by_user_id
                changes.append(
                    Change(field, value, version.at, None, None if by is None else str(by))
                )
        properties = self._record.properties or {}
        if name in properties and not (versions and properties[name] == versions[-1].value):
            changes += self._present(field, properties[name], created, changes)
        return changes

    def _present(
        self, field: str, raw: Scalar, created: datetime, changes: list[Change]
    ) -> list[Change]:
        """The change to the present value, somewhere between the last one and now."""
        last = changes[-1] if changes else Change(field, None, created)
        try:
            value = _CANONICAL.get(field, _text)(raw)
        except ValueError as fault:
            self._set_aside(field, raw, fault)
            return []
        seen_at = max(self._now, last.at)
        return [] if value == last.value else [Change(field, value, seen_at, last.at)]

    def _history(self, field: str, name: str) -> list[Version]:
        """A property's versions, oldest first."""
        told = self._record.versions(name)
        if not told:
            return []
        versions = [v for v in told if isinstance(v, Version) and v.at.tzinfo is UTC]
        if len(versions) < len(told):
            versions = self._dated(field, told)
        if len(versions) > 1:
            # HubSpot sends the newest first, though no document promises it; so do ties, then.
            if versions[0].at >= versions[-1].at:
                versions.reverse()
            versions.sort(key=_AT)
        return versions

    def _dated(self, field: str, told: Iterable[Version | TextVersion]) -> list[Version]:
        """Versions with their instants in UTC, without those that nobody can date."""
        dated = []
        for each in told:
            try:
                dated.append(each.dated())
            except ValueError as fault:
                raw = each.timestamp if isinstance(each, TextVersion) else each.at.isoformat()
                self.unread.append(Unread(self._id, field, f"its timestamp {fault}", raw))
        return dated

    def _set_aside(self, field: str, raw: Scalar, fault: ValueError) -> None:
        self.unread.append(Unread(self._id, field, str(fault), str(raw)))

    def _modified(self) -> datetime:
        return self._instant("hs_lastmodifieddate", self._record.updated_at)

    def _archived(self, modified: datetime) -> datetime:
        """When the record was archived; its last modification where HubSpot does not tell."""
        try:
            return values.instant(self._record.archived_at or "")
        except ValueError:
            return modified

    def _instant(self, name: str, fallback: str | None) -> datetime:
        try:
            return values.instant(self._record.text(name))
        except ValueError:
            with contextlib.suppress(ValueError):
                return values.instant(fallback or "")
        raise ValueError(f"its {name} is not a date")

    def _home_amount(self) -> str | None:
        raw = self._record.text("amount_in_home_currency")
        try:
            return values.amount(raw) if raw else None
        except ValueError as fault:
            self.unread.append(Unread(self._id, "home_amount", str(fault), raw))
            return None


def _text(raw: Scalar) -> str | None:
    """A raw value as text, None where it is empty."""
    return None if raw is None else str(raw) or None


def _amount(raw: Scalar) -> str | None:
    text = _text(raw)
    return text and values.amount(text)


def _date(raw: Scalar) -> str | None:
    text = _text(raw)
    return text and values.date_text(text)


# What a field's raw values are in canonical text; raises ValueError where they make no sense.
_CANONICAL: Mapping[str, Callable[[Scalar], str | None]] = {
    Field.AMOUNT: _amount,
    Field.CLOSE_DATE: _date,
}
_AT = attrgetter("at")


def _ids(value: Scalar) -> list[str]:
    return [part for part in str(value or "").split(";") if part]
