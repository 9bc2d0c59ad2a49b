"""Nutshell's logs of events and of deletions: back to an instant, forward from an event."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from connector.crm.nutshell import endpoints, shapes
from connector.crm.nutshell.eventlog import EventLog
from connector.crm.nutshell.events import event_id
from connector.crm.nutshell.shapes import Record
from connector.crm.transport import Query, Transport
from connector.errors import BadAnswer, Rejected

# More would let answers with their payloads grow beyond what one may have; a server may cap it.
PER_PAGE = 1000

log = logging.getLogger(__name__)


class Chronicle:
    """Fills logs with the events of one account; `whole` is the last one that had all of them."""

    def __init__(self, transport: Transport, new_log: Callable[[], EventLog]):
        self.whole: EventLog | None = None
        self._tells_of_deletions = True
        self._transport = transport
        self._new_log = new_log

    def everything(self) -> EventLog:
        """All events, back to the first one there is."""
        events = self._new_log()
        for page in self._pages():
            for event in page:
                events.add(event)
        events.whole = True
        self.whole = events
        return events

    def of(self, leads: Iterable[str]) -> EventLog:
        """All events of some leads; of all, where a server does not heed which are asked for."""
        if self.whole is not None:
            self.go_on(self.whole)
            return self.whole
        events = self._new_log()
        for lead in leads:
            for page in self._pages([("entity_id", lead)]):
                if not all(lead in (events.add(event) or (lead,)) for event in page):
                    return self.everything()
        events.whole = True
        return events

    def go_on(self, events: EventLog) -> set[str]:
        """Take over what happened since the newest event of a log; the leads that touched.

        Whether a server answers `since_id` with the newest of what is newer or with the oldest is
        nowhere said. So what it answers is walked back, and then gone on from, until nothing comes.
        """
        newest, touched = events.newest, set[str]()
        while fresh := list(self._after(newest)):
            touched.update(*map(events.add, fresh))
            newest = max(map(_number, fresh))
        return touched

    def _after(self, newest: int) -> Iterator[Record]:
        """Events newer than one, the newest first: all of them, or the next page's worth."""
        for page in self._pages([("since_id", f"{newest}-events")] if newest else []):
            later = [event for event in page if _number(event) > newest]
            yield from later
            if len(later) < len(page):
                return

    def since(self, instant: datetime) -> tuple[EventLog, set[str]]:
        """The events since an instant, in the whole log where there is one, and whom they touched.

        A log that is whole is made whole again first.
        """
        if self.whole is not None:
            self.go_on(self.whole)
        events, touched = self.whole or self._new_log(), set[str]()
        for page in self._pages():
            recent = _recent(page, instant)
            touched.update(*map(events.add, recent))
            if len(recent) < len(page):
                break
        if not events.whole:
            events.reaches_back_no_further_than(instant)
        return events, touched

    def deleted(self, since: datetime | None = None) -> set[str]:
        """The leads the log of deletions names; nobody has seen its shape (Nutshell, 2026-11)."""
        named: set[str] = set()
        if not self._tells_of_deletions:
            return named
        try:
            for page in self._pages(path=endpoints.DELETED):
                recent = page if since is None else _recent(page, since)
                named.update(shapes.named_in(recent, "leads"))
                if len(recent) < len(page):
                    break
        except (Rejected, BadAnswer) as fault:
            self._tells_of_deletions = False
            log.warning("Deletions are found only by a read of everything: %s", fault)
        return named

    def _pages(
        self, query: Query | None = None, path: str = endpoints.EVENTS
    ) -> Iterator[list[Record]]:
        """Pages of events, the newest first, back to the first one.

        Only our own `max_id` is followed, which is inclusive: the server's `previous` was seen to
        leave out events (Nutshell facts, 2026-11). The log ends where a page brings nothing new,
        because how many a page holds is the server's affair.
        """
        lowest: int | None = None
        while True:
            cursor = [] if lowest is None else [("max_id", f"{lowest}-events")]
            asked = [("limit", str(PER_PAGE)), *(query or ()), *cursor]
            answer = self._transport.read("GET", path, asked)
            told = {_number(each): each for each in shapes.records(shapes.rows(answer, "events"))}
            if told.pop(_NO_NUMBER, None):
                log.warning("An event without an id was left out of %s", answer.asked)
            fresh = sorted((n for n in told if lowest is None or n < lowest), reverse=True)
            if not fresh:
                return
            yield [told[number] for number in fresh]
            lowest = fresh[-1]


_NO_NUMBER = -1


def _number(event: Record) -> int:
    try:
        return event_id(event)
    except ValueError:
        return _NO_NUMBER


def _recent(page: list[Record], instant: datetime) -> list[Record]:
    """A page down to its last event since an instant; one in between that says it is older is new.

    The numbers of events tell their order, and an import may give some of them dates of long ago.
    """
    older = (place for place, event in enumerate(reversed(page)) if _at(event) >= instant)
    return page[: len(page) - next(older, len(page))]


def _at(event: Record) -> datetime:
    """When an event happened; one that nobody can date is never too old."""
    try:
        return shapes.instant(event.get("createdTime"))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
