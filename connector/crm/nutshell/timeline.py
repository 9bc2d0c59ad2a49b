"""Through which stages a lead went, from its events and from what it is now.

A won, lost or cancelled lead is in the stage of its pipeline that stands for that; what became of
it before, and when, is told by events as far as Nutshell has them, and the rest by the lead.

    event, 1 March    stage null -> 101-stages
    event, 8 March    stage 101-stages -> 105-stages
    event, 20 March   status open -> lost
    event, 2 April    status lost -> open
    the lead now      status "won", closedTime 9 April, no event of it

    101-stages from 1 March, 105-stages from 8 March, 1-stagesets:lost from 20 March,
    105-stages again from 2 April, 1-stagesets:won from 9 April, each exact
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.crm.nutshell.events import STATUS, Told, before
from connector.crm.nutshell.pipelines import status_stage
from connector.crm.nutshell.statuses import Status
from connector.model import BEGINNING, Change, Field

# Nutshell has whole seconds; what must have been just before an instant is put this much before.
JUST_BEFORE = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a lead is now, and where it came from.

    Nothing was `closed` before it was `created`. `since` is from when on its events are known, None
    where there are none; `partial` says that they are not all the events there are.
    """

    status: Status
    stage: str | None
    pipeline: str | None
    created: datetime
    closed: datetime | None
    now: datetime
    since: datetime | None
    partial: bool = False

    @property
    def known_from_birth(self) -> bool:
        """Whether no event of the lead is missing."""
        return not self.partial or (self.since is not None and self.created >= self.since)

    def before(self, field: str, value: str, at: datetime) -> Change:
        """The change to the value that the first known event of a field, at `at`, ended.

        Since the creation, where the log reaches back to it: it would hold any change in between
        (INFERRED, 2026-11). Else since nobody knows when before the log begins.
        """
        if self.since is None or self.created >= self.since:
            return Change(field, value, min(self.created, at))
        seen = max(self.created, min(self.since, at - JUST_BEFORE))
        return Change(field, value, seen, self.created)


def stage_changes(
    told: Iterable[Told], is_now: Position, pipeline_of: Callable[[str], str | None]
) -> list[Change]:
    """The changes of stage of one lead, oldest first."""
    events = list(told)
    timeline = _Timeline(is_now, pipeline_of, _stage_before(events) or is_now.stage)
    for event in events:
        timeline.heed(event)
    return timeline.ended()


def pipeline_changes(
    stages: Iterable[Change], is_now: Position, pipeline_of: Callable[[str], str | None]
) -> list[Change]:
    """The changes of pipeline that follow from those of the stage.

    Of a partial history, the first stage tells where the lead lay then, not that it came there.
    """
    found: list[Change] = []
    for change in stages:
        stage = change.value or ""
        pipeline = pipeline_of(stage) or stage.rpartition(":")[0] or None
        if pipeline is None and stage == is_now.stage:
            pipeline = is_now.pipeline
        if pipeline is None or (found and found[-1].value == pipeline):
            continue
        since = change.not_before
        if is_now.partial and not found and since is None and change.at > is_now.created:
            since = is_now.created
        found.append(Change(Field.PIPELINE, pipeline, change.at, since, change.by))
    return found


