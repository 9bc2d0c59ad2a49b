"""HubSpot behind the protocol every CRM answers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from connector.crm.can import CAN
from connector.crm.hubspot import audit, endpoints, people
from connector.crm.hubspot.client import open_transport
from connector.crm.hubspot.deals import PROPERTY_OF
from connector.crm.hubspot.paging import listing
from connector.crm.hubspot.pipelines import (
    create_body,
    edit_body,
    moved_on,
    read_pipelines,
    read_stage,
    writable,
)
from connector.crm.hubspot.walks import DealWalks
from connector.crm.transport import Transport, Usage
from connector.errors import Rejected
from connector.model import (
    CreateStage,
    EditStage,
    Known,
    Owners,
    Page,
    Pipeline,
    Remote,
    StageChange,
    Trail,
    nothing_known,
)

OWNERS_PER_PAGE = 100


def connect(
    token: str,
    *,
    base_url: str | None = None,
    requests_per_10s: int | None = None,
    daily_reserve: float = 0.0,
    fields: Mapping[str, str] | None = None,
) -> "HubSpot":
    """The portal a key opens; `fields` maps further tracked fields to HubSpot's property names."""
    transport = open_transport(
        token, base_url, requests_per_10s=requests_per_10s, daily_reserve=daily_reserve
    )
    return HubSpot(transport, {**PROPERTY_OF, **(fields or {})})


class HubSpot:
    """One HubSpot portal."""

    can = CAN["hubspot"]

    def __init__(self, transport: Transport, tracked: Mapping[str, str]):
        self._transport = transport
        self._walks = DealWalks(transport, tracked)

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._transport.usage.requests

    @property
    def usage(self) -> Usage:
        """What was asked of HubSpot so far, and what it said of its limits."""
        return self._transport.usage

    @property
    def expected(self) -> int | None:
        """About how many deals the read under way will bring, once that is known."""
        return self._walks.expected

    def account(self) -> Remote:
        """The portal behind the key."""
        remote = people.read_account(self._transport.read("GET", endpoints.ACCOUNT))
        self._transport.quota.time_zone = remote.time_zone
        return remote

    def pipelines(self) -> tuple[Pipeline, ...]:
        """Every deal pipeline with its stages, in display order."""
        return read_pipelines(self._transport.read("GET", endpoints.PIPELINES))

    def versions(self, pipeline_id: str) -> Trail:
        """Every version of a pipeline in HubSpot's audit trail."""
        path = f"{endpoints.PIPELINES}/{_segment(pipeline_id)}/audit"
        return audit.read_trail(self._transport.read("GET", path), pipeline_id)

    def owners(self, *, former: bool = False) -> Owners:
        """Everyone deals belong to, or everyone who was deactivated."""
        query = [("limit", str(OWNERS_PER_PAGE)), ("archived", "true" if former else "false")]
        pages = [
            page.content
            for page in listing(self._transport, endpoints.OWNERS, query, people.read_owners)
        ]
        return Owners(
            known=tuple(people.owner_of(each) for page in pages for each in page.records),
            unread=tuple(each for page in pages for each in page.unread),
        )

    def count(self) -> int | None:
        """How many active deals HubSpot's search says there are."""
        return self._walks.count()

    def deals(
        self,
        since: datetime | None,
        bookmark: str | None = None,
        known: Known = nothing_known,
    ) -> Iterator[Page]:
        """Pages of active deals with their history; `DealWalks` tells how they are found."""
        return self._walks.deals(since, bookmark, known)

    def archived(self, bookmark: str | None = None) -> Iterator[Page]:
        """Pages of archived deals with their history."""
        return self._walks.archived(bookmark)

    def by_id(self, ids: Sequence[str]) -> Iterator[Page]:
        """What each of these deals is now: active, archived or missing."""
        return self._walks.by_id(ids)

    def stop(self) -> None:
        """End every request that is under way or waits; nothing can be asked any more."""
        self._transport.stop()

    def write(self, change: StageChange) -> None:
        """Send one POST or one PATCH of a stage; never a PUT, never a DELETE."""
        base = f"{endpoints.PIPELINES}/{_segment(change.pipeline)}/stages"
        match change:
            case CreateStage(stage=stage_id, after=after):
                self._transport.write("POST", base, create_body(stage_id, after))
            case EditStage(stage=stage_id, before=before, after=after):
                path = f"{base}/{_segment(stage_id)}"
                live = read_stage(self._transport.read("GET", path))
                if not writable(live):
                    raise Rejected(f"HubSpot keeps the stage {live.label!r} read-only.", 403)
                if moved_on(live, before, after):
                    raise Rejected(f"Somebody has changed the stage {live.label!r} meanwhile.", 409)
                self._transport.write("PATCH", path, edit_body(live, after))


def _segment(given: str) -> str:
    """An id as one segment of a path; "..", which leads out of it, is an id of nothing."""
    if given in ("", ".", ".."):
        raise Rejected(f"HubSpot has no pipeline or stage with the id {given!r}.", 404)
    return quote(given, safe="")
