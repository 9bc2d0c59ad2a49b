"""The report of what differs between the processes and an account."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from connector.model import Pipeline, Remote
from connector.reconcile.drift import Drift, DriftKind, Severity
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Instant,
    Note,
    Place,
    Table,
    Tone,
)
from connector.report.drift_words import (
    SEVERITIES,
    crm_term,
    kind_term,
    side,
    stage_cell,
)
from connector.report.names import Names, names_in

_NO_DRIFT = "No drift: every pipeline with a process is as the process says."
_NEXT = (
    "To correct the CRM: connector plan {account}. "
    "To take a live value into the process instead: connector process adopt ID."
)

_DRIFTS = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    Column("process", "process", Place.HEADING),
    Column("severity", "Severity"),
    Column("stage", place=Place.DATA),
    Column("stage_label", "Stage"),
    Column("kind", "What"),
    Column("desired", "Desired"),
    Column("live", "Live"),
    Column("key", "Stage key", Place.DATA),
    Column("id", "Id", Place.UNDER),
)
_WITHOUT_PROCESS = (
    Column("pipeline_label", "Pipeline"),
    Column("pipeline", "Pipeline id"),
    Column("id", "Id", Place.DATA),
)


def drift_document(
    drifts: Sequence[Drift],
    account: str,
    remote: Remote,
    live: Sequence[Pipeline],
    read_at: datetime,
) -> Document:
    """Every drift of one account, by pipeline; `live` are the pipelines it was found in."""
    alone = [drift for drift in drifts if drift.kind is DriftKind.PIPELINE_WITHOUT_PROCESS]
    differing = [drift for drift in drifts if drift.kind is not DriftKind.PIPELINE_WITHOUT_PROCESS]
    found = Counter(drift.severity for drift in differing)
    return Document(
        name="drift",
        version=1,
        title=f"Drift in {account}",
        facts=(
            Fact("account", "Account", account),
            Fact("crm", "CRM", crm_term(remote.kind)),
            Fact("account_name", "Name there", CrmText(remote.name)),
            Fact("account_id", "Id there", CrmText(remote.id)),
            Fact("read_at", "Read", Instant(read_at, remote.time_zone)),
            *(Fact(s, str(SEVERITIES[s].words).capitalize(), Count(found[s])) for s in Severity),
        ),
        blocks=tuple(_blocks(differing, alone, account, live)),
    )


def _blocks(
    differing: Sequence[Drift], alone: Sequence[Drift], account: str, live: Sequence[Pipeline]
) -> list[Block]:
    names = names_in(live)
    ordered = _by_pipeline(differing)
    blocks: list[Block] = []
    blocks.append(Table("drifts", _DRIFTS, tuple(_row(drift, names) for drift in ordered)))
    if not differing:
        blocks.append(Note(_NO_DRIFT, Tone.GOOD))
    if alone:
        rows = tuple((CrmText(d.pipeline_label), CrmText(d.pipeline), CrmText(d.id)) for d in alone)
        blocks.append(
            Table("pipelines_without_process", _WITHOUT_PROCESS, rows, "Pipelines without process")
        )
    if differing:
        blocks.append(Note(_NEXT.format(account=account)))
    return blocks


def _by_pipeline(drifts: Sequence[Drift]) -> list[Drift]:
    pipelines = list(dict.fromkeys(drift.pipeline for drift in drifts))
    return sorted(drifts, key=lambda drift: pipelines.index(drift.pipeline))


def _row(drift: Drift, names: Names) -> tuple[Cell, ...]:
    return (
        CrmText(drift.pipeline),
        CrmText(drift.pipeline_label),
        drift.process,
        SEVERITIES[drift.severity],
        CrmText(drift.stage) if drift.stage else None,
        stage_cell(drift),
        kind_term(drift),
        side(drift, drift.desired, names),
        side(drift, drift.live, names),
        drift.key,
        CrmText(drift.id),
    )
