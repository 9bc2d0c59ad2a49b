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
        for record in shapes.records(told):
            self._add(record)

    def name(self, raw: Any) -> str | None:
        """The name of an outcome, its id where nobody knows a name, None where there is none."""
        if isinstance(raw, list):
            raw = raw[0] if raw else None
        remote = _outcome_id(raw)
        return self._names.get(remote) or shapes.text(raw) or None

    def status(self, raw: Any) -> Status | None:
        """The status an outcome, told by id, name or object, stands for; None where unknown."""
        return self._statuses.get(_outcome_id(raw)) or _of_its_own(raw)

    def _add(self, record: Record) -> None:
        name = shapes.text(record.get("name") or record.get("description"))
        remote = _outcome_id(record)
        self._names[remote] = name
        self._statuses[remote] = self._statuses[name.lower()] = _of_its_own(record)


def _outcome_id(raw: Any) -> str:
    """What an outcome is known by: its number whatever its kind is called, else its name."""
    told = shapes.link(raw, "outcomes") or ""
    known = shapes.number(told.partition("-")[0])
    return (shapes.text(raw) or told).lower() if known is None else f"{known}-outcomes"


def _of_its_own(raw: Any) -> Status | None:
    """What an outcome tells of its status: `type` in JSON-RPC, `status` or `type` in REST."""
    if not isinstance(raw, Mapping):
        return None
    told = (read_status(raw.get(key)) for key in ("type", "status", "name"))
    return next((each for each in told if each is not None), None)
