"""How the configuration of an account came to be: every edit, a moment of it, a drift's origin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from connector.config import Account
from connector.errors import NotFound
from connector.jobs.reading import Reading, stored_account
from connector.model import Pipeline, PipelineVersion, Remote
from connector.reconcile.drift import Drift
from connector.reconcile.origin import Origins, origin
from connector.reconcile.revisions import Revision, revisions
from connector.store import accounts, history, journal
from connector.store.pipelines import as_kept


@dataclass(frozen=True, slots=True)
class Told:
    """Every known revision of an account's pipelines, newest first; `people` are by user id."""

    account: str
    remote: Remote
    revisions: tuple[Revision, ...]
    people: Mapping[str, str]
    pulled: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """The versions of an account's pipelines in force at an instant."""

    account: str
    remote: Remote
    versions: tuple[PipelineVersion, ...]
    people: Mapping[str, str]
    at: datetime


def read_history(account: Account, db: Database, pipeline: str | None) -> Told:
    """How the pipelines of an account changed, or the one of this id or label."""
    stored = stored_account(account, db)
    versions = history.pipeline_versions(db, stored.id)
    writes, looks = journal.writes(db, stored.id), history.pull_starts(db, stored.id)
    chosen = versions if pipeline is None else [_find(account, versions, pipeline)]
    told = [each for one in chosen for each in reversed(revisions(versions[one], writes, looks))]
    told.sort(key=lambda revision: revision.version.at, reverse=True)
    return Told(account.name, stored.remote, tuple(told), _people(db, stored.id), stored.pulled)


def read_moment(account: Account, db: Database, pipeline: str | None, at: datetime) -> Moment:
    """The pipelines of an account, or one, as they were at an instant.

    An instant without a zone is one of the account's own.
    """
    stored = stored_account(account, db)
    at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(stored.remote.time_zone))
    versions = history.pipeline_versions_at(db, stored.id, at)
    if pipeline is not None:
        known = history.pipeline_versions(db, stored.id)
        wanted = _find(account, known, pipeline)
        versions = tuple(version for version in versions if version.pipeline.id == wanted)
    return Moment(account.name, stored.remote, versions, _people(db, stored.id), at)


def find_origins(reading: Reading, drifts: Iterable[Drift], db: Database) -> Origins:
    """Since when, and by whose hand, each drift of a reading is there, as far as pulls told."""
    account = accounts.find(db, reading.account)
    last = None if account is None else history.last_pull(db, account)
    if account is None or last is None:
        return Origins()
    versions = history.pipeline_versions(db, account)
    writes, looks = journal.writes(db, account), history.pull_starts(db, account)
    live = {pipeline.id: pipeline for pipeline in reading.pipelines}
    found = {}
    for drift in drifts:
        stored = versions.get(drift.pipeline, ())
        row = _up_to_now(stored, live.get(drift.pipeline), last.started, reading.at)
        if began := origin(drift, row, writes, looks):
            found[drift.id] = began
    return Origins(found, _people(db, account))


def _up_to_now(
    stored: tuple[PipelineVersion, ...],
    live: Pipeline | None,
    pulled: datetime,
    at: datetime,
) -> tuple[PipelineVersion, ...]:
    """The stored versions, ended by what a reading after the last pull saw."""
    last = stored[-1] if stored and stored[-1].until is None else None
    now = None if live is None else as_kept(live)
    if now == (last.pipeline if last else None):
        return stored
    at = max(at, last.at) if last else at
    ended = stored if last is None else (*stored[:-1], replace(last, until=at))
    return ended if now is None else (*ended, PipelineVersion(now, at, not_before=pulled))


def _find(account: Account, versions: Mapping[str, tuple[PipelineVersion, ...]], asked: str) -> str:
    """The id of the pipeline with this id or, as it was last called, this label."""
    labels = {pipeline: known[-1].pipeline.label for pipeline, known in versions.items()}
    if asked in labels:
        return asked
    called = [each for each, label in labels.items() if label.casefold() == asked.casefold()]
    if len(called) == 1:
        return called[0]
    known = ", ".join(f"{each} ({label})" for each, label in labels.items())
    raise NotFound(f"{account.name} has no pipeline {asked!r}; there is {known}")


def _people(db: Database, account: int) -> dict[str, str]:
    """The names of everyone by the id the CRM logs their changes under, former ones too."""
    owners = sorted(history.owners(db, account), key=lambda owner: not owner.archived)
    return {owner.user_id: owner.name for owner in owners if owner.user_id and owner.name}
