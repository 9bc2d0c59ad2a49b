"""What the database knows, one question and one query at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlite_utils import Database

from connector.model import Field, Owner, Pipeline, PipelineVersion, Standing, Unread
from connector.store.encoding import decode
from connector.store.instants import from_ms, optional_instant, to_ms
from connector.store.pipelines import all_versions, live_versions, versions_at

# A deal lies in the pipeline of its stage: the histories of the two fields tick milliseconds apart.
_LIVE = """
    FROM deals d LEFT JOIN stages s ON s.id = d.stage
    LEFT JOIN pipelines p ON p.id = COALESCE(s.pipeline, d.pipeline)
    LEFT JOIN owners o ON o.id = d.owner
    JOIN accounts a ON a.id = d.account
    WHERE d.account = ? AND d.gone_at IS NULL
"""

# An amount counts as home currency where the CRM says what it is in it, or where it is in it.
HOME = "COALESCE(d.home_amount, CASE WHEN d.currency IN ('', a.currency) THEN d.amount END)"


@dataclass(frozen=True, slots=True)
class LastPull:
    """The newest complete pull of an account; `since` None read everything."""

    id: int
    started: datetime
    finished: datetime
    since: datetime | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountStats:
    """How much of one account the database holds; `changes` are counted by field."""

    account: str
    changes: Mapping[str, int]
    live: int
    archived: int
    merged: int
    visits: int
    pulls: int
    stages: int
    quarantined: int


def standings(db: Database, account: int) -> tuple[Standing, ...]:
    """The live deals by pipeline, stage and owner."""
    rows = db.execute(
        "SELECT COALESCE(p.remote, ''), COALESCE(s.remote, ''), o.remote, COUNT(*),"
        f" TOTAL({HOME}), SUM({HOME} IS NULL)"
        f"{_LIVE} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        (account,),
    )
    return tuple(Standing(*row) for row in rows)


def deals_per_stage(db: Database, account: int) -> dict[tuple[str, str], int]:
    """How many live deals lie in each stage, by ids of pipeline and stage."""
    rows = db.execute(
        f"SELECT COALESCE(p.remote, ''), COALESCE(s.remote, ''), COUNT(*) {_LIVE} GROUP BY 1, 2",
        (account,),
    )
    return {(pipeline, stage): deals for pipeline, stage, deals in rows}


def pipelines_now(db: Database, account: int) -> tuple[Pipeline, ...]:
    """The pipelines as the last pull saw them."""
    return tuple(version.pipeline for version in live_versions(db, account))


def pipelines_at(db: Database, account: int, at: datetime) -> tuple[Pipeline, ...]:
    """The pipelines in force at an instant, as `pipeline_versions_at` tells."""
    return tuple(version.pipeline for version in pipeline_versions_at(db, account, at))


def pipeline_versions_at(db: Database, account: int, at: datetime) -> tuple[PipelineVersion, ...]:
    """The versions in force at an instant; what came into force at the very instant is too late.

    The first known version stands in for the time in which it may have been so already.
    """
    return versions_at(db, account, to_ms(at))


def pipeline_versions(db: Database, account: int) -> dict[str, tuple[PipelineVersion, ...]]:
    """Every known version of every pipeline by its id, oldest first."""
    known: dict[str, list[PipelineVersion]] = {}
    for version in all_versions(db, account):
        known.setdefault(version.pipeline.id, []).append(version)
    return {pipeline: tuple(versions) for pipeline, versions in known.items()}


def stage_keys(db: Database, account: int) -> dict[str, int]:
    """The key of every stage an account ever had, by its id in the CRM."""
    return dict(db.execute("SELECT remote, id FROM stages WHERE account = ?", (account,)))


def probabilities(
    db: Database, accounts: Iterable[int]
) -> dict[int, tuple[tuple[int, float], ...]]:
    """What each stage's probability was since when, in milliseconds, by the stage's key.

    A stage that its CRM keeps no probability of has none here.
    """
    rows = db.execute(
        "SELECT t.stage, v.valid_from, t.probability FROM version_stages t"
        " JOIN pipeline_versions v ON v.id = t.version JOIN pipelines p ON p.id = v.pipeline"
        f" WHERE p.account IN ({', '.join(map(str, accounts))})"
        " AND t.weighted AND t.probability IS NOT NULL"
        " ORDER BY t.stage, v.valid_from"
    )
    return {
        stage: tuple((since, probability) for _, since, probability in group)
        for stage, group in groupby(rows, key=itemgetter(0))
    }


def fields(db: Database, accounts: Iterable[int]) -> frozenset[str]:
    """The deal fields whose history some complete pull of these accounts has read."""
    rows = db.execute(
        "SELECT DISTINCT fields FROM pulls WHERE state = 'complete'"
        f" AND account IN ({', '.join(map(str, accounts))})"
    )
    return frozenset(Field.ALWAYS).union(*(decode(names, list[str]) for (names,) in rows))


def first_change(db: Database, accounts: Iterable[int]) -> int | None:
    """When the first stay in any stage of these accounts began, in milliseconds."""
    row = db.execute(
        "SELECT MIN(v.entered_at) FROM visits v JOIN stages s ON s.id = v.stage"
        f" WHERE s.account IN ({', '.join(map(str, accounts))})"
    ).fetchone()
    return None if row is None else row[0]


def visit_count(db: Database) -> int:
    """How many visits the database holds, which says how finely they can be counted."""
    count: int = db.execute("SELECT COUNT(*) FROM visits").fetchone()[0]
    return count


def owners(db: Database, account: int) -> tuple[Owner, ...]:
    """Everyone deals belong to or belonged to; a name is empty where the CRM never told it."""
    rows = db.execute(
        "SELECT remote, name, email, user_id, team, archived FROM owners WHERE account = ?"
        " ORDER BY id",
        (account,),
    )
    return tuple(
        Owner(remote, name, email, user_id, team, bool(archived))
        for remote, name, email, user_id, team, archived in rows
    )


def last_pull(db: Database, account: int) -> LastPull | None:
    """The newest complete pull."""
    row = db.execute(
        "SELECT id, started, finished, since, fields FROM pulls"
        " WHERE account = ? AND state = 'complete' ORDER BY id DESC LIMIT 1",
        (account,),
    ).fetchone()
    if row is None:
        return None
    key, started, finished, since, fields = row
    return LastPull(
        key,
        from_ms(started),
        from_ms(finished),
        optional_instant(since),
        decode(fields, tuple[str, ...]),
    )


def pull_starts(db: Database, account: int) -> tuple[datetime, ...]:
    """When each complete pull began, in the order they were made."""
    rows = db.execute(
        "SELECT started FROM pulls WHERE account = ? AND state = 'complete' ORDER BY id", (account,)
    )
    return tuple(from_ms(started) for (started,) in rows)


def stats(db: Database) -> tuple[AccountStats, ...]:
    """What the database holds, account by account."""
    rows = db.execute("SELECT id, name FROM accounts ORDER BY name").fetchall()
    return tuple(_account_stats(db, account, name) for account, name in rows)


def quarantine(db: Database, account: int) -> tuple[Unread, ...]:
    """The records and values set aside since the last full pull, each as it was last read."""
    rows = db.execute(
        "SELECT s.record, s.field, s.reason, s.raw FROM set_aside s"
        " JOIN accounts a ON a.name = s.account WHERE a.id = ? ORDER BY s.record, s.field",
        (account,),
    )
    return tuple(Unread(*row) for row in rows)


def _account_stats(db: Database, account: int, name: str) -> AccountStats:
    counts = db.execute(
        """
        SELECT (SELECT COUNT(*) FROM deals WHERE account = :a AND gone_how IS NULL),
               (SELECT COUNT(*) FROM deals WHERE account = :a AND gone_how = 'archived'),
               (SELECT COUNT(*) FROM deals WHERE account = :a AND gone_how = 'merged'),
               (SELECT COUNT(*) FROM visits v JOIN deals d ON d.id = v.deal WHERE d.account = :a),
               (SELECT COUNT(*) FROM pulls WHERE account = :a AND state = 'complete'),
               (SELECT COUNT(*) FROM stages WHERE account = :a),
               (SELECT COUNT(*) FROM set_aside WHERE account = :name)
        """,
        {"a": account, "name": name},
    ).fetchone()
    changes = db.execute(
        "SELECT f.remote, COUNT(*) FROM changes c JOIN fields f ON f.id = c.field"
        " WHERE f.account = ? GROUP BY f.remote ORDER BY f.remote",
        (account,),
    )
    return AccountStats(name, dict(changes.fetchall()), *counts)
