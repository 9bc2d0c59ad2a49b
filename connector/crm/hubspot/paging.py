"""HubSpot's cursors.

Only `paging.next.after` is followed, never `paging.next.link`, which names a host of its own.
"""

import msgspec

from connector.crm.answers import Answer


class _Next(msgspec.Struct):
    after: str | int


class Paging(msgspec.Struct):
    """The paging part of a listing; absent on the last page."""

    next: _Next | None = None


def cursor_behind(answer: Answer, paging: Paging | None, cursor: str | None) -> str | None:
    """The cursor of the page behind this one, None at the end; a cursor that stays is an error."""
    if paging is None or paging.next is None:
        return None
    following = str(paging.next.after)
    if following == cursor:
        raise answer.bad(f"the cursor {following} again, which would never end")
    return following
