"""A listing of deals, its pages asked for ahead and, where latency binds, side by side."""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import NamedTuple

from connector.crm.answers import Answer
from connector.crm.hubspot.decoding import Decoded
from connector.crm.hubspot.paging import Cursors
from connector.crm.hubspot.readers import MOST, Readers
from connector.crm.hubspot.records import AnyRecord
from connector.crm.hubspot.stretches import PAGE, Disorder, Stretch, Stretches
from connector.errors import Rejected

# About how long a page takes here, from its last byte into the database.
DIGESTION = 0.01
BURST_SECONDS = 10.0

# Where the quota binds, one page in so many may be read twice.
PAGES_A_GUESS = 20


class DealPage(NamedTuple):
    """One page of a listing as it was read."""

    answer: Answer
    content: Decoded[AnyRecord]

    @property
    def after(self) -> str | None:
        """The cursor of the next page."""
        following = self.content.paging.next if self.content.paging else None
        return str(following.after) if following else None

    def ids(self) -> list[int]:
        """The ids of its records; raises `Disorder` where one is no number."""
        try:
            return [int(record.id) for record in self.content.records]
        except ValueError:
            raise Disorder from None


class Extent(NamedTuple):
    """About how many records a listing has, and the highest id of them."""

    total: int
    highest: int


class Listing:
    """One walk through a listing; `ask` reads the page behind a cursor.

    `extent` is asked beside the first page, where splitting the listing may pay; `burst` says how
    many requests may be sent in ten seconds.
    """

    def __init__(
        self,
        readers: Readers,
        ask: Callable[[str], DealPage],
        burst: Callable[[], int],
        extent: Callable[[], Extent] | None = None,
    ):
        self._readers = readers
        self._ask = ask
        self._burst = burst
        self._extent = None if extent is None else readers.ask(extent)
        self._under_way: dict[Future[tuple[DealPage, float]], Stretch] = {}
        self._lanes = 1
        self._per_id = 0.0
        self._highest = 0

    def pages(self, stretches: Stretches) -> Iterator[tuple[DealPage | None, Stretches]]:
        """Every page not read yet, each with how far the walk has come; None for one left out.

        Where records do not come in order, the listing is read again from its beginning, page after
        page.
        """
        try:
            yield from self._walk(stretches)
        except Disorder:
            for future in self._under_way:
                future.cancel()
            self._under_way.clear()
            self._lanes = 1
            yield from self._walk(Stretches(alone=True))

    def _walk(self, stretches: Stretches) -> Iterator[tuple[DealPage | None, Stretches]]:
        cursors: dict[int | None, Cursors] = {}
        self._lanes = max(1, len(stretches.ready()))
        self._send(stretches)
        while self._under_way:
            for future in wait(self._under_way, return_when=FIRST_COMPLETED).done:
                stretch = self._under_way.pop(future)
                page = self._result(future, stretch)
                if page is None:
                    stretches.drop(stretch)
                else:
                    cursors.setdefault(stretch.guess, Cursors()).follow(page.answer, page.after)
                    stretches.took(stretch, [] if stretches.alone else page.ids(), page.after)
                    self._lower(stretch)
                self._send(stretches)
                yield page, stretches

    def _result(self, future: Future[tuple[DealPage, float]], stretch: Stretch) -> DealPage | None:
        try:
            page, seconds = future.result()
        except Rejected:
            # A guess is no cursor of theirs; then none is.
            if stretch.guess is None or stretch.first is not None:
                raise
            self._per_id = 0.0
            return None
        if self._extent is not None and stretch.guess is None:
            self._measure(page, seconds)
        return page

    def _measure(self, page: DealPage, seconds: float) -> None:
        """Decide from the first page how many requests at once pay."""
        asked, self._extent = self._extent, None
        following = page.after or ""
        if asked is None or not (following.isascii() and following.isdigit()):
            return
        extent = asked.result()
        left = extent.total - len(page.content.records)
        if int(following) < extent.highest and left > 0:
            self._lanes = worthwhile(seconds, math.ceil(left / PAGE), self._burst())
            self._highest = extent.highest
            self._per_id = left / (extent.highest - int(following))

    def _lower(self, stretch: Stretch) -> None:
        """Look no more where a guess found the end of the listing."""
        if stretch.guess is not None and stretch.first is None:
            self._highest = min(self._highest, stretch.guess - 1)

    def _send(self, stretches: Stretches) -> None:
        """Have as many pages under way as there are lanes."""
        busy = {id(stretch) for stretch in self._under_way.values()}
        for stretch in stretches.ready():
            if id(stretch) not in busy:
                self._ask_for(stretch)
        while self._per_id and len(self._under_way) < self._lanes:
            guess = stretches.split(self._highest, self._per_id)
            if guess is None:
                return
            self._ask_for(guess)

    def _ask_for(self, stretch: Stretch) -> None:
        self._under_way[self._readers.ask(self._timed, stretch.after or "")] = stretch

    def _timed(self, after: str) -> tuple[DealPage, float]:
        began = time.monotonic()
        page = self._ask(after)
        return page, time.monotonic() - began


def worthwhile(seconds: float, pages: int, burst: int) -> int:
    """How many requests at once pay, where one takes so long and so many may be sent in a burst.

    As many as keep this side busy where there are requests to spare; else as many as the quota lets
    through in the time of one, and few, since a stretch may cost a request in vain.
    """
    if pages * 2 <= burst:
        return max(1, min(MOST, math.ceil(seconds / DIGESTION), pages))
    between = max(DIGESTION, BURST_SECONDS / burst)
    return max(1, min(MOST, math.ceil(seconds / between), pages // PAGES_A_GUESS))