class _Timeline:
    """The stages of a lead as its events come by, in their order."""

    def __init__(
        self, is_now: Position, pipeline_of: Callable[[str], str | None], first: str | None
    ):
        self._now = is_now
        self._pipeline_of = pipeline_of
        self._first = first  # the one it was in until the first event of a stage
        self._changes: list[Change] = []
        self._stage: str | None = None  # the last one it was open in
        # What it was before the first event; one known from its creation on began open.
        self._status = Status.OPEN if is_now.known_from_birth else None
        self._after_closing: set[str] = set()

    def heed(self, event: Told) -> None:
        """Take over what one event tells."""
        at = BEGINNING + timedelta(milliseconds=event.at)
        # What became of a lead is told of the stage that the same event brought it to.
        for name, value in sorted(event.changes, key=lambda change: change[0] == STATUS):
            if name == before(Field.STAGE) and value and not self._changes:
                self._add(self._now.before(Field.STAGE, value, at))
                self._stage = value
            elif name == Field.STAGE and value:
                self._enter(value, at, event.by)
            elif name == before(STATUS) and value and self._status is None:
                self._status = Status(value)
            elif name == STATUS and value:
                self._become(Status(value), at, event.by)

    def ended(self) -> list[Change]:
        """The changes, which lead to where the lead is now."""
        now = self._now
        if now.status is Status.OPEN:
            if now.stage and now.stage != self._last():
                self._see(now.stage, now.now)
        else:
            self._close()
        return self._changes

    def _enter(self, stage: str, at: datetime, by: str | None) -> None:
        now = self._now
        if now.status is not Status.OPEN and now.closed is not None and at > now.closed:
            self._after_closing.add(stage)
            return
        if stage != self._last():
            self._add(Change(Field.STAGE, stage, at, None, by))
        self._stage, self._status = stage, Status.OPEN

    def _become(self, status: Status, at: datetime, by: str | None) -> None:
        if status is self._status:
            return
        self._status = status
        stage = self._stage or self._first
        value = stage if status is Status.OPEN else self._closed_as(status)
        if value:
            self._add(Change(Field.STAGE, value, at, None, by))

    def _close(self) -> None:
        """Let the history end in how the lead ended, at the instant the lead itself tells."""
        now, last = self._now, self._changes[-1] if self._changes else None
        value = self._closed_as(now.status)
        if value is None:
            return
        by = None
        if last is not None and last.value == value:
            if now.closed is None:
                return
            by = self._changes.pop().by
        at = now.closed or now.now
        if self._changes and self._changes[-1].at > at:
            self._see(value, now.now)
            return
        self._see_before(at)
        self._add(Change(Field.STAGE, value, at, self._since_when(at), by))

    def _since_when(self, closing: datetime) -> datetime | None:
        """As `not_before` of how the lead ended.

        What was before a partial log is on record as an event told it, if it is; only where it is
        not, this counts.
        """
        now = self._now
        if now.closed is None:
            return self._last_at()
        if now.partial and (now.since is None or closing < now.since):
            return closing - JUST_BEFORE
        return None

    def _see_before(self, closing: datetime) -> None:
        """The stage the lead lies in though no event says so, seen just before it was closed."""
        stage, just_before = self._now.stage, closing - JUST_BEFORE
        if not stage or stage in self._after_closing or stage == self._last():
            return
        if not _ends(self._last()) and just_before > self._last_at():
            self._see(stage, just_before)

    def _see(self, stage: str, at: datetime) -> None:
        """A stage of which no event tells, seen at an instant.

        A lead without any was in it since its creation, if the log reaches back that far.
        """
        now = self._now
        if not self._changes and now.since is not None and now.created >= now.since:
            self._add(now.before(Field.STAGE, stage, at))
        else:
            self._add(Change(Field.STAGE, stage, max(at, self._last_at()), self._last_at()))

    def _closed_as(self, status: Status) -> str | None:
        pipeline = self._now.pipeline
        if self._stage is not None and status is not self._now.status:
            pipeline = self._pipeline_of(self._stage) or pipeline
        return status_stage(pipeline, status) if pipeline else None

    def _last(self) -> str | None:
        return self._changes[-1].value if self._changes else None

    def _last_at(self) -> datetime:
        return self._changes[-1].at if self._changes else self._now.created

    def _add(self, change: Change) -> None:
        self._changes.append(change)


def _stage_before(events: Iterable[Told]) -> str | None:
    """The stage that the first event of a stage says was left."""
    told = (change for event in events for change in event.changes)
    first = next((each for each in told if each[0] in (before(Field.STAGE), Field.STAGE)), None)
    return first[1] if first and first[0] == before(Field.STAGE) else None


def _ends(stage: str | None) -> bool:
    """Whether a stage stands for a status that ends a lead."""
    return stage is not None and ":" in stage
