"""Nutshell's JSON as it comes: wrapped or bare, number or text, object or id (2026-11).

The published specification and recorded answers differ in these points, so both are read. What
cannot be read raises ValueError with the reason a person reads.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from connector.crm import values
from connector.crm.answers import Answer

Record = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What REST calls the records that JSON-RPC has another name for (Nutshell facts, 2026-11).
_IN_REST = {"milestones": "stages", "lead_outcomes": "outcomes"}

LONGEST_QUOTED = 1000
_NAMES = ("displayName", "name", "value", "label", "description")

# More seconds than a date of any lead has; such a number is of milliseconds.
_MILLISECONDS_FROM = 10**11
# No number of anybody's has as many digits.
_TOO_LONG = 19


def body_of(answer: Answer) -> Any:
    """The body of an answer; NaN and lone surrogates, unknown to strict JSON, are let through."""
    body = answer.require_json()
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(body)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise answer.bad(fault) from fault


def rows(answer: Answer, name: str) -> list[Any]:
    """The records of a listing, under its name, under `data`, or bare; one alone is a list too."""
    body = body_of(answer)
    told = body.get(name, body.get("data")) if isinstance(body, dict) else body
    if isinstance(told, dict):
        return [told]
    if isinstance(told, list):
        return told
    raise answer.bad(f"no list of {name}")


def meta(body: Any) -> Record:
    """The `meta` of an answer, empty where it has none."""
    found = body.get("meta") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def number(raw: Any) -> int | None:
    """A whole number, as a number or as text; None for anything else."""
    if isinstance(raw, bool):
        return None
    text = str(raw).strip()
    whole = len(text) < _TOO_LONG and text.isascii() and text.removeprefix("-").isdecimal()
    return int(text) if whole else None


def text(raw: Any) -> str:
    """A name, empty for null; it may lie in an object, under one of several names."""
    if isinstance(raw, dict):
        return next((text(raw[name]) for name in _NAMES if name in raw), "")
    return "" if raw is None or isinstance(raw, list) else str(raw)


def record_id(raw: Any, kind: str) -> str:
    """An id as REST has it, such as "1003-leads"; a plain number is given its kind.

    JSON-RPC has the number alone, of the same record (INFERRED, 2026-11).
    """
    found = _id(raw, kind)
    if not found:
        raise ValueError(f"it has no id of {kind}")
    return found


def link(raw: Any, kind: str) -> str | None:
    """The id a link names, None where it names none; its object may tell another kind."""
    if isinstance(raw, list):
        return link(raw[0], kind) if raw else None
    return _id(raw, kind) or None


def links(raw: Any, kind: str) -> list[str]:
    """The ids a link to several records names."""
    each = raw if isinstance(raw, list) else [raw]
    return [found for one in each if (found := _id(one, kind))]


def integer_of(remote: str) -> int:
    """The number in an id; ids are in the order of their numbers, not of their text."""
    return number(remote.partition("-")[0]) or 0


def _id(raw: Any, kind: str) -> str:
    if isinstance(raw, dict):
        told = str(raw.get("entityType") or raw.get("type") or "").lower()
        return _id(raw.get("id"), _IN_REST.get(told, told) if told.isidentifier() else kind)
    if (plain := number(raw)) is not None:
        return f"{plain}-{kind}"
    return raw.strip() if isinstance(raw, str) else ""


def instant(raw: Any) -> datetime:
    """An instant from epoch seconds, an object that holds them, or ISO 8601."""
    if isinstance(raw, dict):
        raw = raw["timestamp"] if raw.get("timestamp") is not None else raw.get("value")
    if isinstance(raw, float) or number(raw) is not None:
        return _since_epoch(float(raw))
    if not isinstance(raw, str) or not raw:
        raise ValueError("is not a date")
    return values.instant(raw)


def _since_epoch(seconds: float) -> datetime:
    try:
        if abs(seconds) >= _MILLISECONDS_FROM:
            seconds /= 1000
        return _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        raise ValueError("is not a date") from None


def records(raw: Iterable[Any]) -> Iterator[Record]:
    """The objects of a list."""
    return (each for each in raw if isinstance(each, dict))


def linked(record: Record) -> Record:
    """The links of a record, empty where it has none."""
    found = record.get("links")
    return found if isinstance(found, dict) else {}


def named_in(raw: Any, kind: str) -> Iterator[str]:
    """Every id of a kind that stands anywhere in an answer."""
    match raw:
        case str() if raw.endswith(f"-{kind}") and number(raw.removesuffix(f"-{kind}")) is not None:
            yield raw
        case {"id": int(plain), "type": told} if told == kind:
            yield f"{plain}-{kind}"
        case dict():
            for each in raw.values():
                yield from named_in(each, kind)
        case list():
            for each in raw:
                yield from named_in(each, kind)


def quoted(raw: Any) -> str:
    """Enough of something that was set aside to see what is wrong with it."""
    try:
        return json.dumps(raw)[:LONGEST_QUOTED]
    except RecursionError:
        return "nested deeper than any record"
