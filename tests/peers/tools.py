"""How each peer's own files are read, and what of ours it can know.

A peer that keeps less than connector, such as dates without a time, is compared with what it would
have kept of ours; `blurred` makes that of our reading.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers.seen import NAMES, Change, Seen, Value, canonical, epoch_ms


@dataclass(frozen=True, slots=True)
class Tool:
    """A peer: what it is called, whether it reads archived deals too, and how it is read."""

    name: str
    archived: bool
    seen: Callable[[Path], Seen]
    blurred: Callable[[Seen], Seen] = lambda seen: seen


def _official(folder: Path) -> Seen:
    deals = json.loads((folder / "official.json").read_text())
    values = (
        (deal["id"], field, canonical(field, deal["properties"].get(name)))
        for deal in deals
        for name, field in NAMES.items()
    )
    changes = (
        (deal["id"], field, canonical(field, version["value"]), epoch_ms(version["timestamp"]))
        for deal in deals
        for name, field in NAMES.items()
        for version in deal["propertiesWithHistory"].get(name, ())
    )
    return Seen(tuple(values), tuple(changes))


_CATEGORIES = {
    "OMIT": "Omitted",
    "PIPELINE": "Pipeline",
    "BEST_CASE": "Best case",
    "COMMIT": "Commit",
    "CLOSED": "Closed",
}


def _pipeline_diff(folder: Path) -> Seen:
    field_of = {"owner_id": "owner"}
    values = (
        (deal["id"], field_of.get(key, key), canonical(field_of.get(key, key), deal.get(key)))
        for deal in _lines(folder / "hubspot" / "deals.jsonl")
        for key in ("name", "stage", "pipeline", "amount", "close_date", "owner_id")
    )
    changes = (
        (row["deal_id"], field, canonical(field, row["value"]), epoch_ms(row["changed_at"]))
        for row in _lines(folder / "hubspot" / "history.jsonl")
        if row["source"] != "snapshot"  # of its own making, at the time of its sync
        for field in (field_of.get(row["field"], row["field"]),)
    )
    return Seen(tuple(values), tuple(changes))


def _as_pipeline_diff(seen: Seen) -> Seen:
    """It keeps days of close dates, whole seconds, and categories by their English labels."""

    def kept(field: str, value: str | None) -> str | None:
        match field:
            case "close_date":
                return canonical(field, value and value[:10])
            case "forecast_category":
                return _CATEGORIES.get(value or "", value)
        return value

    return Seen(
        tuple(
            (deal, field, kept(field, value) or (f"Deal {deal}" if field == "name" else None))
            for deal, field, value in seen.values
            if field != "forecast_category"
        ),
        tuple(
            (deal, field, kept(field, value), at // 1000 * 1000)
            for deal, field, value, at in seen.changes
        ),
    )


def _dlt_source(folder: Path) -> Seen:
    values = (
        (deal["id"], field, canonical(field, deal.get(name)))
        for deal in _loaded(folder, "deals")
        for name, field in NAMES.items()
    )
    changes = (
        (row["object_id"], field, canonical(field, row.get("value")), epoch_ms(row["timestamp"]))
        for row in _loaded(folder, "deals_property_history")
        if (field := NAMES.get(row["property_name"])) not in (None, "name")
    )
    return Seen(tuple(values), tuple(changes))


def _loaded(folder: Path, table: str) -> Iterator[Any]:
    for file in sorted((folder / "crm" / table).glob("*.jsonl")):
        yield from _lines(file)


def _tap_hubspot(folder: Path) -> Seen:
    said = _lines(folder / "deals.singer")
    deals = [message["record"] for message in said if message["type"] == "RECORD"]
    told = [
        (str(deal["dealId"]), field, deal["properties"].get(name) or {})
        for deal in deals
        for name, field in NAMES.items()
    ]
    values = ((deal, field, canonical(field, held.get("value"))) for deal, field, held in told)
    changes = (
        (deal, field, canonical(field, held["value"]), epoch_ms(held["timestamp"]))
        for deal, field, held in told
        if held and field != "name"
    )
    return Seen(tuple(values), tuple(changes))


def _as_tap_hubspot(seen: Seen) -> Seen:
    """It asks for the newest version of each property, and is told of none that is empty."""
    newest: dict[tuple[str, str], Change] = {}
    for change in seen.changes:
        newest[change[0], change[1]] = change
    return Seen(seen.values, tuple(each for each in newest.values() if each[2] is not None))


def _lines(file: Path) -> Iterator[Any]:
    with file.open() as lines:
        yield from map(json.loads, lines)


TOOLS = {
    "official": Tool("official client, get_all", True, _official),
    "pipeline_diff": Tool("pipeline-diff", True, _pipeline_diff, _as_pipeline_diff),
    "dlt_source": Tool("dlt's HubSpot source", False, _dlt_source),
    "tap_hubspot": Tool("tap-hubspot", False, _tap_hubspot, _as_tap_hubspot),
}


def differences(one: Iterable[Value | Change], other: Iterable[Value | Change]) -> list[str]:
    """What only one of two readings says, one line each."""
    mine, theirs = set(one), set(other)
    return [f"only ours: {each}" for each in sorted(mine - theirs, key=repr)] + [
        f"only theirs: {each}" for each in sorted(theirs - mine, key=repr)
    ]
