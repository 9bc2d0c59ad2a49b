"""Deals read by id, many at once: active, archived, or not there."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot.decoding import Decoded
from connector.crm.hubspot.endpoints import DEALS
from connector.crm.hubspot.records import AnyRecord, read_records
from connector.crm.transport import Transport
from connector.model import Unread

# HubSpot's largest batch with history (2026-11).
BATCH = 50

_ID = re.compile(r"[0-9]+")


class _Error(msgspec.Struct):
    category: str | None = None
    context: dict[str, list[str]] | None = None


class _Errors(msgspec.Struct):
    errors: list[_Error] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch of ids: answers with records, ids without one, and what is odd."""

    read: list[tuple[Answer, Decoded[AnyRecord]]] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    withheld: tuple[Unread, ...] = ()


def read_batch(
    transport: Transport, ids: Sequence[str], properties: Sequence[str], history: Sequence[str]
) -> Batch:
    """Read deals that are active, and of the others those that are archived.

    A deal is missing where both reads name it as not found; one that is only left out is withheld.
    """
    read: list[tuple[Answer, Decoded[AnyRecord]]] = []
    asked, missing = list(ids), set(ids)
    for archived in ("false", "true"):
        body = {
            "inputs": [{"id": each} for each in asked],
            "properties": properties,
            "propertiesWithHistory": history,
        }
        query = [("archived", "true")] if archived == "true" else None
        answer = transport.read("POST", f"{DEALS}/batch/read", query, body)
        content = read_records(answer)
        read.append((answer, content))
        asked = _not_handed_out(asked, content)
        missing &= _not_found(answer) if asked else set()
        if not asked:
            break
    return Batch(
        read,
        missing=tuple(each for each in asked if each in missing),
        withheld=tuple(_withheld(each) for each in asked if each not in missing),
    )


def _not_handed_out(asked: Iterable[str], content: Decoded[AnyRecord]) -> list[str]:
    handed_out = {str(record.id) for record in content.records}
    handed_out |= {unread.record for unread in content.unread}
    return [deal for deal in asked if deal not in handed_out]


def _not_found(answer: Answer) -> set[str]:
    """The ids an answer of status 207 says it has no deal for (HubSpot fact, 2026-11)."""
    named = [
        text
        for error in answer.decode(_Errors).errors or ()
        if error.category == "OBJECT_NOT_FOUND"
        for text in (error.context or {}).get("ids", ())
    ]
    return {found for text in named for found in _ID.findall(text)}


def _withheld(deal: str) -> Unread:
    return Unread(deal, None, "was found but could not be read; it may just be deleted", "")
