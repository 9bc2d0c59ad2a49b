"""The legs a pull is read in, in their order, each page landing as it comes."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from itertools import dropwhile

from sqlite_utils import Database

from connector.errors import ConnectorError, Rejected
from connector.model import Crm, Deal, Field, Page
from connector.store import census, landing
from connector.store.pulls import Pull

# What a CRM answers to a cursor it no longer knows.
EXPIRED = 400


class Leg(StrEnum):
    """A part of a pull; a pull goes through some of them, always in this order."""

    DEALS = "deals"
    UNREAD = "unread"
    EVERYTHING = "everything"
    ARCHIVED = "archived"
    MEANWHILE = "meanwhile"
    UNSEEN = "unseen"


class Reading:
    """The deals of one pull on their way into landing; legs an earlier run read are not read again.

    `landed` hears of each page how many deals it had, `ahead` are the deals of a read of everything
    that was begun before its pull. `owners` are those that the deals name, `unfound` how many deals
    had left no trace and were not there by id either.
    """

    def __init__(
        self,
        crm: Crm,
        db: Database,
        run: Pull,
        landed: Callable[[int], None],
        ahead: Iterator[Page] | None = None,
    ):
        self.owners: set[str] = set()
        self.unfound = 0
        self._ahead = ahead
        self._crm = crm
        self._db = db
        self._run = run
        self._landed = landed
        self._left = list(dropwhile(lambda leg: run.leg not in (None, leg), Leg))

    def deals(self) -> None:
        """Active deals: all of them, or those modified since the pull before."""
        self._cursored(Leg.DEALS, self._deals)

    def unread(self, ids: tuple[str, ...]) -> None:
        """Deals an earlier pull could not read."""
        self._walk(self._crm.by_id(ids) if ids else iter(()), Leg.UNREAD, Leg.UNREAD)

    def everything(self) -> None:
        """All active deals, in a night that cannot be explained without."""
        self._cursored(Leg.EVERYTHING, lambda bookmark: self._crm.deals(None, bookmark))

    def archived(self) -> None:
        """Archived deals."""
        self._cursored(Leg.ARCHIVED, self._crm.archived)

    def meanwhile(self) -> None:
        """Active deals modified since the pull began, be it before they were read or after."""
        since = self._run.horizon
        self._cursored(Leg.MEANWHILE, lambda bookmark: self._crm.deals(since, bookmark))

    def unseen(self, ids: tuple[str, ...]) -> None:
        """Deals that a read of everything left no trace of."""
        self._walk(self._crm.by_id(ids) if ids else iter(()), Leg.UNSEEN, Leg.UNSEEN)

    def _deals(self, bookmark: str | None) -> Iterator[Page]:
        ahead, self._ahead = self._ahead, None
        return ahead or self._crm.deals(self._run.since, bookmark, self._known)

    def _known(self, modified: Mapping[str, datetime]) -> Collection[str]:
        """What the hour that pulls overlap by brings again; it was read as it is."""
        return census.on_record(self._db, self._run.account, modified)

    def _cursored(self, leg: Leg, pages: Callable[[str | None], Iterator[Page]]) -> None:
        """Walk a leg that has cursors, again from its beginning where one of them has expired."""
        if leg not in self._left:
            return
        begun = self._run.bookmark if leg == self._run.leg else None
        following = self._left[self._left.index(leg) + 1]
        try:
            self._walk(pages(begun), leg, following)
        except Rejected as fault:
            if fault.status != EXPIRED:
                raise
            self._walk(pages(None), leg, following)

    def _walk(self, pages: Iterator[Page], leg: Leg, following: Leg) -> None:
        with _ending(self._crm, pages):
            for page in pages:
                landing.land(self._db, self._run, page, leg if page.bookmark else following)
                self.owners |= _owners(page.deals)
                self.unfound += len(page.missing) if leg is Leg.UNSEEN else 0
                self._landed(len(page.deals))


def begun(pages: Iterator[Page], threads: ThreadPoolExecutor) -> Iterator[Page]:
    """The pages, the first of them asked for at once."""
    return _behind(threads.submit(next, pages, None), pages)


def _behind(first: Future[Page | None], pages: Iterator[Page]) -> Iterator[Page]:
    page = first.result()  # whoever stops here leaves the pages to the thread they are read in
    try:
        if page is not None:
            yield page
            yield from pages
    finally:
        _close(pages)


@contextmanager
def stopping(crm: Crm) -> Iterator[None]:
    """End the requests under way too, where it is no fault of the CRM's that ends the block."""
    try:
        yield
    except ConnectorError:
        raise
    except BaseException:
        crm.stop()
        raise


@contextmanager
def _ending(crm: Crm, pages: Iterator[Page]) -> Iterator[None]:
    """End a walk with what it is for."""
    try:
        with stopping(crm):
            yield
    finally:
        _close(pages)


def _close(pages: Iterator[Page]) -> None:
    if isinstance(pages, Generator):
        pages.close()


def _owners(deals: Iterable[Deal]) -> set[str]:
    return {
        change.value
        for deal in deals
        for change in deal.changes
        if change.field == Field.OWNER and change.value
    }
