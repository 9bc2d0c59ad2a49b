"""Nutshell's leads and their events, turned into deals with changes.

A lead that cannot be a deal is set aside, and so is a single value of it that makes no sense; the
rest of the page, or of the lead, stands.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.crm.nutshell import shapes
from connector.crm.nutshell.attributes import Attributes, currency_of
from connector.crm.nutshell.eventlog import EventLog
from connector.crm.nutshell.events import Told, after
from connector.crm.nutshell.names import Names
from connector.crm.nutshell.shapes import Record
from connector.crm.nutshell.statuses import Status, read_status
from connector.crm.nutshell.timeline import Position, pipeline_changes, stage_changes
from connector.model import BEGINNING, UNKNOWN, Change, Deal, Unread

# So many milliseconds an event may turn up behind a newer one of its lead. Less than the hour by
# which pulls overlap, so that a night looks at the same events as the pull before it did.
_MAY_BE_LATE = 30 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Reading:
    """What one lead came to: a deal or none, and what was set aside."""

    deal: Deal | None
    unread: tuple[Unread, ...]


class LeadReader:
    """Reads the leads of one account; `pipeline_of` says which pipeline a stage belongs to."""

    def __init__(
        self, attributes: Attributes, names: Names, pipeline_of: Callable[[str], str | None]
    ):
        self._attributes = attributes
        self._names = names
        self._pipeline_of = pipeline_of

    def read(self, raw: Any, log: EventLog, now: datetime) -> Reading:
        """A lead with what the log tells of it."""
        remote = UNKNOWN
        try:
            record = _object(raw)
            remote = shapes.record_id(record, "leads")
            return self._lead(remote, record, log, now)
        except (ValueError, RecursionError) as fault:
            return Reading(None, (Unread(remote, None, str(fault), shapes.quoted(raw)),))

    def _lead(self, remote: str, record: Record, log: EventLog, now: datetime) -> Reading:
        told = log.of(remote)
        created = _created(record, told)
        position = self._position(record, created, now, log)
        stages = stage_changes(told, position, self._pipeline_of)
        if not stages:
            raise ValueError("it is in no stage")
        pipelines = pipeline_changes(stages, position, self._pipeline_of)
        fields = _Fields(remote, record, told, self._attributes, position)
        deal = Deal(
            id=remote,
            name=shapes.text(record.get("name")),
            created_at=created,
            modified_at=modified_at(told) or created,
            changes=(*stages, *pipelines, *fields.changes()),
            currency=currency_of(record),
            archived_at=_deleted(record, now),
            whole=log.whole,
        )
        return Reading(deal, (*log.unread(remote), *fields.unread))

    def _position(
        self, record: Record, created: datetime, now: datetime, log: EventLog
    ) -> Position:
        links = _links(record)
        stage = _stage(links.get("stage"))
        pipeline = shapes.link(links.get("stageset"), "stagesets")
        back, closed = log.reaches_back_to, _closed(record)
        return Position(
            status=self._status(record),
            stage=stage,
            pipeline=pipeline or self._pipeline_of(stage or ""),
            created=created,
            closed=None if closed is None else max(closed, created),
            now=now,
            since=None if back is None else BEGINNING + timedelta(milliseconds=back),
            partial=not log.whole,
        )

    def _status(self, record: Record) -> Status:
        """What became of a lead; where its status is none we know, its outcome tells it.

        Whatever it is called, a lead without outcome that was not closed is open.
        """
        known = read_status(record.get("status"))
        outcome = shapes.linked(record).get("outcome", record.get("outcome"))
        if known is None and outcome:
            known = self._names.outcomes.status(outcome)
        if known is None and _closed(record) is not None:
            raise ValueError(f"nobody knows what its status {record.get('status')!r} means")
        return known or Status.OPEN


class _Fields:
    """The tracked fields of one lead but for its stage; keeps a list of what was set aside."""

    def __init__(
        self,
        remote: str,
        record: Record,
        told: list[Told],
        attributes: Attributes,
        position: Position,
    ):
        self.unread: list[Unread] = [
            Unread(remote, field, reason, raw)
            for event in told
            for field, reason, raw in event.unread
        ]
        self._id = remote
        self._record = record
        self._told = told
        self._attributes = attributes
        self._position = position

    def changes(self) -> list[Change]:
        """The history of each field as events tell it, closed by its present value."""
        history: dict[str, list[Change]] = {field: [] for field in self._attributes.fields}
        for event in self._told:
            at = BEGINNING + timedelta(milliseconds=event.at)
            for name, value in event.changes:
                field = after(name)
                if (changes := history.get(field)) is None:
                    continue
                if name == field and value != (changes[-1].value if changes else None):
                    changes.append(Change(field, value, at, None, event.by))
                elif name != field and value is not None and not changes:
                    changes.append(self._position.before(field, value, at))
        return [
            change
            for field, changes in history.items()
            for change in (*changes, *self._present(field, changes))
        ]

    def _present(self, field: str, changes: list[Change]) -> list[Change]:
        """The change to the present value, somewhere between the last one and now.

        Of a partial history it is always told: what was known may have ended since.
        """
        raw = self._attributes.of_lead(field, self._record)
        try:
            value = self._attributes.canonical(field, raw)
        except ValueError as fault:
            self.unread.append(Unread(self._id, field, str(fault), shapes.quoted(raw)))
            return []
        last = changes[-1] if changes else Change(field, None, self._position.created)
        if value == last.value and (changes or not self._position.partial):
            return []
        return [Change(field, value, max(self._position.now, last.at), last.at)]


def modified_at(told: list[Told]) -> datetime | None:
    """The instant of a lead's newest event, and milliseconds by the numbers of its latest events.

    Nutshell has whole seconds (INFERRED, 2026-11), in which there may be several events, and one
    with a lower number may turn up behind the newest; the milliseconds tell a lead that was read
    before such an event from one that was read after it.
    """
    newest = max(told, key=lambda each: each.id, default=None)
    if newest is None:
        return None
    latest = {each.id for each in told if each.at >= newest.at - _MAY_BE_LATE}
    return BEGINNING + timedelta(milliseconds=newest.at // 1000 * 1000 + sum(latest) % 1000)


def _object(raw: Any) -> Record:
    if not isinstance(raw, dict):
        raise ValueError("it is no object")
    return raw


def _created(record: Record, told: list[Told]) -> datetime:
    try:
        return shapes.instant(record.get("createdTime"))
    except ValueError:
        if told:
            return BEGINNING + timedelta(milliseconds=told[0].at)
    raise ValueError("its createdTime is not a date")


def _links(record: Record) -> Record:
    """The links of a lead; unreadable ones are not taken for a lead of nobody's."""
    raw = record.get("links")
    if isinstance(raw, dict) or raw in (None, "", []):
        return shapes.linked(record)
    raise ValueError("its links are no object")


def _stage(raw: Any) -> str | None:
    found = shapes.link(raw, "stages")
    if found is None and raw not in (None, "", [], {}):
        raise ValueError(f"its stage {raw!r} is no id")
    return found


def _closed(record: Record) -> datetime | None:
    raw = record.get("closedTime")
    if raw in (None, "", [], {}):
        return None
    try:
        return shapes.instant(raw)
    except ValueError:
        raise ValueError("its closedTime is not a date") from None


def _deleted(record: Record, now: datetime) -> datetime | None:
    """When a lead was deleted; now where it does not say when."""
    raw = record.get("deletedTime")
    if raw in (None, "", False, [], {}):
        return None
    with contextlib.suppress(ValueError):
        return shapes.instant(raw)
    return now
