"""Pages that are asked for before anybody takes them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from connector.errors import Unreachable
from connector.jobs.legs import begun
from connector.model import Page

PAGES = tuple(Page((), bookmark=str(number)) for number in range(3))


class Walk:
    """A walk that tells when it is asked for its first page, and when it has ended."""

    def __init__(self) -> None:
        self.asked, self.ended = Event(), Event()

    def pages(self, *pages: Page) -> Iterator[Page]:
        self.asked.set()
        try:
            yield from pages
        finally:
            self.ended.set()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_the_first_page_is_asked_for_before_it_is_taken(threads):
    """A walk is under way once it has begun, though nobody has taken a page."""
    walk = Walk()
    begun(walk.pages(*PAGES), threads)
    assert walk.asked.wait(10)


@pytest.mark.parametrize("number", range(4))
def test_every_page_comes_once_and_in_order(threads, number):
    """Beginning a walk early changes nothing of what it brings, be it nothing at all."""
    assert tuple(begun(Walk().pages(*PAGES[:number]), threads)) == PAGES[:number]


def test_a_walk_left_early_is_ended(threads):
    """Whoever stops taking pages ends the walk behind them."""
    walk = Walk()
    pages = begun(walk.pages(*PAGES), threads)
    next(pages)
    pages.close()
    assert walk.ended.is_set()


def test_a_fault_of_the_first_page_is_raised_where_it_is_taken(threads):
    """What goes wrong in another thread is not lost."""

    def broken() -> Iterator[Page]:
        raise Unreachable("HubSpot cannot be reached.")
        yield

    with pytest.raises(Unreachable, match="cannot be reached"):
        next(begun(broken(), threads))
