"""HubSpot behind the protocol every CRM answers."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import quote

import urllib3

from connector.crm.hubspot import audit, endpoints, people
from connector.crm.hubspot.deals import PROPERTY_OF
from connector.crm.hubspot.decoding import Decoded
from connector.crm.hubspot.needs import scope_for
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
from connector.crm.pace import Pace
from connector.crm.transport import Bounds, Transport
from connector.errors import NotAuthorised, Rejected
from connector.model import (
    Capability,
    CreateStage,
    EditStage,
    Owners,
    Page,
    Pipeline,
    Remote,
    StageChange,
    Trail,
)

# The most any key may send; HubSpot's headers lower it for smaller tiers (2026-11).
REQUESTS_PER_10S = 190
OWNERS_PER_PAGE = 100


def connect(
    token: str,
    *,
    base_url: str | None = None,
    requests_per_10s: int | None = None,
    fields: Mapping[str, str] | None = None,
) -> "HubSpot":
    """The portal a key opens; `fields` maps further tracked fields to HubSpot's property names."""
    transport = open_transport(token, base_url, requests_per_10s)
    return HubSpot(transport, {**PROPERTY_OF, **(fields or {})})


def open_transport(
    token: str,
    base_url: str | None = None,
    requests_per_10s: int | None = None,
    bounds: Bounds | None = None,
) -> Transport:
    """Requests to HubSpot with a key.

    Of the official client the connection pool and the authentication are used. Its own requests
    are not: they know undated paths only, have no deadline, retry on their own and turn an answer
    that cannot be read into empty objects (measured with version 12.0.0).
    """
    if not (token.isascii() and token.isprintable()):
        raise NotAuthorised("The HubSpot key holds a line break or a letter that no key has.")
    import hubspot  # costs more than a whole `connector --help`

    host = base_url or endpoints.HOST
    client = hubspot.Client.create(
        access_token=token,
        host=host,
        retry=urllib3.Retry(0, redirect=0, raise_on_status=False),
    )
    api = client.crm.pipelines.pipelines_api.api_client
    headers = dict(api.default_headers)
    api.update_params_for_auth(headers, [], ["oauth2"])
    pool = api.rest_client.pool_manager
    pace = Pace(requests_per_10s or REQUESTS_PER_10S, 10.0)
    return Transport("HubSpot", host, pool, headers, pace, bounds=bounds, scope_for=scope_for)


class HubSpot:
    """One HubSpot portal."""

    can = frozenset(Capability)

    def __init__(self, transport: Transport, tracked: Mapping[str, str]):
        self._transport = transport
        self._walks = DealWalks(transport, tracked)

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._transport.requests

    def account(self) -> Remote:
        """The portal behind the key."""
        return people.read_account(self._transport.read("GET", endpoints.ACCOUNT))

    def pipelines(self) -> tuple[Pipeline, ...]:
        """Every deal pipeline with its stages, in display order."""
        return read_pipelines(self._transport.read("GET", endpoints.PIPELINES))

    def versions(self, pipeline_id: str) -> Trail:
        """Every version of a pipeline in HubSpot's audit trail."""
        path = f"{endpoints.PIPELINES}/{_segment(pipeline_id)}/audit"
        return audit.read_trail(self._transport.read("GET", path), pipeline_id)

    def owners(self) -> Owners:
        """Everyone deals belong to, then everyone they belonged to."""
        pages = [*self._owner_pages(archived="false"), *self._owner_pages(archived="true")]
        return Owners(
            known=tuple(people.owner_of(each) for page in pages for each in page.records),
            unread=tuple(each for page in pages for each in page.unread),
        )

    def deals(self, since: datetime | None, bookmark: str | None) -> Iterator[Page]:
        """Pages of deals with their history; `DealWalks` tells how they are found."""
        return self._walks.pages(since, bookmark)

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

    def _owner_pages(self, archived: str) -> Iterator[Decoded[people.OwnerJson]]:
        query = [("limit", str(OWNERS_PER_PAGE)), ("archived", archived)]
        for page in listing(self._transport, endpoints.OWNERS, query, people.read_owners):
            yield page.content


def _segment(given: str) -> str:
    """An id as one segment of a path; "..", which leads out of it, is an id of nothing."""
    if given in ("", ".", ".."):
        raise Rejected(f"HubSpot has no pipeline or stage with the id {given!r}.", 404)
    return quote(given, safe="")
