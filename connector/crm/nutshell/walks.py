"""The ways Nutshell's leads are found, page by page, each page with a bookmark to go on from.

Leads have no time of modification in REST (Nutshell fact, 2026-11). So what changed is found by the
log of events, which also holds the history that no lead carries.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connector.crm.answers import Answer
from connector.crm.nutshell import endpoints, shapes
from connector.crm.nutshell.eventlog import EventLog, newest_first, number_of
from connector.crm.nutshell.leads import LeadReader, Reading, modified_at
from connector.crm.nutshell.shapes import Record
from connector.crm.transport import Query, Transport
from connector.errors import Rejected
from connector.model import Known, Page, nothing_known

LEADS_PER_PAGE = 500
IDS_AT_ONCE = 100

_AFTER = "after "
_MALFORMED = 400
_NOT_FOUND = 404


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
        self.expected: int | None = None

    def deals(
        self, since: datetime | None, bookmark: str | None, known: Known = nothing_known
    ) -> Iterator[Page]:
        """All leads, or those an event touched since an instant but for the ones that are known."""
        if since is None:
            return self._everything(_page_number(bookmark))
        return self._touched(since, _lead_number(bookmark), known)

    def archived(self, bookmark: str | None) -> Iterator[Page]:
        """Leads that the log of deletions names, deleted or missing as a read by id finds them."""
        gone = sorted(self._deleted(), key=shapes.integer_of)
        after = _lead_number(bookmark)
        for batch in _batches([lead for lead in gone if shapes.integer_of(lead) > after]):
            log, whole = self._whole_log or self._new_log(), self._whole_log is not None
            page = self._page_of(batch, log, whole=whole, bookmark=f"{_AFTER}{batch[-1]}")
            yield replace(page, deals=tuple(each for each in page.deals if each.archived_at))
        yield Page(())

    def _deleted(self) -> set[str]:
        """The leads a log of deletions names, whose shape nobody has seen (Nutshell, 2026-11)."""
        try:
            answer = self._transport.read("GET", endpoints.DELETED)
        except Rejected:
            return set()
        return set(shapes.named_in(shapes.body_of(answer), "leads"))

    def by_id(self, ids: Sequence[str]) -> Iterator[Page]:
        """What each of these leads is now, with its whole history."""
        for batch in _batches(ids):
            log = self._whole_log or self._log_of(batch)
            yield self._page_of(batch, log, whole=True)

    # --- everything ---

    def _everything(self, number: int) -> Iterator[Page]:
        log = self._whole_log = self._back_fill()
        known_then = log.newest
        seen: set[str] = set()
        begun_at = number
        while read := self._listed(number, log):
            readings, ids = read
            seen |= ids
            number += 1
            yield _page(readings, bookmark=str(number))
        seen |= {remote for page in range(begun_at) for remote in self._ids_on(page)}
        touched = self._since(known_then, log)
        left = sorted(touched | (set(log.leads) - seen), key=shapes.integer_of)
        for batch in _batches(left):
            yield self._page_of(batch, log, whole=True, bookmark=str(number))
        yield Page(())

    def _back_fill(self) -> EventLog:
        """The whole log, back to the first event there is."""
        log = self._new_log()
        for events in newest_first(self._transport):
            for event in events:
                log.add(event)
        return log

    def _since(self, newest: int, log: EventLog) -> set[str]:
        """The leads touched by events after one, once these are in the log too."""
        touched: set[str] = set()
        for events in newest_first(self._transport):
            for event in events:
                if number_of(event) > newest:
                    touched.update(log.add(event))
            if min(map(number_of, events)) <= newest:
                break
        return touched

    def _listed(self, number: int, log: EventLog) -> tuple[list[Reading], set[str]] | None:
        """One page of the listing; None behind the last one, which is an empty one."""
        answer = self._listing(number, LEADS_PER_PAGE)
        told = shapes.rows(answer, "leads")
        self.expected = shapes.number(shapes.meta(shapes.body_of(answer)).get("total"))
        if not told:
            return None
        reader = self._reader()
        readings = [reader.read(each, log, answer.now, whole=True) for each in told]
        return readings, _ids(told)

    def _ids_on(self, number: int) -> set[str]:
        return _ids(shapes.rows(self._listing(number, LEADS_PER_PAGE), "leads"))

    def _listing(self, number: int, limit: int) -> Answer:
        query: Query = [("page[page]", str(number)), ("page[limit]", str(limit))]
        return self._transport.read("GET", endpoints.LEADS, query)

    # --- what changed ---

    def _touched(self, since: datetime, after: int, known: Known) -> Iterator[Page]:
        """Leads with an event since an instant; with their whole history where that was read."""
        log, whole = self._whole_log or self._new_log(), self._whole_log is not None
        asked = [
            lead
            for batch in _batches(sorted(self._leads_since(since, log), key=shapes.integer_of))
            for lead in _unknown(batch, log, known)
            if shapes.integer_of(lead) > after
        ]
        self.expected = len(asked)
        for batch in _batches(asked):
            yield self._page_of(batch, log, whole=whole, bookmark=f"{_AFTER}{batch[-1]}")
        yield Page(())

    def _leads_since(self, since: datetime, log: EventLog) -> set[str]:
        """The leads touched since an instant, once all events since then are in the log."""
        touched: set[str] = set()
        for events in newest_first(self._transport):
            for event in events:
                touched.update(log.add(event))
            if _oldest(events) < since:
                break
        earliest = since.timestamp() * 1000
        return {lead for lead in touched if max(each.at for each in log.of(lead)) >= earliest}

    # --- by id ---

    def _page_of(
        self, ids: Sequence[str], log: EventLog, *, whole: bool, bookmark: str | None = None
    ) -> Page:
        found = _Found()
        self._find(ids, found)
        reader = self._reader()
        readings = [
            reader.read(each, log, answer.now, whole=whole)
            for answer, told in found.told
            for each in told
        ]
        return _page(readings, bookmark=bookmark, missing=tuple(found.missing))

    def _find(self, ids: Sequence[str], found: "_Found") -> None:
        """Ask for leads by id; where some are not there, find out which by asking for fewer."""
        try:
            path = f"{endpoints.LEADS}/{','.join(quote(each, safe='') for each in ids)}"
            answer = self._transport.read("GET", path)
        except Rejected as refused:
            if refused.status != _NOT_FOUND:
                raise
            self._find_fewer(ids, found)
            return
        told = shapes.rows(answer, "leads")
        found.told.append((answer, told))
        left = [each for each in ids if each not in _ids(told)]
        if left:
            self._find_fewer(left, found)

    def _find_fewer(self, ids: Sequence[str], found: "_Found") -> None:
        if len(ids) == 1:
            found.missing += ids
            return
        middle = len(ids) // 2
        self._find(ids[:middle], found)
        self._find(ids[middle:], found)

    def _log_of(self, ids: Iterable[str]) -> EventLog:
        """The events of some leads, asked for one by one; all there are where none can be."""
        log = self._new_log()
        for lead in ids:
            for events in newest_first(self._transport, [("entity_id", lead)]):
                if not all(lead in (log.add(event) or (lead,)) for event in events):
                    self._whole_log = self._back_fill()
                    return self._whole_log
        return log


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


def _unknown(ids: Sequence[str], log: EventLog, known: Known) -> list[str]:
    """Those of the leads that are not on record as of their newest event."""
    modified = {lead: at for lead in ids if (at := modified_at(log.of(lead)))}
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
        return 0
    return _parsed(bookmark, bookmark.removeprefix(_AFTER).removesuffix("-leads"))


def _parsed(bookmark: str, text: str) -> int:
    found = shapes.number(text)
    if found is None or found < 0:
        raise Rejected(f"{bookmark!r} is no place in a listing of leads.", _MALFORMED)
    return found
