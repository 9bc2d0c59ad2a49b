"""Report time in stage: ask the history, compute, keep what the report's head needs."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from connector.config import Account
from connector.errors import NotFound
from connector.jobs.reading import stored_account
from connector.metrics.stays import LeftOut
from connector.metrics.time_in_stage import TimeInStage, time_in_stage
from connector.model import Pipeline, Remote
from connector.store import history


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Time in stage of one account as of an instant, with the pipelines in force then.

    `pulled` is the end of the last pull, behind which nothing is known.
    """

    account: str
    remote: Remote
    pipelines: tuple[Pipeline, ...]
    rows: tuple[TimeInStage, ...]
    left_out: tuple[LeftOut, ...]
    as_of: datetime
    pulled: datetime


def read_time_in_stage(
    account: Account, db: Database, pipeline: str | None, as_of: datetime | None
) -> StageTimes:
    """How long deals stay in each stage, of one pipeline or all, as of an instant or the last pull.

    An instant without a zone is one of the account's own.
    Raises `NotFound` where the account was never pulled or has no such pipeline.
    """
    stored = stored_account(account, db)
    at = stored.pulled if as_of is None else _in_zone(as_of, stored.remote.time_zone)
    pipelines = history.pipelines_at(db, stored.id, at)
    if pipeline is not None and pipeline not in {each.id for each in pipelines}:
        known = ", ".join(f"{each.id} ({each.label})" for each in pipelines)
        raise NotFound(f"{account.name} has no pipeline {pipeline!r}; there is {known}")
    rows = tuple(map(time_in_stage, history.stays(db, stored.id, at, pipeline)))
    left_out = history.left_out(db, stored.id, at, pipeline)
    return StageTimes(account.name, stored.remote, pipelines, rows, left_out, at, stored.pulled)


def _in_zone(instant: datetime, zone: str) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(zone))
