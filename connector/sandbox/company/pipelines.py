"""The company's three pipelines, with the faults that grew into them, and how they grew."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import AuditEntry, Owner, Pipeline, Stage, epoch_ms

MONTH = timedelta(days=30)


class Track(NamedTuple):
    """How deals run through a pipeline: open stages in order, then where they end."""

    pipeline: str
    steps: tuple[str, ...]
    won: str
    lost: tuple[str, ...]
    teams: tuple[str, ...]
    size: float
    days: float
    weight: int


_DEFAULTS = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
# Labels were edited and ids stayed: the stage called lost has the id closedwon.
_NYSALG = (
    ("appointmentscheduled", "Møte avtalt", "0.2"),
    ("qualifiedtobuy", "Vurdert av teamet", "0.4"),
    ("presentationscheduled", "Produkt undersøkt", "0.6"),
    ("decisionmakerboughtin", "Venter på svar", "0.5"),
    ("contractsent", "Vunnet", "1.0"),
    ("closedwon", "Tapt", "0.0"),
    ("closedlost", "Ikke aktuelt", "0.0"),
)
_NOKKELKUNDER = (
    ("741206631", "Behov bekreftet", "0.10"),
    ("741206633", "Vurdert av teamet", "0.5"),
    ("741206632", "Produkt undersøkt", "0.45"),
    ("741206634", "Kontrakt mottatt", "0.9"),
    ("741206635", "Kontrakt signert", "1.0"),
    ("741206636", "Tapt", "0.0"),
)
_PARTNERE = (
    ("908172451", "Introdusert", "0.1"),
    ("908172452", "Avtale drøftet", "0.3"),
    ("908172453", "Opplæring fullført", "0.6"),
    ("908172454", "Første kunde meldt", "0.8"),
    ("908172455", "Aktiv partner", "1.0"),
    ("908172456", "Avsluttet", "0.0"),
)

TRACKS = (
    Track(
        "default",
        tuple(stage[0] for stage in _NYSALG[:4]),
        "contractsent",
        ("closedwon", "closedlost"),
        ("Norge", "Sverige", "Finland"),
        size=90_000,
        days=11,
        weight=13,
    ),
    Track(
        "74120663",
        tuple(stage[0] for stage in _NOKKELKUNDER[:4]),
        "741206635",
        ("741206636",),
        ("Norge", "Sverige"),
        size=650_000,
        days=24,
        weight=5,
    ),
    Track(
        "90817245",
        tuple(stage[0] for stage in _PARTNERE[:4]),
        "908172455",
        ("908172456",),
        ("Norge", "Finland"),
        size=40_000,
        days=18,
        weight=2,
    ),
)


def set_up_pipelines(portal: Portal, people: tuple[Owner, ...], now: datetime) -> None:
    """Give the portal its pipelines, each version dated and signed in the audit trail."""
    first, second = people[0].user_id, people[5].user_id
    start = now - 36 * MONTH
    nysalg = portal.add_pipeline(
        "Sales Pipeline", _stages(_DEFAULTS, start), id="default", at=start
    )
    _misfile(portal, "default", "closedlost")
    relabelled = [
        (id_, label, chance)
        for (id_, label, _), (_, _, chance) in zip(_NYSALG, _DEFAULTS, strict=True)
    ]
    _rewrite(portal, nysalg, "Nysalg", relabelled, now - 30 * MONTH, first)
    _rewrite(portal, nysalg, "Nysalg", _NYSALG, now - 28 * MONTH, second)

    start = now - 27 * MONTH
    key = portal.add_pipeline(
        "Store kunder", _stages(_NOKKELKUNDER, start), id="74120663", at=start
    )
    _misfile(portal, "74120663", "741206636")
    _rewrite(portal, key, "Nøkkelkunder", _NOKKELKUNDER, now - 26 * MONTH, first)

    start = now - 26 * MONTH
    partners = portal.add_pipeline("Partnere", _stages(_PARTNERE, start), id="90817245", at=start)
    _misfile(portal, "90817245", "908172456")
    _rewrite(portal, partners, "Partnere", _PARTNERE, now - 25 * MONTH, second)


def _stages(rows: Iterable[tuple[str, str, str]], at: datetime) -> tuple[Stage, ...]:
    """Stages whose places are the rows' order, listed by id as an API that does not sort."""
    ms = epoch_ms(at)
    stages = [Stage(id_, label, n, chance, ms, ms) for n, (id_, label, chance) in enumerate(rows)]
    return tuple(sorted(stages, key=lambda stage: stage.id))


def _rewrite(
    portal: Portal,
    pipeline: Pipeline,
    label: str,
    rows: Iterable[tuple[str, str, str]],
    at: datetime,
    user_id: int,
) -> None:
    ms = epoch_ms(at)
    stages = tuple(replace(s, created=pipeline.created) for s in _stages(rows, at))
    portal.put_pipeline(
        replace(pipeline, label=label, stages=stages, updated=ms), at=ms, user_id=user_id
    )


def _misfile(portal: Portal, pipeline_id: str, stage_id: str) -> None:
    """Make the oldest version name a stage closed at 0.8, as real old versions do.

    HubSpot fact, 2026-11: audit versions of 2022 show isClosed "true" beside probability "0.8".
    """
    oldest = portal.audit[pipeline_id][0]
    raw = json.loads(oldest.raw)
    for stage in raw["stages"]:
        if stage["stageId"] == stage_id:
            stage["metadata"] = {"isClosed": "true", "probability": "0.8"}
    text = json.dumps(raw, ensure_ascii=False)
    portal.audit[pipeline_id][0] = AuditEntry(oldest.at, oldest.user_id, text)
