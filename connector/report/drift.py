"""The report of what differs between the processes and an account."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from connector.model import Pipeline, Remote
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.origin import Origins
from connector.report.document import (
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Instant,
    Note,
    Place,
    Table,
)
from connector.report.drift_origin import ORIGIN_COLUMNS, origin_cells
from connector.report.drift_rows import DRIFT_COLUMNS, drift_cells
from connector.report.drift_standing import (
    STANDING_COLUMNS,
    History,
    accepted_blocks,
    left_out,
    none_shown,
    standing_cells,
)
from connector.report.drift_words import (
    SEVERITIES,
    crm_term,
)
from connector.report.layout import Row
from connector.report.names import Names, names_in

_NO_DRIFT = "No drift: every pipeline with a process is as the process says."
_NEXT = (
    "To correct the CRM: connector plan --account {account}. "
    "To take a live value into the process instead: connector process adopt ID. "
    "To live with one for a while: connector drift accept ID --reason TEXT --until DATE."
)

_DRIFTS = (
    *DRIFT_COLUMNS,
    Column("process", "process", Place.HEADING),
    Column("key", place=Place.DATA),
    *STANDING_COLUMNS,
    *ORIGIN_COLUMNS,
    Column("id", "Id", Place.UNDER),
)
_WITHOUT_PROCESS = (
    Column("pipeline_label", "Pipeline"),
    Column("pipeline", "Id"),
    *STANDING_COLUMNS,
    *ORIGIN_COLUMNS,
    Column("id", "Drift", Place.UNDER),
)
_NOTHING_KNOWN = History()
_NO_ORIGINS = Origins()


def drift_document(
    drifts: Sequence[Drift],
    account: str,
    remote: Remote,
    live: Sequence[Pipeline],
    read_at: datetime,
    history: History = _NOTHING_KNOWN,
    origins: Origins = _NO_ORIGINS,
) -> Document:
    """Every drift of one account, by pipeline; `live` are the pipelines it was found in."""
    alone = [drift for drift in drifts if drift.kind is DriftKind.PIPELINE_WITHOUT_PROCESS]
    differing = [drift for drift in drifts if drift.kind is not DriftKind.PIPELINE_WITHOUT_PROCESS]
    names, zone = names_in(live), remote.time_zone
    return Document(
        name="drift",
        version=1,
        title=f"Drift in {account}",
        facts=(*_facts(account, remote, read_at), *_found(differing, history.older)),
        blocks=(
            Table(
                "drifts",
                _DRIFTS,
                tuple(_row(each, names, history, origins, zone) for each in differing),
                "",
                none_shown(history) or _NO_DRIFT,
            ),
            Table(
                "pipelines_without_process",
                _WITHOUT_PROCESS,
                tuple(_alone(each, history, origins, zone) for each in alone),
                "Pipelines without a process",
            ),
            *accepted_blocks(history.accepted, names),
            *left_out(history),
            *([Note(_NEXT.format(account=account))] if differing else []),
        ),
    )


def _facts(account: str, remote: Remote, read_at: datetime) -> tuple[Fact, ...]:
    return (
        Fact("account", "Account", account),
        Fact("crm", "CRM", crm_term(remote.crm)),
        Fact("account_name", "CRM account", CrmText(remote.name)),
        Fact("account_id", "CRM id", CrmText(remote.id)),
        Fact("read_at", "Read", Instant(read_at, remote.time_zone)),
    )


def _found(drifts: Sequence[Drift], older: int | None) -> Iterator[Fact]:
    """How many drifts there are of each severity, the worst first; then how many were left out."""
    found = Counter(drift.severity for drift in drifts)
    for severity, term in SEVERITIES.items():
        words = term.words.capitalize() if older is None else f"New {term.words}"
        yield Fact(severity, words, Count(found[severity]))
    if older is not None:
        yield Fact("older", "Left out", Count(older))


def _alone(drift: Drift, history: History, origins: Origins, zone: str) -> Row:
    return (
        CrmText(drift.pipeline_label),
        CrmText(drift.pipeline),
        *standing_cells(drift, history, zone),
        *origin_cells(drift, origins, zone),
        CrmText(drift.id),
    )


def _row(drift: Drift, names: Names, history: History, origins: Origins, zone: str) -> Row:
    return (
        *drift_cells(drift, names),
        drift.process,
        drift.key,
        *standing_cells(drift, history, zone),
        *origin_cells(drift, origins, zone),
        CrmText(drift.id),
    )
