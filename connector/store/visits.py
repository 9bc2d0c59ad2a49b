"""The stays of a deal in its stages, from its stage changes."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from connector.store.merge import Known


class Visit(NamedTuple):
    """An unbroken stay in a stage, its instants in milliseconds; `left_at` None is still there.

    `cut` says that the deal was archived or merged there, not moved on.
    """

    stage: str | None
    entered_at: int
    left_at: int | None = None
    cut: bool = False


def visits(changes: Iterable[Known], gone_at: int | None = None) -> tuple[Visit, ...]:
    """The maximal runs of one stage, in order; they end where the deal was archived or merged.

    A stage left in the instant it was entered is a visit of no length.
    """
    entries: list[Known] = []
    for known in changes:
        if gone_at is not None and known.at > gone_at:
            break
        if not entries or entries[-1].value != known.value:
            entries.append(known)
    left = [Visit(entry.value, entry.at, following.at) for entry, following in pairwise(entries)]
    return (
        *left,
        *(Visit(last.value, last.at, gone_at, gone_at is not None) for last in entries[-1:]),
    )
