"""The ways HubSpot's deals are found, page by page, each page with a bookmark to go on from.

Everything is listed. What was modified since an instant is searched by id and read with its whole
history, because a search knows no history and a history cannot be filtered by date without losing
changes (HubSpot facts, 2026-11).
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from enum import StrEnum

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot.batches import BATCH, Batch, read_batch
from connector.crm.hubspot.deals import MERGED_IDS, PLAIN_PROPERTIES, Reading, read_deal
from connector.crm.hubspot.decoding import Decoded
from connector.crm.hubspot.endpoints import DEALS
from connector.crm.hubspot.listings import DealPage, Extent, Listing
from connector.crm.hubspot.readers import Readers
from connector.crm.hubspot.records import AnyRecord, read_records
from connector.crm.hubspot.searches import Found, Searches
from connector.crm.hubspot.stretches import PAGE, Disorder, Stretches
from connector.crm.transport import Query, Transport
from connector.errors import CrmError, Rejected
from connector.model import Known, Page, Unread, nothing_known

# Batches of one read by id that are asked for at once.
AT_ONCE = 4

log = logging.getLogger(__name__)


class Walk(StrEnum):
    """A way through the deals of a portal."""

    ACTIVE = "active"
    MODIFIED = "modified"
    ARCHIVED = "archived"


class Bookmark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a read goes on: how far a listing was walked, or behind which id a search goes on."""

    walk: Walk
    stretches: Stretches | None = None
    after: int | None = None

    def text(self) -> str:
        """The bookmark as the text a page carries."""
        return msgspec.json.encode(self).decode()


class DealWalks:
    """Reads the deals of one portal; `tracked` maps our fields to HubSpot's property names."""

    def __init__(self, transport: Transport, tracked: Mapping[str, str]):
        self._transport = transport
        self._tracked = tracked
        self._history = [*tracked.values(), MERGED_IDS]
        self._properties = [*PLAIN_PROPERTIES, *self._history]
        self._searches = Searches(transport)
        self.expected: int | None = None  # active deals of the read under way, by a search

    def count(self) -> int | None:
        """How many active deals a search says there are."""
        try:
            return self._searches.last().total
        except Rejected:
            return None

    def deals(
        self, since: datetime | None, bookmark: str | None, known: Known = nothing_known
    ) -> Iterator[Page]:
        """Active deals, all or those modified since an instant but for the ones that are known."""
        place = _place(bookmark, Walk.ACTIVE if since is None else Walk.MODIFIED)
        if since is None or place.walk is Walk.ACTIVE:
            yield from self._listed(place)
            return
        try:
            yield from self._modified(since, place.after, known)
        except Disorder:
            # Seen of HubSpot's search: results out of order. Then only the listing is sure.
            log.warning("HubSpot's search contradicts itself; every deal is read instead")
            yield from self._listed(Bookmark(Walk.ACTIVE))

    def archived(self, bookmark: str | None) -> Iterator[Page]:
        """Archived deals."""
        return self._listed(_place(bookmark, Walk.ARCHIVED))

    def by_id(self, ids: Sequence[str]) -> Iterator[Page]:
        """What each of these deals is now."""
        most = BATCH * AT_ONCE
        with Readers(self._transport.stop) as readers:
            for start in range(0, len(ids), most):
                yield self._page_of(self._batches(readers, ids[start : start + most]), None)

    def _listed(self, place: Bookmark) -> Iterator[Page]:
        archived = place.walk is Walk.ARCHIVED
        query: Query = [("limit", str(PAGE)), ("archived", "true" if archived else "false")]
        query += [("properties", name) for name in self._properties]
        query += [("propertiesWithHistory", name) for name in self._history]

        def ask(after: str) -> DealPage:
            cursor = [("after", after)] if after else []
            answer = self._transport.read("GET", DEALS, [*query, *cursor])
            return DealPage(answer, read_records(answer))

        with Readers(self._transport.stop) as readers:
            fresh = place.stretches is None and not archived
            extent = self._extent if fresh else None
            walk = Listing(readers, ask, lambda: self._transport.usage.burst, extent)
            for page, stretches in walk.pages(place.stretches or Stretches()):
                more = any(stretch.open for stretch in stretches.all)
                onward = Bookmark(place.walk, stretches).text() if more else None
                read = [] if page is None else [(page.answer, page.content)]
                yield self._page(read, bookmark=onward)

    def _extent(self) -> Extent:
        try:
            found = self._searches.last()
        except CrmError:
            return Extent(0, 0)  # only a hint; the listing knows better
        self.expected = found.total
        return Extent(found.total, max(found.ids, default=0))

    def _modified(self, since: datetime, after: int | None, known: Known) -> Iterator[Page]:
        """What a search finds, less what is known, read in full batches as far as they go."""
        with Readers(self._transport.stop) as readers:
            search = readers.ask(self._searches.modified, since, after)
            left, waiting = 0, list[int]()
            while True:
                found = search.result()
                self.expected = self.expected or found.total
                if found.total < left:
                    raise Disorder
                left = found.total - len(found.ids)
                if found.more:
                    search = readers.ask(self._searches.modified, since, found.ids[-1])
                told = known(found.modified)
                waiting += [deal for deal in found.ids if str(deal) not in told]
                full = len(waiting) // BATCH * BATCH if found.more else len(waiting)
                asked, waiting = list(map(str, waiting[:full])), waiting[full:]
                onward = _behind(found, waiting)
                yield self._page_of(self._batches(readers, asked), onward)
                if onward is None:
                    return

    def _batches(self, readers: Readers, ids: Sequence[str]) -> list[Future[Batch]]:
        parts = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
        return [
            readers.ask(read_batch, self._transport, part, self._properties, self._history)
            for part in parts
        ]

    def _page_of(self, batches: Iterable[Future[Batch]], bookmark: str | None) -> Page:
        done = [batch.result() for batch in batches]
        return self._page(
            [each for batch in done for each in batch.read],
            withheld=tuple(each for batch in done for each in batch.withheld),
            missing=tuple(each for batch in done for each in batch.missing),
            bookmark=bookmark,
        )

    def _page(
        self,
        answers: Iterable[tuple[Answer, Decoded[AnyRecord]]],
        *,
        withheld: tuple[Unread, ...] = (),
        missing: tuple[str, ...] = (),
        bookmark: str | None,
    ) -> Page:
        readings: list[Reading] = []
        unread: list[Unread] = []
        for answer, content in answers:
            now = answer.now
            readings += [read_deal(record, self._tracked, now) for record in content.records]
            unread += content.unread
        return Page(
            deals=tuple(each.deal for each in readings if each.deal is not None),
            merged=tuple(merged for each in readings for merged in each.merged),
            unread=(*unread, *withheld, *(one for each in readings for one in each.unread)),
            bookmark=bookmark,
            missing=missing,
        )


def _behind(found: Found, waiting: Sequence[int]) -> str | None:
    """Where a search that found more goes on, finding again what waits for a full batch."""
    if not found.more:
        return None
    return Bookmark(Walk.MODIFIED, after=waiting[0] - 1 if waiting else found.ids[-1]).text()


def _place(bookmark: str | None, walk: Walk) -> Bookmark:
    return msgspec.json.decode(bookmark, type=Bookmark) if bookmark else Bookmark(walk)
