"""HubSpot's listings, page by page.

Only `paging.next.after` is followed, never `paging.next.link`, which names a host of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

from connector.crm.answers import Answer
from connector.crm.transport import Query, Transport


class _Next(msgspec.Struct):
    after: str | int


class Paging(msgspec.Struct):
    """The paging part of a listing; absent on the last page."""

    next: _Next | None = None


class _Paged(Protocol):
    @property
    def paging(self) -> Paging | None: ...


# A page that names itself as the next one may do so by mistake, and is asked for again.
TWICE = 2

Content = TypeVar("Content", bound=_Paged)


@dataclass(frozen=True, slots=True)
class ListingPage(Generic[Content]):
    """One page of a listing as it was read, and the cursor of the next, None on the last."""

    answer: Answer
    content: Content
    after: str | None


class Cursors:
    """The cursors a walk followed; a page may name itself once, a ring of cursors is an error."""

    def __init__(self) -> None:
        self._followed: Counter[str] = Counter()

    def follow(self, answer: Answer, after: str | None) -> None:
        """Note the cursor an answer leads to."""
        if after is None:
            return
        self._followed[after] += 1
        if self._followed[after] > TWICE:
            raise answer.bad(f"the cursor {after} again and again, which would never end")


def listing(
    transport: Transport,
    path: str,
    query: Query,
    read: Callable[[Answer], Content],
) -> Iterator[ListingPage[Content]]:
    """Every page of a listing."""
    after: str | None = None
    cursors = Cursors()
    while True:
        cursor = [("after", after)] if after else []
        answer = transport.read("GET", path, [*query, *cursor])
        content = read(answer)
        following = content.paging.next if content.paging else None
        after = str(following.after) if following else None
        cursors.follow(answer, after)
        yield ListingPage(answer, content, after)
        if after is None:
            return
