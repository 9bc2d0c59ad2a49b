"""One HubSpot account's whole state, and the edits that people in it would make."""

import threading
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from connector.sandbox.clock import Clock, SystemClock
from connector.sandbox.hubspot.catalogue import standard_properties
from connector.sandbox.hubspot.people import People
from connector.sandbox.hubspot.records import (
    AuditEntry,
    Deal,
    Pipeline,
    Property,
    Stage,
    Version,
    epoch_ms,
    iso,
)
from connector.sandbox.hubspot.versions import raw_version

_DEALS = frozenset({"oauth", "crm.objects.deals.read"})
_READ = _DEALS | {"crm.objects.owners.read"}
_WRITE = {"crm.schemas.deals.read", "crm.schemas.deals.write", "crm.objects.deals.write"}
DEFAULT_KEYS = {
    "pat-sandbox-read": _READ,
    "pat-sandbox-write": _READ | _WRITE,
    "pat-sandbox-lacking": _DEALS,
}
PORTAL_ID = 146_210_777
_FIRST_ID = 22_901_690_000  # deal ids of today's portals have eleven digits


class Portal:
    """A portal held in memory; every edit takes `lock`, and `at` defaults to the clock's now."""

    def __init__(
        self,
        id: int = PORTAL_ID,
        *,
        time_zone: str = "Europe/Oslo",
        currency: str = "NOK",
        rates: Mapping[str, float] | None = None,
        name: str = "Sandbox",
        account_type: str = "STANDARD",
    ) -> None:
        self.id = id
        self.name = name
        self.account_type = account_type
        self.time_zone = time_zone
        self.currency = currency
        self.rates = dict(rates or {})
        self.keys: dict[str, frozenset[str]] = dict(DEFAULT_KEYS)
        self.daily_limit = 250_000
        self.clock: Clock = SystemClock()
        self.lock = threading.RLock()
        self.people = People()
        self.pipelines: dict[str, Pipeline] = {}
        self.audit: dict[str, list[AuditEntry]] = {}
        self.deals: dict[int, Deal] = {}
        self.properties: dict[str, Property] = standard_properties()
        self._stages: dict[str, tuple[Pipeline, Stage]] = {}
        self._deal_ids: list[int] = []
        self._last_id = _FIRST_ID

    def now(self) -> int:
        """The clock's time in epoch milliseconds."""
        return epoch_ms(self.clock.now())

    def new_id(self) -> int:
        """A number no record has had."""
        with self.lock:
            self._last_id += 1
            return self._last_id

    def _ms(self, at: datetime | None) -> int:
        return self.now() if at is None else epoch_ms(at)

    def add_property(self, name: str, label: str, type: str = "string") -> None:
        """Define a custom deal property."""
        with self.lock:
            self.properties.setdefault(name, Property(name, label, type, custom=True))

    def add_pipeline(
        self,
        label: str,
        stages: Iterable[Stage],
        *,
        id: str | None = None,
        at: datetime | None = None,
    ) -> Pipeline:
        """Add a pipeline with ready-made stages, exactly as given."""
        ms = self._ms(at)
        with self.lock:
            pipeline_id = id or str(self.new_id())
            pipeline = Pipeline(pipeline_id, label, len(self.pipelines), tuple(stages), ms, ms)
            self.put_pipeline(pipeline, at=ms)
            return pipeline

    def put_pipeline(self, pipeline: Pipeline, *, at: int, user_id: int | None = None) -> None:
        """Store a pipeline's new version, in its audit trail too, and touch all its deals.

        HubSpot fact, 2026-11: editing a pipeline moves hs_lastmodifieddate of its deals.
        """
        with self.lock:
            self.pipelines[pipeline.id] = pipeline
            self._index_stages()
            trail = self.audit.setdefault(pipeline.id, [])
            trail.append(AuditEntry(at, user_id, raw_version(pipeline, version=len(trail))))
            for deal in self.deals.values():
                if deal.value("pipeline") == pipeline.id:
                    deal.modified = max(deal.modified, at)

    def drop_pipeline(self, pipeline_id: str) -> None:
        """Purge a pipeline; its audit trail goes with it."""
        with self.lock:
            del self.pipelines[pipeline_id]
            self.audit.pop(pipeline_id, None)
            self._index_stages()

    def _index_stages(self) -> None:
        self._stages = {
            stage.id: (pipeline, stage)
            for pipeline in self.pipelines.values()
            for stage in pipeline.stages
        }

    def stage(self, stage_id: str) -> Stage | None:
        """The stage with this id, in whichever pipeline."""
        found = self._stages.get(stage_id)
        return found[1] if found else None

    def pipeline_of(self, stage_id: str) -> Pipeline | None:
        """The pipeline that has this stage."""
        found = self._stages.get(stage_id)
        return found[0] if found else None

    def standing_in(self, stage_ids: Iterable[str]) -> list[Deal]:
        """The active deals standing in any of these stages."""
        wanted = set(stage_ids)
        return [
            deal
            for deal in self.deals.values()
            if deal.listed() and deal.value("dealstage") in wanted
        ]

    def deal(self, deal_id: int | str) -> Deal:
        """The deal with this id, archived and merged ones too."""
        return self.deals[int(deal_id)]

    def ids_from(self, first: float) -> Iterator[int]:
        """All deal ids from this one on, in order."""
        return islice(self._deal_ids, bisect_left(self._deal_ids, first), None)

    def add_deal(
        self,
        properties: Mapping[str, str],
        at: datetime | None = None,
        *,
        id: int | None = None,
        user_id: int | None = None,
        source: str = "CRM_UI",
    ) -> Deal:
        """Create a deal with its first values."""
        ms = self._ms(at)
        with self.lock:
            deal = Deal(id or self.new_id(), created=ms, modified=ms)
            for name, value in {"createdate": iso(ms), **properties}.items():
                deal.record(name, Version(value, ms, source, user_id))
            self.deals[deal.id] = deal
            insort(self._deal_ids, deal.id)
            return deal

    def set(
        self,
        deal_id: int | str,
        property: str,
        value: str,
        at: datetime | None = None,
        *,
        user_id: int | None = None,
        source: str = "CRM_UI",
    ) -> None:
        """Give one property a value; an empty one clears it."""
        ms = self._ms(at)
        with self.lock:
            self.deal(deal_id).record(property, Version(value, ms, source, user_id))

    def move(
        self,
        deal_id: int | str,
        stage_id: str,
        at: datetime | None = None,
        *,
        user_id: int | None = None,
        source: str = "CRM_UI",
    ) -> None:
        """Move a deal to a stage: its pipeline follows, and closing it sets its close date.

        HubSpot facts, 2026-11: the histories of stage and pipeline tick milliseconds apart; the
        close date is set on the way into a closed stage, and not from won to won or lost to lost.
        """
        ms = self._ms(at)
        with self.lock:
            deal = self.deal(deal_id)
            pipeline, stage = self.pipeline_of(stage_id), self.stage(stage_id)
            if pipeline is None or stage is None:
                raise KeyError(f"no stage {stage_id}")
            before = self.stage(deal.value("dealstage") or "")
            deal.record("dealstage", Version(stage_id, ms, source, user_id))
            tick = max(deal.created, ms - 3)
            deal.record("pipeline", Version(pipeline.id, tick, source, user_id))
            if stage.closed and (before is None or before.chance != stage.chance):
                deal.record("closedate", Version(iso(ms), ms, source, user_id))

    def archive(self, deal_id: int | str, at: datetime | None = None) -> None:
        """Put a deal in the recycle bin."""
        with self.lock:
            deal = self.deal(deal_id)
            deal.archived = deal.archived or self._ms(at)

    def restore(self, deal_id: int | str, at: datetime | None = None) -> None:
        """Take a deal out of the recycle bin; INFERRED: that counts as a modification of it."""
        with self.lock:
            deal = self.deal(deal_id)
            deal.archived = None
            deal.modified = max(deal.modified, self._ms(at))

    def purge(self, deal_id: int | str) -> None:
        """Delete a deal for good: no listing and no id tells of it any more."""
        with self.lock:
            del self.deals[int(deal_id)]
            self._deal_ids.remove(int(deal_id))

    def merge(self, winner: int | str, loser: int | str, at: datetime | None = None) -> None:
        """Merge two deals: the loser leaves every listing, its ids live on in the winner.

        INFERRED: the winner's own values stand.
        """
        with self.lock:
            kept, gone = self.deal(winner), self.deal(loser)
            gone.merged_into = kept.id
            kept.merged = (*kept.merged, gone.id, *gone.merged)
            kept.modified = max(kept.modified, self._ms(at))
