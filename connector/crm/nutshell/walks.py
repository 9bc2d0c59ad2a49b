"""The ways Nutshell's leads are found, page by page, each page with a bookmark to go on from.

Leads have no time of modification in REST (Nutshell fact, 2026-11). So what changed is found by the
log of events, which also holds the history that no lead carries.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connector.crm.answers import Answer
from connector.crm.nutshell import endpoints, shapes
from connector.crm.nutshell.chronicle import Chronicle
from connector.crm.nutshell.eventlog import EventLog
from connector.crm.nutshell.leads import LeadReader, Reading, modified_at
from connector.crm.nutshell.lookup import batches, ids_of, look_up
from connector.crm.nutshell.shapes import integer_of
from connector.crm.transport import Query, Transport
from connector.errors import Rejected
from connector.model import Known, Page, nothing_known

LEADS_PER_PAGE = 500

_AFTER = "after "
_MALFORMED = 400


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
        self._chronicle = Chronicle(transport, new_log)
        self._listed: set[str] | None = None  # of a listing that was walked to its end
        self._since: datetime | None = None
        self.expected: int | None = None  # leads the read under way will bring

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
        gone = self._chronicle.deleted(self._since)
        if self._listed is not None:
            yield Page((), missing=tuple(sorted(gone - self._listed, key=integer_of)))
            return
        for batch in batches(_behind(gone, _lead_number(bookmark))):
            page = self._page_of(batch, self._new_log(), bookmark=f"{_AFTER}{batch[-1]}")
            yield replace(page, deals=tuple(each for each in page.deals if each.archived_at))
        yield Page(())

    def by_id(self, ids: Sequence[str]) -> Iterator[Page]:
        """What each of these leads is now, with its whole history."""
        for batch in batches(ids):
            yield self._page_of(batch, self._chronicle.of(batch))

    def _everything(self, number: int) -> Iterator[Page]:
        """Every page of the listing, then who was touched meanwhile, and who is in events alone.

        While pages are asked for, leads may move from one to another, so a listing can miss some.
        """
        events = self._chronicle.everything()
        listed = {remote for page in range(number) for remote in ids_of(self._on_page(page)[1])}
        while (told := self._on_page(number))[1]:
            listed |= ids_of(told[1])
            number += 1
            yield self._page([told], events, bookmark=str(number))
        touched = self._chronicle.go_on(events)
        unlisted = set(events.leads) - listed - self._chronicle.deleted()
        self._listed = listed
        for batch in batches(_behind(touched | unlisted)):
            yield self._page_of(batch, events, bookmark=str(number))
        yield Page(())

    def _on_page(self, number: int) -> tuple[Answer, list[Any]]:
        """The leads on a page of the listing; none behind the last one.

        A page may be shorter than was asked for, and `meta.count` counts what is not there
        (Nutshell fact, 2026-11).
        """
        query: Query = [("page[page]", str(number)), ("page[limit]", str(LEADS_PER_PAGE))]
        answer = self._transport.read("GET", endpoints.LEADS, query)
        self.expected = shapes.number(shapes.meta(shapes.body_of(answer)).get("total"))
        return answer, shapes.rows(answer, "leads")

    def _touched(self, since: datetime, after: int, known: Known) -> Iterator[Page]:
        """Leads with an event since an instant, and those deleted since."""
        self._since = since
        events, touched = self._chronicle.since(since)
        new = {
            lead for batch in batches(_behind(touched)) for lead in _unknown(batch, events, known)
        }
        asked = _behind(new | self._chronicle.deleted(since), after)
        self.expected = len(asked)
        for batch in batches(asked):
            yield self._page_of(batch, events, bookmark=f"{_AFTER}{batch[-1]}")
        yield Page(())

    def _page_of(
        self, ids: Sequence[str], events: EventLog, *, bookmark: str | None = None
    ) -> Page:
        found = look_up(self._transport, ids)
        page = self._page(found.told, events, bookmark=bookmark)
        return replace(page, missing=tuple(found.missing))

    def _page(
        self,
        told: Iterable[tuple[Answer, list[Any]]],
        events: EventLog,
        *,
        bookmark: str | None,
    ) -> Page:
        reader = self._reader()
        readings: list[Reading] = [
            reader.read(lead, events, answer.now) for answer, leads in told for lead in leads
        ]
        return Page(
            deals=tuple(each.deal for each in readings if each.deal is not None),
            unread=tuple(unread for each in readings for unread in each.unread),
            bookmark=bookmark,
        )


def _behind(leads: Iterable[str], number: int = -1) -> list[str]:
    """Leads in the order of their numbers, those behind one."""
    return sorted((each for each in leads if integer_of(each) > number), key=integer_of)


def _unknown(ids: Sequence[str], events: EventLog, known: Known) -> list[str]:
    """Those of the leads that are not on record as of their newest event."""
    modified = {lead: at for lead in ids if (at := modified_at(events.of(lead)))}
    told = known(modified)
    return [lead for lead in ids if lead not in told]


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
