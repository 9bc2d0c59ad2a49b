"""What must hold in every database, each rule a query for what breaks it."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a rule does not hold."""

    rule: str
    where: str
    message: str


# Each query answers with the place and what is wrong there.
RULES = {
    "visits-touch": """
        SELECT 'deal ' || remote, 'visit ' || number || ' does not begin where the one before ended'
        FROM (SELECT deal, number, entered_at,
                     LAG(left_at) OVER life AS before, ROW_NUMBER() OVER life AS place
              FROM visits WINDOW life AS (PARTITION BY deal ORDER BY number))
        JOIN deals ON deals.id = deal
        WHERE place > 1 AND before IS NOT entered_at
    """,
    "visits-begin": """
        SELECT 'deal ' || d.remote, 'its first visit does not begin with its first stage change'
        FROM deals d JOIN fields f ON f.account = d.account AND f.remote = 'stage'
        WHERE (SELECT MIN(at) FROM changes c
               WHERE c.deal = d.id AND c.field = f.id AND (d.gone_at IS NULL OR at <= d.gone_at))
              IS NOT (SELECT MIN(entered_at) FROM visits v WHERE v.deal = d.id)
    """,
    "visits-end": """
        SELECT 'deal ' || d.remote,
               'its last visit must be open while it lives, and end where it was archived or merged'
        FROM deals d JOIN visits v ON v.deal = d.id
        WHERE v.number = (SELECT MAX(number) FROM visits w WHERE w.deal = d.id)
          AND (v.left_at IS NOT d.gone_at OR v.cut <> (d.gone_at IS NOT NULL)
               OR d.gone_at IS NULL AND v.stage IS NOT d.stage)
    """,
    "visits-forward": """
        SELECT 'deal ' || d.remote, 'visit ' || v.number || ' ends before it begins'
        FROM visits v JOIN deals d ON d.id = v.deal WHERE v.left_at < v.entered_at
    """,
    "current-values": """
        SELECT 'deal ' || deal, 'its ' || field || ' is not the value of its last change'
        FROM (SELECT d.remote AS deal, n.field,
                     (SELECT c.value FROM changes c WHERE c.deal = d.id AND c.field = f.id
                      ORDER BY c.at DESC, c.tie DESC LIMIT 1) AS last,
                     CASE n.field WHEN 'stage' THEN s.remote WHEN 'pipeline' THEN p.remote
                     WHEN 'owner' THEN o.remote WHEN 'amount' THEN d.amount
                     ELSE d.close_date END AS current
              FROM deals d CROSS JOIN (
                SELECT column1 AS field
                FROM (VALUES ('stage'), ('pipeline'), ('owner'), ('amount'), ('close_date'))) n
              LEFT JOIN fields f ON f.account = d.account AND f.remote = n.field
              LEFT JOIN stages s ON s.id = d.stage LEFT JOIN pipelines p ON p.id = d.pipeline
              LEFT JOIN owners o ON o.id = d.owner)
        WHERE last IS NOT current
    """,
    "versions-overlap": """
        SELECT 'pipeline ' || p.remote, 'version ' || v.id || ' begins before another one ended'
        FROM pipeline_versions v JOIN pipelines p ON p.id = v.pipeline
        WHERE EXISTS (SELECT 1 FROM pipeline_versions w
                      WHERE w.pipeline = v.pipeline AND w.id < v.id
                        AND (w.valid_to IS NULL OR w.valid_to > v.valid_from))
    """,
    "versions-forward": """
        SELECT 'pipeline ' || p.remote, 'version ' || v.id || ' ends before it begins'
        FROM pipeline_versions v JOIN pipelines p ON p.id = v.pipeline
        WHERE v.valid_to < v.valid_from
    """,
    "versions-known": """
        SELECT 'pipeline ' || p.remote, 'version ' || v.id || ' begins before it can have begun'
        FROM pipeline_versions v JOIN pipelines p ON p.id = v.pipeline
        WHERE v.not_before > v.valid_from
    """,
    "versions-differ": """
        SELECT 'pipeline ' || p.remote, 'version ' || w.id || ' is the same as the one before'
        FROM (SELECT id, pipeline, valid_from, content, LAG(valid_to) OVER life AS ended,
                     LAG(content) OVER life AS before
              FROM (SELECT v.*, json_array(v.label, (
                             SELECT json_group_array(json_array(
                               t.stage, t.label, t.probability, t.outcome, t.slot, t.writable))
                             FROM version_stages t WHERE t.version = v.id)) AS content
                    FROM pipeline_versions v)
              WINDOW life AS (PARTITION BY pipeline ORDER BY id)) w
        JOIN pipelines p ON p.id = w.pipeline
        WHERE content = before AND ended = valid_from
    """,
    "pulls-whole": """
        SELECT 'pull ' || id, 'it is ' || state || ', but does not look it'
        FROM pulls
        WHERE (state = 'complete') <> (landed AND finished IS NOT NULL AND watermark IS NOT NULL)
          AND (state = 'complete' OR finished IS NOT NULL OR watermark IS NOT NULL)
    """,
    "promoted-whole": """
        SELECT 'account ' || name, 'it has deals, but no pull of it was ever completed'
        FROM accounts a
        WHERE EXISTS (SELECT 1 FROM deals d WHERE d.account = a.id)
          AND NOT EXISTS (SELECT 1 FROM pulls u WHERE u.account = a.id AND u.state = 'complete')
    """,
    "landing-empty": """
        SELECT 'pull ' || u.id, 'it is ' || u.state || ' and still has landing rows'
        FROM pulls u
        WHERE u.state <> 'open' AND EXISTS (SELECT 1 FROM landing l WHERE l.pull = u.id)
    """,
    "sightings-forward": """
        SELECT 'drift ' || drift, 'it was last seen before it was first, or gone before that'
        FROM drift_sightings WHERE last_seen < first_seen OR gone < last_seen
    """,
    "foreign-keys": """
        SELECT "table" || ' row ' || IFNULL(rowid, '?'), 'it points at nothing in ' || parent
        FROM pragma_foreign_key_check
    """,
    "integrity": """
        SELECT 'file', integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'
    """,
}


def check(db: Database) -> tuple[Breach, ...]:
    """Everything in the database that breaks a rule; none of it can come from a killed run."""
    return tuple(_breaches(db))


def _breaches(db: Database) -> Iterator[Breach]:
    for rule, query in RULES.items():
        try:
            yield from (Breach(rule, where, message) for where, message in db.execute(query))
        except sqlite3.DatabaseError as error:
            yield Breach(rule, "file", f"it cannot be read: {error}")
