"""Questions of the reports as SQL in DuckDB, over the same database; run by DuckDB's own Python.

    duck.py DATABASE SINCE UNTIL

SINCE and UNTIL, in milliseconds, are the instants a waterfall leads from and to. The tables come
over ADBC and Arrow into DuckDB's memory. Prints the seconds of that, and of every question with
its answer, as JSON.
"""

import json
import sys
import time
from statistics import median

import adbc_driver_sqlite.dbapi
import duckdb

RUNS = 3
TABLES = {
    "deals": "SELECT id, created_at, gone_at FROM deals",
    "visits": "SELECT deal, number, stage, entered_at, left_at, cut FROM visits",
    "changes": "SELECT c.deal, f.remote AS field, c.at AS happened, c.tie, c.value"
    " FROM changes c JOIN fields f ON f.id = c.field",
    "stages": "SELECT s.id, s.remote, v.position, v.probability, v.outcome"
    " FROM version_stages v JOIN stages s ON s.id = v.stage",
    "pulls": "SELECT finished FROM pulls",
}
TIME_IN_STAGE = """
    SELECT remote, ended, length // 3600000 AS hours, COUNT(*) AS stays
    FROM (
        SELECT s.remote, v.left_at < $now AND NOT v.cut AS ended,
               LEAST(COALESCE(v.left_at, $now), $now) - v.entered_at AS length
        FROM visits v JOIN stages s ON s.id = v.stage
        WHERE s.outcome = 'open' AND v.entered_at < $now
    )
    GROUP BY ALL
"""
CONVERSION = """
    WITH steps AS (
        SELECT v.deal, v.number, s.remote, s.outcome, s.position,
               CASE s.outcome WHEN 'won' THEN 99 WHEN 'lost' THEN -1 ELSE s.position END AS step
        FROM visits v JOIN stages s ON s.id = v.stage WHERE v.entered_at < $now
    ), ahead AS (
        SELECT *, MAX(step) OVER (
            PARTITION BY deal ORDER BY number
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS furthest FROM steps
    ), firsts AS (
        SELECT deal, remote, position, ARG_MIN(COALESCE(furthest, -1), number) AS furthest
        FROM ahead WHERE outcome = 'open' GROUP BY ALL
    )
    SELECT remote, COUNT(*), COUNT(*) FILTER (furthest > position) FROM firsts GROUP BY remote
"""
# Of every deal: where it stood just before an instant, and what its fields were worth there.
STANDING = """
    SELECT v.deal, ARG_MAX(v.stage, v.number) AS stage, MAX(v.entered_at) AS entered
    FROM visits v WHERE v.entered_at < {at} GROUP BY v.deal
"""
WORTH = """
    SELECT deal, ARG_MAX(value, (happened, tie)) AS value
    FROM changes WHERE field = '{field}' AND happened < {at} GROUP BY deal
"""
LIVE = "(d.gone_at IS NULL OR d.gone_at >= {at})"
WIN_RATE = f"""
    WITH standing AS ({STANDING.format(at="$now")}),
         amounts AS ({WORTH.format(field="amount", at="$now")}),
         owners AS (
             SELECT c.deal, ARG_MAX(c.value, (c.happened, c.tie)) AS owner
             FROM changes c JOIN standing t ON t.deal = c.deal
             WHERE c.field = 'owner' AND c.happened <= t.entered GROUP BY c.deal
         )
    SELECT o.owner, COUNT(*) FILTER (s.outcome = 'won'), COUNT(*) FILTER (s.outcome = 'lost'),
           SUM(CAST(a.value AS DOUBLE)) FILTER (s.outcome = 'won')
    FROM standing t JOIN stages s ON s.id = t.stage
    LEFT JOIN amounts a ON a.deal = t.deal LEFT JOIN owners o ON o.deal = t.deal
    WHERE s.outcome <> 'open' GROUP BY o.owner
"""
WEIGHTED = f"""
    WITH standing AS ({STANDING.format(at="$now")}),
         amounts AS ({WORTH.format(field="amount", at="$now")}),
         owners AS ({WORTH.format(field="owner", at="$now")})
    SELECT o.value, COUNT(*), SUM(CAST(a.value AS DOUBLE) * s.probability)
    FROM standing t JOIN stages s ON s.id = t.stage JOIN deals d ON d.id = t.deal
    LEFT JOIN amounts a ON a.deal = t.deal LEFT JOIN owners o ON o.deal = t.deal
    WHERE s.outcome = 'open' AND {LIVE.format(at="$now")} GROUP BY o.value
"""
WATERFALL = f"""
    WITH first AS ({STANDING.format(at="$since")}),
         last AS ({STANDING.format(at="$until")}),
         before AS ({WORTH.format(field="amount", at="$since")}),
         after AS ({WORTH.format(field="amount", at="$until")}),
         ends AS (
             SELECT d.id,
                    f.outcome = 'open' AND {LIVE.format(at="$since")} AS was_open,
                    l.outcome = 'open' AND {LIVE.format(at="$until")} AS is_open,
                    d.created_at >= $since AS is_new, l.outcome,
                    CAST(b.value AS DOUBLE) AS amount_before,
                    CAST(a.value AS DOUBLE) AS amount_after
             FROM deals d JOIN last t ON t.deal = d.id JOIN stages l ON l.id = t.stage
             LEFT JOIN first u ON u.deal = d.id LEFT JOIN stages f ON f.id = u.stage
             LEFT JOIN before b ON b.deal = d.id LEFT JOIN after a ON a.deal = d.id
         )
    SELECT COUNT(*) FILTER (was_open), SUM(amount_before) FILTER (was_open),
           COUNT(*) FILTER (is_open), SUM(amount_after) FILTER (is_open),
           COUNT(*) FILTER ((was_open OR is_new) AND outcome = 'won'),
           COUNT(*) FILTER ((was_open OR is_new) AND outcome = 'lost')
    FROM ends
"""
QUESTIONS = {
    "time-in-stage": TIME_IN_STAGE,
    "conversion": CONVERSION,
    "win-rate": WIN_RATE,
    "forecast": WEIGHTED,
    "waterfall": WATERFALL,
}


def main() -> None:
    """Load, ask, print."""
    database, since, until = sys.argv[1], *map(int, sys.argv[2:])
    duck = duckdb.connect()
    began = time.perf_counter()
    with adbc_driver_sqlite.dbapi.connect(database) as source, source.cursor() as cursor:
        for table, query in TABLES.items():
            cursor.execute(query)
            rows = cursor.fetch_record_batch()  # noqa: F841 - DuckDB finds it by its name
            duck.execute(f"CREATE TABLE {table} AS SELECT * FROM rows")
    loaded = time.perf_counter() - began
    (now,) = duck.execute("SELECT MAX(finished) FROM pulls").fetchone()
    instants = {"now": now, "since": since, "until": until}
    asked = {name: _ask(duck, query, instants) for name, query in QUESTIONS.items()}
    print(json.dumps({"load": loaded, "questions": asked}))


def _ask(duck: duckdb.DuckDBPyConnection, query: str, instants: dict[str, int]) -> dict:
    bound = {name: at for name, at in instants.items() if f"${name}" in query}
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        rows = duck.execute(query, bound).fetchall()
        taken.append(time.perf_counter() - began)
    return {"seconds": median(taken), "rows": rows}


if __name__ == "__main__":
    main()
