"""REST's report of leads: the forecast, as an oracle for other sums."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connector.sandbox.http import Response
from connector.sandbox.nutshell.call import Call, Refusal, envelope
from connector.sandbox.nutshell.records import Lead

_BUCKETS = {"d": "%Y-%m-%d", "m": "%Y-%m-01", "y": "%Y-01-01"}


def lead_report(call: Call) -> Response:
    """The value of open leads by expected close, weighted by confidence with `useConfidence`.

    Nutshell fact, 2026-11: value times confidence. INFERRED: the date is the anticipated close,
    in UTC, currencies are added as they are, and leads without a date are in no bucket.
    """
    if call.one("reportType") != "forecast":
        raise Refusal("The sandbox knows reportType forecast only", "Invalid report")
    gap = call.one("gap", "m")
    if gap not in _BUCKETS:
        raise Refusal(f"Invalid gap: {gap}", "Invalid report")
    leads = [lead for lead in call.instance.visible(call.user) if not lead.status.closed]
    weighted = call.one("useConfidence").lower() in ("true", "1")
    data = [_bucket(start, gap, group, weighted=weighted) for start, group in _by_start(leads, gap)]
    report = {
        "id": "1-reports",
        "key": "forecast",
        "name": "Forecast",
        "data": data,
        "summary": _sums([lead for lead in leads if lead.expected], weighted=weighted),
    }
    return envelope(call, "reports", [report])


def _by_start(leads: list[Lead], gap: str) -> list[tuple[str, list[Lead]]]:
    groups: dict[str, list[Lead]] = defaultdict(list)
    for lead in leads:
        if lead.expected is not None:
            groups[datetime.fromtimestamp(lead.expected, UTC).strftime(_BUCKETS[gap])].append(lead)
    return sorted(groups.items())


def _bucket(start: str, gap: str, leads: list[Lead], *, weighted: bool) -> dict[str, Any]:
    return {"bucket": start, "bucketType": gap, **_sums(leads, weighted=weighted), "segments": []}


def _sums(leads: list[Lead], *, weighted: bool) -> dict[str, Any]:
    total = sum((_worth(lead, weighted=weighted) for lead in leads), Decimal())
    return {"count": {"value": len(leads)}, "total": {"value": float(total)}}


def _worth(lead: Lead, *, weighted: bool) -> Decimal:
    amount = lead.amount or Decimal()
    return amount * lead.confidence / 100 if weighted else amount
