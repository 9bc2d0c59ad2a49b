"""The ways Nutshell's leads are found, page by page, each page with a bookmark to go on from.

Leads have no time of modification in REST (Nutshell fact, 2026-11). So what changed is found by the
log of events, which also holds the history that no lead carries.
"""

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connector.crm.answers import Answer
from connector.crm.nutshell import endpoints, shapes
from connector.crm.nutshell.eventlog import EventLog, newest_first, number_of
from connector.crm.nutshell.leads import LeadReader, Reading, modified_at
from connector.crm.nutshell.shapes import Record, integer_of
from connector.crm.transport import Query, Transport
from connector.errors import BadAnswer, Rejected
from connector.model import Known, Page, nothing_known

LEADS_PER_PAGE = 500
IDS_AT_ONCE = 100

_AFTER = "after "
_MALFORMED = 400
_NOT_FOUND = 404

log = logging.getLogger(__name__)


class LeadWalks:
    """Reads the leads of one account."""

    def __init__(
        self,
        transport: Transport,
        reader: Callable[[], LeadReader],
        new_log: Callable[[], EventLog],
    ):
        self._transport = transport
        self._reader = reader
        self._new_log = new_log
        self._whole_log: EventLog | None = None
        self._listed: set[str] | None = None
        self._since: datetime | None = None
        self.expected: int | None = None

    def deals(
        self, since: datetime | None, bookmark: str | None, known: Known = nothing_known
    ) -> Iterator[Page]:
        """All leads, or those an event touched since an instant but for the ones that are known."""
        if since is None:
            return self._everything(_page_number(bookmark))
        return self._touched(since, _lead_number(bookmark), known)

    def archived(self, bookmark: str | None) -> Iterator[Page]:
        """Leads that the log of deletions names: those that no listing shows and no id finds.

        Where the whole listing was just read, it has shown who is there all the same. After a read
        of what changed, only deletions since then are looked at.
        """
        gone = self._deleted(self._since)
        if self._listed is not None:
            yield Page((), missing=tuple(sorted(gone - self._listed, key=integer_of)))
            return
        after = _lead_number(bookmark)
        left = [each for each in sorted(gone, key=integer_of) if integer_of(each) > after]
        for batch in _batches(left):
            page = self._page_of(batch, self._new_log(), bookmark=f"{_AFTER}{batch[-1]}")
            yield replace(page, deals=tuple(each for each in page.deals if each.archived_at))
        yield Page(())

    def _deleted(self, since: datetime | None = None) -> set[str]:
        """The leads the log of deletions names; nobody has seen its shape (Nutshell, 2026-11)."""
        named: set[str] = set()
        try:
            for events in newest_first(self._transport, path=endpoints.DELETED):
                recent = [each for each in events if since is None or _oldest([each]) >= since]
                named.update(shapes.named_in(recent, "leads"))
                if since is not None and _oldest(events) < since:
                    break
        except (Rejected, BadAnswer) as fault:
            log.warning("deletions are only found by what a full read does not list: %s", fault)
        return named

    def by_id(self, ids: Sequence[str]) -> Iterator[Page]:
        """What each of these leads is now, with its whole history."""
        for batch in _batches(ids):
            yield self._page_of(batch, self._whole_log or self._log_of(batch))

    # --- everything ---

    def _everything(self, number: int) -> Iterator[Page]:
        events = self._whole_log = self._back_fill()
        known_then = events.newest
        listed = {remote for page in range(number) for remote in self._ids_on(page)}
        while told := self._on_page(number):
            answer, leads = told
            reader = self._reader()
            readings = [reader.read(each, events, answer.now, whole=True) for each in leads]
            listed |= _ids(leads)
            number += 1
            yield _page(readings, bookmark=str(number))
        touched = self._touched_after(known_then, events)
        unlisted = set(events.leads) - listed - self._deleted()
        self._listed = listed
        for batch in _batches(sorted(touched | unlisted, key=integer_of)):
            yield self._page_of(batch, events, bookmark=str(number))
        yield Page(())

    def _back_fill(self) -> EventLog:
        """The whole log, back to the first event there is."""
        events = self._new_log()
        for page in newest_first(self._transport):
            for event in page:
                events.add(event)
        events.whole = True
        return events

    def _touched_after(self, newest: int, events: EventLog) -> set[str]:
        """The leads touched by events after one, once these are in the log too."""
        touched: set[str] = set()
        for page in newest_first(self._transport):
            for event in page:
                if number_of(event) > newest:
                    touched.update(events.add(event))
            if min(map(number_of, page)) <= newest:
                break
        return touched

    def _on_page(self, number: int) -> tuple[Answer, list[Any]] | None:
        """The leads on a page of the listing; None behind the last one, which is an empty one.

        A page may be shorter than was asked for, and `meta.count` counts what is not there
        (Nutshell fact, 2026-11).
        """
        query: Query = [("page[page]", str(number)), ("page[limit]", str(LEADS_PER_PAGE))]
        answer = self._transport.read("GET", endpoints.LEADS, query)
        self.expected = shapes.number(shapes.meta(shapes.body_of(answer)).get("total"))
        leads = shapes.rows(answer, "leads")
        return (answer, leads) if leads else None

    def _ids_on(self, number: int) -> set[str]:
        told = self._on_page(number)
        return _ids(told[1]) if told else set()

    # --- what changed ---

    def _touched(self, since: datetime, after: int, known: Known) -> Iterator[Page]:
        """Leads with an event since an instant, and those deleted since."""
        self._since = since
        events = self._whole_log or self._new_log()
        touched = sorted(self._leads_since(since, events), key=integer_of)
        new = {lead for batch in _batches(touched) for lead in _unknown(batch, events, known)}
        asked = sorted(new | self._deleted(since), key=integer_of)
        asked = [lead for lead in asked if integer_of(lead) > after]
        self.expected = len(asked)
        for batch in _batches(asked):
            yield self._page_of(batch, events, bookmark=f"{_AFTER}{batch[-1]}")
        yield Page(())

    def _leads_since(self, since: datetime, events: EventLog) -> set[str]:
        """The leads touched since an instant, once all events since then are in the log."""
        touched: set[str] = set()
        for page in newest_first(self._transport):
            for event in page:
                if _oldest([event]) >= since:
                    touched.update(events.add(event))
            if _oldest(page) < since:
                break
        return touched

    # --- by id ---

    def _page_of(
        self, ids: Sequence[str], events: EventLog, *, bookmark: str | None = None
    ) -> Page:
        found = _Found()
        self._find(ids, found)
        reader, whole = self._reader(), events.whole
        readings = [
            reader.read(each, events, answer.now, whole=whole)
            for answer, told in found.told
            for each in told
        ]
        return _page(readings, bookmark=bookmark, missing=tuple(found.missing))

    def _find(self, ids: Sequence[str], found: "_Found") -> None:
        """Ask for leads by id, until an answer has none of those that are left.

        Where a few that are not there cost the answer of all, they are asked for one by one.
        """
        left = list(ids)
        while left:
            told = self._ask_for(left, found)
            if told is None and len(left) > 1:
                for each in left:
                    self._find([each], found)
                return
            if not told:
                found.missing += left
                return
            left = [each for each in left if each not in told]

    def _ask_for(self, ids: Sequence[str], found: "_Found") -> set[str] | None:
        """The ids of those that came; None where they are refused because some are not there."""
        path = f"{endpoints.LEADS}/{','.join(quote(each, safe='') for each in ids)}"
        try:
            answer = self._transport.read("GET", path)
        except Rejected as refused:
            if refused.status != _NOT_FOUND:
                raise
            return None
        told = shapes.rows(answer, "leads")
        found.told.append((answer, told))
        return _ids(told) & set(ids)

    def _log_of(self, ids: Iterable[str]) -> EventLog:
        """The events of some leads, asked for one by one; all there are where none can be."""
        events = self._new_log()
        for lead in ids:
            for page in newest_first(self._transport, [("entity_id", lead)]):
                if not all(lead in (events.add(event) or (lead,)) for event in page):
                    self._whole_log = self._back_fill()
                    return self._whole_log
        events.whole = True
        return events


