"""What PyPI's nutshell and Nutshell's own report say of an instance, and what connector says."""

import json
import sqlite3
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.peers.seen import Seen, Value, canonical, ours

# Stages of connector's own, such as 1-stagesets:won, have a colon in their ids.
ENDED = {10: "won", 11: "lost", 12: "cancelled"}
# Nutshell's client knows no expected close, and Nutshell no forecast category.
KNOWN = ("name", "stage", "pipeline", "amount", "owner")
# JSON-RPC lists no stages of drafts and retired pipelines (INFERRED, 2026-11).
_NAMED = """
SELECT s.remote, s.label FROM stages s JOIN pipeline_versions v ON v.pipeline = s.pipeline
WHERE s.remote NOT LIKE '%:%' AND v.valid_to IS NULL AND v.state = 'active'
UNION SELECT remote, label FROM pipelines UNION SELECT remote, name FROM owners
"""


def theirs(folder: Path) -> Seen:
    """What the client read of leads, and the names of stages, pipelines, users and teams."""
    told = json.loads((folder / "nutshell.json").read_text())
    values = [value for lead in told["leads"] for value in _lead(lead)]
    kinds = {"stages": "stages", "pipelines": "stagesets", "users": "users", "teams": "teams"}
    named = (
        (f"{each['id']}-{kind}", "name", each["name"])
        for name, kind in kinds.items()
        for each in told[name]
    )
    return Seen((*values, *named), ())


def _lead(lead: dict[str, Any]) -> Iterator[Value]:
    pipeline = f"{lead['stageset']['id']}-stagesets"
    ended = ENDED.get(lead["status"])
    assignee = lead["assignee"]
    values = {
        "name": lead["name"],
        "stage": f"{pipeline}:{ended}" if ended else f"{lead['milestone']['id']}-stages",
        "pipeline": pipeline,
        "amount": (lead["value"] or {}).get("amount"),
        "owner": f"{assignee['id']}-{assignee['entity_type'].lower()}" if assignee else None,
    }
    for field, value in values.items():
        yield f"{lead['id']}-leads", field, canonical(field, value)


def connectors(database: Path) -> Seen:
    """The same of connector's database."""
    values = (each for each in ours(database, archived=False).values if each[1] in KNOWN)
    with closing(sqlite3.connect(database)) as db:
        named = [(remote, "name", name) for remote, name in db.execute(_NAMED)]
    return Seen((*values, *named), ())


def forecast(url: str, credential: str) -> Seen:
    """Nutshell's own report of open leads by month of expected close, value times confidence."""
    request = urllib.request.Request(
        f"{url}/rest/leads/report?reportType=forecast&useConfidence=true&gap=m",
        headers={"Authorization": f"Basic {b64encode(credential.encode()).decode()}"},
    )
    with urllib.request.urlopen(request) as answer:
        (report,) = json.load(answer)["reports"]
    sums = {"total": report["summary"]["total"]["value"], "overdue": 0.0}
    for each in report["data"]:
        month = each["bucket"][:7]
        when = "overdue" if month < f"{datetime.now(UTC):%Y-%m}" else month
        sums[when] = sums.get(when, 0.0) + each["total"]["value"]
    return _sums(sums)


def forecasted(report: Any) -> Seen:
    """The same of `connector report forecast`, by the rule it calls Nutshell's."""
    rows = [row for row in report["weighted"] if row["split"] in ("total", "month")]
    return _sums({row["key"] or row["label"]: row["deal"]["amount"] for row in rows})


def _sums(sums: Mapping[str, float]) -> Seen:
    return Seen(tuple((when, "sum", f"{amount:.2f}") for when, amount in sums.items()), ())
