"""A portal filled from two CSV files of deals and their stage changes."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Owner, Stage, epoch_ms, parse_instant

Row = Mapping[str, str]
_OURS = {"deal_id", "pipeline", "created_at", "closed_at", "outcome", "stage", "owner", "team"}


class Event(NamedTuple):
    """A deal entered a stage; `place` is 0 for one the events file knows nothing of."""

    place: int
    stage: str
    at: datetime
    changed_by: str


def from_csv(folder: Path) -> Portal:
    """Build a portal from `deals.csv` and `stage_events.csv` in `folder`.

    Stage ids are the stage names of the file, and the events alone say where a deal has been. A
    deal without events stands in its `stage` column. Columns beyond the known ones become deal
    properties. Numeric deal ids are kept; others get a number and become the deal's name.
    """
    rows = _rows(folder / "deals.csv")
    lives = _lives(rows, _rows(folder / "stage_events.csv"))
    pipelines = {row["pipeline"] for row in rows}
    if len(pipelines) != 1:
        raise ValueError(f"{folder / 'deals.csv'} must hold one pipeline, not {len(pipelines)}")
    portal = Portal(name=folder.name)
    start = min(life[0].at for life in lives.values())
    pipeline = pipelines.pop()
    portal.add_pipeline(pipeline, _stages(lives.values(), start), id=pipeline, at=start)
    people = _people(portal, rows, lives.values(), start)
    for name in sorted(rows[0].keys() - _OURS):
        portal.add_property(name, name.replace("_", " ").capitalize())
    for row in rows:
        _add(portal, people, row, lives[row["deal_id"]])
    return portal


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _lives(rows: Iterable[Row], events: Iterable[Row]) -> dict[str, list[Event]]:
    """Every deal's events in order; an undated deal begins at the file's last instant."""
    lives: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: int(event["seq"])):
        entered = parse_instant(event["entered_at"])
        lives[event["deal_id"]].append(
            Event(int(event["seq"]), event["stage"], entered, event.get("changed_by", ""))
        )
    end = max(life[-1].at for life in lives.values())
    for row in rows:
        if row["deal_id"] not in lives:
            at = parse_instant(row["created_at"]) if row["created_at"] else end
            lives[row["deal_id"]].append(Event(0, row["stage"], at, ""))
    return lives


def _stages(lives: Iterable[list[Event]], at: datetime) -> list[Stage]:
    """Stages by their mean place in the deals' lives; those called won or lost come last."""
    places: dict[str, list[int]] = defaultdict(list)
    for life in lives:
        for event in life:
            places[event.stage].append(event.place)
    ranked = sorted(places, key=lambda name: sum(places[name]) / len(places[name]))
    won = [name for name in ranked if name.lower().startswith("won")]
    lost = [name for name in ranked if name.lower().startswith("lost")]
    still_open = [name for name in ranked if name not in {*won, *lost}]
    chances = [str(round(n / (len(still_open) + 1), 2)) for n in range(1, len(still_open) + 1)]
    chances += ["1.0"] * len(won) + ["0.0"] * len(lost)
    ms = epoch_ms(at)
    return [
        Stage(name, name, n, chance, ms, ms)
        for n, (name, chance) in enumerate(zip([*still_open, *won, *lost], chances, strict=True))
    ]


def _people(
    portal: Portal, rows: Iterable[Row], lives: Iterable[list[Event]], at: datetime
) -> dict[str, Owner]:
    """Everyone who owns or changed a deal, with the teams of the deals they own."""
    teams: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        teams[row["owner"]].update(filter(None, [row.get("team")]))
    names = teams.keys() | {event.changed_by for life in lives for event in life}
    return {name: _owner(portal, name, sorted(teams[name]), at) for name in sorted(names - {""})}


def _owner(portal: Portal, name: str, teams: Iterable[str], at: datetime) -> Owner:
    first, _, last = name.partition(" ")
    return portal.people.add_owner(
        first,
        last,
        email=f"{name.lower().replace(' ', '.')}@{portal.name}.example",
        teams=[portal.people.add_team(team) for team in teams],
        user_id=int(name) if name.isdigit() else None,
        at=at,
    )


def _add(portal: Portal, people: Mapping[str, Owner], row: Row, life: list[Event]) -> None:
    known = row["deal_id"]
    owner = people.get(row["owner"])
    values = {name: value for name, value in row.items() if name not in _OURS}
    values |= {"dealname": known, "pipeline": row["pipeline"]}
    values["hubspot_owner_id"] = str(owner.id) if owner else ""
    deal = portal.add_deal(
        {name: value for name, value in values.items() if value},
        parse_instant(row["created_at"]) if row["created_at"] else life[0].at,
        id=int(known) if known.isdigit() else None,
        source="IMPORT",
    )
    for event in life:
        by = people.get(event.changed_by)
        portal.move(deal.id, event.stage, event.at, user_id=by.user_id if by else None)