class _Found:
    """What was asked for by id: the answers with their leads, and the ids that nothing has."""

    def __init__(self) -> None:
        self.told: list[tuple[Answer, list[Any]]] = []
        self.missing: list[str] = []


def _page(
    readings: Iterable[Reading], *, bookmark: str | None, missing: tuple[str, ...] = ()
) -> Page:
    read = list(readings)
    return Page(
        deals=tuple(each.deal for each in read if each.deal is not None),
        unread=tuple(unread for each in read for unread in each.unread),
        bookmark=bookmark,
        missing=missing,
    )


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))


def _unknown(ids: Sequence[str], events: EventLog, known: Known) -> list[str]:
    """Those of the leads that are not on record as of their newest event."""
    modified = {lead: at for lead in ids if (at := modified_at(events.of(lead)))}
    told = known(modified)
    return [lead for lead in ids if lead not in told]


def _oldest(events: Iterable[Record]) -> datetime:
    """When the earliest of some events happened that can be dated."""
    dated = []
    for event in events:
        with contextlib.suppress(ValueError):
            dated.append(shapes.instant(event.get("createdTime")))
    return min(dated, default=datetime.max.replace(tzinfo=UTC))


def _ids(told: Iterable[Any]) -> set[str]:
    return {
        found
        for each in shapes.records(told)
        if (found := shapes.link({"id": each.get("id")}, "leads"))
    }


def _page_number(bookmark: str | None) -> int:
    return 0 if bookmark is None else _parsed(bookmark, bookmark)


def _lead_number(bookmark: str | None) -> int:
    if bookmark is None:
        return -1
    return _parsed(bookmark, bookmark.removeprefix(_AFTER).removesuffix("-leads"))


def _parsed(bookmark: str, text: str) -> int:
    found = shapes.number(text)
    if found is None or found < 0:
        raise Rejected(f"{bookmark!r} is no place in a listing of leads.", _MALFORMED)
    return found
