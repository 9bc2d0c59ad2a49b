"""HubSpot's listings, page by page.

Only `paging.next.after` is followed, never `paging.next.link`, which names a host of its own.
"""

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


Content = TypeVar("Content", bound=_Paged)


@dataclass(frozen=True, slots=True)
class ListingPage(Generic[Content]):
    """One page of a listing as it was read, and the cursor of the next, None on the last."""

    answer: Answer
    content: Content
    after: str | None


def listing(
    transport: Transport,
    path: str,
    query: Query,
    read: Callable[[Answer], Content],
    after: str | None = None,
) -> Iterator[ListingPage[Content]]:
    """Every page of a listing, or those from a cursor on; a ring of cursors is an error."""
    followed = {after}
    while True:
        cursor = [("after", after)] if after else []
        answer = transport.read("GET", path, [*query, *cursor])
        content = read(answer)
        following = content.paging.next if content.paging else None
        after = str(following.after) if following else None
        if after is not None and after in followed:
            raise answer.bad(f"the cursor {after} again, which would never end")
        followed.add(after)
        yield ListingPage(answer, content, after)
        if after is None:
            return
