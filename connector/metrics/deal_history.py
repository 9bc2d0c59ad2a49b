"""One deal as the history knows it up to an instant: the stream most reports are computed from."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from connector.metrics.funnel import Place
from connector.model import Outcome

Value = TypeVar("Value")

# What a field was worth since when, in milliseconds, oldest first; None for emptied.
Timeline = Sequence[tuple[int, Value | None]]


class Visit(NamedTuple):
    """A stay in a stage; `left` None lasts on as of the instant.

    `cut`, as good as a truth value, says that it ended with the deal. `place` is None where no
    pipeline in force has the stage. Visits of closing stages are among them: they tell when a deal
    was won or lost.
    """

    place: Place | None
    entered: int
    left: int | None
    cut: bool = False


class DealHistory(NamedTuple):
    """A deal and what changed in it before the instant a report looks at, and nothing later.

    Instants are milliseconds. `gone` is when it was archived, merged or deleted, None while it
    lives. Amounts are whole hundredths of the report's currency; `unpriced` says that the deal's
    currency has no rate to it, and that its amounts are missing for that. `values` holds further
    fields by their names. A field that the report did not ask for has no timeline.
    """

    account: str
    id: str
    name: str
    created: int
    gone: int | None
    visits: Sequence[Visit]
    amounts: Timeline[int] = ()
    closes: Timeline[int] = ()
    owners: Timeline[str] = ()
    values: Mapping[str, Timeline[str]] = {}
    unpriced: bool = False

    @property
    def amount(self) -> int | None:
        """The amount as of the report's instant."""
        return self.amounts[-1][1] if self.amounts else None

    @property
    def closing(self) -> Visit | None:
        """The visit of a won or lost stage in which the deal is now, if it is, in any funnel."""
        last = self.visits[-1] if self.visits else None
        if last is None or last.place is None or last.place.outcome is Outcome.OPEN:
            return None
        return last

    def closed(self, funnel: int) -> Visit | None:
        """The visit of a won or lost stage in which the deal is now, if it is."""
        last = self.visits[-1] if self.visits else None
        if last is None or last.place is None or last.place.funnel != funnel:
            return None
        return None if last.place.outcome is Outcome.OPEN else last


def value_at(timeline: Timeline[Value], at: int) -> Value | None:
    """What a field was worth at an instant: its last change strictly before it."""
    if not timeline:
        return None
    since, value = timeline[-1]
    if since < at:  # as nearly always, and much quicker
        return value
    index = bisect_left(timeline, at, key=lambda change: change[0])
    return timeline[index - 1][1] if index else None


def visit_at(visits: Sequence[Visit], at: int) -> Visit | None:
    """The visit a deal was in at an instant: the last one entered strictly before it."""
    if visits and visits[-1].entered < at:
        return visits[-1]
    index = bisect_left(visits, at, key=lambda visit: visit.entered)
    return visits[index - 1] if index else None
