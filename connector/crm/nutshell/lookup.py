"""Leads asked for by id, several in one request, and which of them are not there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connector.crm.answers import Answer
from connector.crm.nutshell import endpoints, shapes
from connector.crm.transport import Transport
from connector.errors import Rejected

IDS_AT_ONCE = 100

_NOT_FOUND = 404


@dataclass(slots=True)
class Found:
    """The answers with the leads they have, and the ids that nothing has."""

    told: list[tuple[Answer, list[Any]]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def look_up(transport: Transport, ids: Iterable[str]) -> Found:
    """Ask for leads until an answer has none of those that are left.

    Where one that is not there costs the answer of all, they are asked for one by one.
    """
    found, left = Found(), list(ids)
    while left:
        told = _ask_for(transport, left, found)
        if told is None and len(left) > 1:
            alone = [look_up(transport, [each]) for each in left]
            found.told += [one for each in alone for one in each.told]
            found.missing += [one for each in alone for one in each.missing]
            return found
        if not told:
            found.missing += left
            return found
        left = [each for each in left if each not in told]
    return found


def batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids, as many at a time as are asked for at once."""
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))


def ids_of(told: Iterable[Any]) -> set[str]:
    """The ids of the leads in an answer, as far as they have some."""
    records = shapes.records(told)
    return {found for each in records if (found := shapes.link({"id": each.get("id")}, "leads"))}


def _ask_for(transport: Transport, ids: Sequence[str], found: Found) -> set[str] | None:
    """The ids of those that came; None where they are refused because some are not there."""
    path = f"{endpoints.LEADS}/{','.join(quote(each, safe='') for each in ids)}"
    try:
        answer = transport.read("GET", path)
    except Rejected as refused:
        if refused.status != _NOT_FOUND:
            raise
        return None
    told = shapes.rows(answer, "leads")
    found.told.append((answer, told))
    return ids_of(told) & set(ids)
