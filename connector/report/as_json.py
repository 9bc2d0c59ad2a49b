"""Documents as JSON for programs; docs/json.md describes what comes out."""

import json
from math import isfinite
from typing import Any

from connector.report.cells import in_days, in_zone, shown
from connector.report.document import (
    Cell,
    Count,
    CrmText,
    Days,
    Document,
    Instant,
    Interval,
    Items,
    Missing,
    Money,
    Note,
    Phrase,
    Score,
    Share,
    Table,
    Term,
)
from connector.tomlfile import acts


def to_json(document: Document) -> str:
    """The document as one JSON object: facts by key, tables as lists of rows, notes last.

    Text is what the CRM said, to the letter; characters that could act on a terminal are escaped.
    """
    facts = {fact.key: _value(fact.cell) for fact in document.facts}
    blocks = document.blocks
    tables = {block.name: _records(block) for block in blocks if isinstance(block, Table)}
    notes = [_note(block) for block in blocks if isinstance(block, Note)]
    answer = {"report": document.name, "version": document.version, **facts, **tables}
    text = json.dumps(answer | {"notes": notes}, ensure_ascii=False, allow_nan=False, indent=2)
    return _inert(text) + "\n"


def _records(table: Table) -> list[dict[str, Any]]:
    keys = [column.key for column in table.columns]
    return [
        dict(zip(keys, map(_value, row), strict=True)) for row in (*table.rows, *table.data_rows)
    ]


def _note(note: Note) -> dict[str, Any]:
    return {"tone": note.tone, "text": _value(note.text)}


def _value(cell: Cell) -> Any:  # noqa: C901 - one arm for each kind of cell
    match cell:
        case None | Missing():
            return None
        case bool(flag):
            return flag
        case str(text) | CrmText(text) | Term(code=text):
            return text
        case Count(value) | Share(value) | Score(value):
            return _number(value)
        case Money(amount, currency):
            return {"amount": _number(amount), "currency": currency}
        case Days(more_than=more_than):
            return {"more_than": in_days(cell)} if more_than else in_days(cell)
        case Instant():
            return in_zone(cell).isoformat()
        case Interval(low, high):
            return [_value(low), _value(high)]
        case Items(cells):
            return [_value(item) for item in cells]
        case Phrase(parts):
            return "".join(map(_wording, parts))


def _wording(part: Cell) -> str:
    match part:
        case CrmText(text):
            return text
        case Phrase(parts):
            return "".join(map(_wording, parts))
        case _:
            return shown(part)


def _number(value: float) -> float | None:
    return value if isfinite(value) else None


def _inert(text: str) -> str:
    return "".join(_escaped(each) if acts(each) and each != "\n" else each for each in text)


def _escaped(character: str) -> str:
    return json.dumps(character).strip('"') if character != "\x7f" else "\\u007f"
