"""What Nutshell's log of events tells of leads, event by event."""

from collections.abc import Iterator
from typing import Any

import msgspec

from connector.crm.nutshell import shapes
from connector.crm.nutshell.attributes import Attributes, plain_name
from connector.crm.nutshell.names import Names
from connector.crm.nutshell.shapes import Record
from connector.crm.nutshell.statuses import Status, read_status
from connector.model import Field

# What an event may tell beside the fields of a lead: what became of it.
STATUS = "status"
_BEFORE = "before "

_STAGES = {plain_name("stage"), plain_name("milestone")}


class Told(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What one event tells of a lead, in the order it was told; `at` is in epoch milliseconds.

    `unread` are values that make no sense, each with its field and the reason.
    """

    id: int
    at: int
    by: str | None
    changes: tuple[tuple[str, str | None], ...]
    unread: tuple[tuple[str, str, str], ...] = ()


def before(field: str) -> str:
    """As the name of a change: the value a field had until then."""
    return _BEFORE + field


def after(name: str) -> str:
    """The field that the name of a change is of, be it of its value then or until then."""
    return name.removeprefix(_BEFORE)


class EventReader:
    """Reads the events of one account; raises ValueError for one that cannot be dated or named."""

    def __init__(self, attributes: Attributes, names: Names):
        self._attributes = attributes
        self._names = names

    def leads(self, event: Record) -> list[str]:
        """The leads an event is about."""
        links = shapes.linked(event)
        kind = "leads" if str(event.get("payloadType")).lower().startswith("lead") else "others"
        told = shapes.links(links.get("payloads", links.get("payload")) or [], kind)
        return [remote for remote in dict.fromkeys(told) if remote.endswith("-leads")]

    def told(self, event: Record) -> Told:
        """What an event tells."""
        changes: list[tuple[str, str | None]] = []
        unread: list[tuple[str, str, str]] = []
        for change in shapes.records(_list(event.get("changes"))):
            name = plain_name(shapes.text(change.get("attribute")))
            if name in _STAGES:
                changes += _of_stage(change)
            changes += self._of_status(name, change)
            for field in self._attributes.fields_of(name):
                changes += self._of_field(field, change, unread)
        return Told(
            event_id(event),
            at_of(event),
            shapes.link(shapes.linked(event).get("actor"), "users"),
            tuple(changes),
            tuple(unread),
        )

    def _of_field(
        self, field: str, change: Record, unread: list[tuple[str, str, str]]
    ) -> Iterator[tuple[str, str | None]]:
        for key, name in (("oldValue", before(field)), ("newValue", field)):
            try:
                yield name, self._attributes.canonical(field, change.get(key))
            except (ValueError, RecursionError) as fault:
                unread.append((field, str(fault), shapes.quoted(change.get(key))))

    def _of_status(self, name: str, change: Record) -> Iterator[tuple[str, str | None]]:
        for key, as_name in (("oldValue", before(STATUS)), ("newValue", STATUS)):
            if status := self._status(name, change.get(key)):
                yield as_name, status

    def _status(self, name: str, raw: Any) -> Status | None:
        """What became of a lead; an outcome that is taken away has opened it again (INFERRED)."""
        if name == plain_name("status"):
            return read_status(raw)
        if name == plain_name("outcome"):
            return self._names.outcomes.status(raw) if raw else Status.OPEN
        return None


def _of_stage(change: Record) -> Iterator[tuple[str, str | None]]:
    for key, name in (("oldValue", before(Field.STAGE)), ("newValue", Field.STAGE)):
        if stage := shapes.link(change.get(key), "stages"):
            yield name, stage


def event_id(event: Record) -> int:
    """The number of an event; the later one of two has the higher (Nutshell fact, 2026-11)."""
    return shapes.integer_of(shapes.record_id(event, "events"))


def at_of(event: Record) -> int:
    """When an event happened, in epoch milliseconds."""
    return round(shapes.instant(event.get("createdTime")).timestamp() * 1000)


def _list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else [raw]
