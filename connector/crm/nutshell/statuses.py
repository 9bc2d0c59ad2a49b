"""What becomes of a lead, in all the ways Nutshell tells it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from connector.crm.nutshell import shapes
from connector.crm.nutshell.shapes import Record


class Status(StrEnum):
    """Whether a lead is open, and if not, how it ended; a pending one counts as open."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CANCELLED = "cancelled"


# REST's words (all but "open" INFERRED) and JSON-RPC's numbers (Nutshell facts, 2026-11).
_STATUS = {
    "open": Status.OPEN,
    "pending": Status.OPEN,
    "won": Status.WON,
    "lost": Status.LOST,
    "cancelled": Status.CANCELLED,
    "canceled": Status.CANCELLED,
    "0": Status.OPEN,
    "1": Status.OPEN,
    "10": Status.WON,
    "11": Status.LOST,
    "12": Status.CANCELLED,
}
_TELLING = ("status", "type", "name", "value", "id")


def read_status(raw: Any) -> Status | None:
    """The status that a word, a number or an object means; None where it means none we know."""
    if isinstance(raw, dict):
        told = (read_status(raw.get(key)) for key in _TELLING)
        return next((each for each in told if each is not None), None)
    return _STATUS.get(str(raw).strip().lower())


class Outcomes:
    """The ways leads end in one account: their names, and which status each stands for."""

    def __init__(self, told: Iterable[Any] = ()):
        self._names: dict[str, str] = {}
        self._statuses: dict[str, Status | None] = {}
        self._ids: dict[str, str] = {}
        for record in shapes.records(told):
            self._add(record)

    def name(self, raw: Any) -> str | None:
        """The name of an outcome, its id where nobody knows a name, None where there is none."""
        if isinstance(raw, list):
            raw = raw[0] if raw else None
        remote = shapes.link(raw, "outcomes")
        if remote is None:
            return shapes.text(raw) or None
        return self._names.get(remote) or (isinstance(raw, dict) and shapes.text(raw)) or remote

    def status(self, raw: Any) -> Status | None:
        """The status an outcome, told by id, name or object, stands for; None where unknown."""
        remote = shapes.link(raw, "outcomes")
        known = self._statuses.get(remote or "") or self._statuses.get(self._named(raw))
        return known or _of_its_own(raw)

    def _named(self, raw: Any) -> str:
        return self._ids.get(shapes.text(raw).strip().lower(), "")

    def _add(self, record: Record) -> None:
        remote = shapes.link(record, "outcomes")
        if remote is None:
            return
        remote = f"{shapes.integer_of(remote)}-outcomes" if "-" in remote else remote
        name = shapes.text(record.get("name") or record.get("description"))
        self._names[remote] = name
        self._statuses[remote] = _of_its_own(record)
        self._ids[name.strip().lower()] = remote


def _of_its_own(raw: Any) -> Status | None:
    """What an outcome tells of its status: `type` in JSON-RPC, `status` or `type` in REST."""
    if not isinstance(raw, Mapping):
        return read_status(raw)
    told = (read_status(raw.get(key)) for key in ("type", "status", "name"))
    return next((each for each in told if each is not None), None)
