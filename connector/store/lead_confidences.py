"""Open leads with every confidence they are known to have had."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlite_utils import Database

from connector.metrics.forecasting.position import CONFIDENCE
from connector.model import Change, Field
from connector.reconcile.confidence.leads import OpenLead
from connector.store.history import HOME
from connector.store.instants import from_ms, optional_instant

_OPEN = """
    FROM deals d JOIN accounts a ON a.id = d.account JOIN stages s ON s.id = d.stage
    LEFT JOIN pipelines p ON p.id = COALESCE(s.pipeline, d.pipeline)
    LEFT JOIN owners o ON o.id = d.owner
    LEFT JOIN visits v ON v.deal = d.id AND v.left_at IS NULL
    WHERE d.account = :account AND d.gone_at IS NULL
    AND s.remote IN (SELECT value FROM json_each(:stages))
"""

# A lead that was closed and opened again where it lay has not left its stage, as its status is no
# stage in the CRM: it entered when it last came there from another one.
_ENTERED = """
    SELECT MIN(w.entered_at) FROM visits w
    WHERE w.deal = d.id AND w.stage = v.stage AND w.number > IFNULL((
        SELECT MAX(b.number) FROM visits b
        WHERE b.deal = d.id AND b.stage IS NOT v.stage
        AND b.stage NOT IN (SELECT stage FROM version_stages WHERE NOT configured)
    ), -1)
"""


def open_leads(db: Database, account: int, stages: Collection[str]) -> tuple[OpenLead, ...]:
    """The leads of an account that stand in one of these stages, oldest sighting first."""
    values = {"account": account, "stages": json.dumps(sorted(stages))}
    changes = _changes(db, values)
    told = _told(db, account)
    rows = db.execute(
        "SELECT e.*, (SELECT MIN(c.not_before) FROM changes c JOIN fields f ON f.id = c.field"
        " WHERE c.deal = e.id AND f.remote = :stage AND c.at = e.entered) FROM ("
        " SELECT d.id, d.remote, d.name, COALESCE(p.remote, ''), s.remote, o.remote,"
        f" CAST({HOME} AS REAL), d.created_at, v.entered_at,"
        f" IFNULL(({_ENTERED}), d.created_at) AS entered"
        f" {_OPEN}) e ORDER BY e.id",
        {**values, "stage": Field.STAGE},
    )
    return tuple(
        OpenLead(
            remote,
            name,
            pipeline,
            stage,
            owner,
            amount,
            from_ms(created),
            from_ms(entered),
            optional_instant(after),
            changes.get(key, ()),
            told,
            optional_instant(opened),
        )
        for key, remote, name, pipeline, stage, owner, amount, created, opened, entered, after in (
            rows
        )
    )


def _told(db: Database, account: int) -> bool:
    """Whether an event of any lead of the account tells of a confidence set after its creation."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM changes c JOIN fields f ON f.id = c.field"
        " JOIN deals d ON d.id = c.deal WHERE f.remote = ? AND d.account = ?"
        " AND c.not_before IS NULL AND c.at > d.created_at)",
        (CONFIDENCE, account),
    ).fetchone()
    return bool(row[0])


def _changes(db: Database, values: Mapping[str, object]) -> Mapping[int, tuple[Change, ...]]:
    """The changes of the leads' confidence, oldest first, by the lead's key."""
    rows = db.execute(
        "SELECT c.deal, c.value, c.at, c.not_before, c.changed_by FROM changes c"
        " JOIN fields f ON f.id = c.field WHERE f.remote = :field"
        f" AND c.deal IN (SELECT d.id {_OPEN}) ORDER BY c.deal, c.at, c.tie",
        {**values, "field": CONFIDENCE},
    )
    found: dict[int, list[Change]] = defaultdict(list)
    for deal, value, at, not_before, by in rows:
        change = Change(CONFIDENCE, value, from_ms(at), optional_instant(not_before), by)
        found[deal].append(change)
    return {deal: tuple(changes) for deal, changes in found.items()}
