"""How many deals are won of those decided: by when they closed, and by when they were created."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Protocol

from connector.metrics.deal_history import DealHistory
from connector.metrics.grouping import ALL, NONE, NOT_SPLIT, Group, Split, by_funnel, pooled
from connector.metrics.outcomes.closings import (
    OURS,
    Beside,
    ClosedOn,
    Closings,
    Creations,
    Reading,
    windows,
)
from connector.metrics.outcomes.decided import Decided, differ
from connector.metrics.periods import Period, Span, around, before
from connector.metrics.privacy import Privacy
from connector.metrics.scope import Scope
from connector.metrics.statistics.independence import Test
from connector.model import Field


@dataclass(frozen=True, slots=True)
class WinRateQuestion:
    """How win rates are asked for; `beside` is a period to hold the report's own against.

    `across` splits the groups of `split` once more. With `trend`, weeks, months and quarters are
    held against the ones before.
    """

    split: Split
    reading: Reading = OURS
    beside: Period | None = None
    trend: bool = False
    across: Split = NOT_SPLIT

    @property
    def fields(self) -> frozenset[str]:
        """The deal fields whose history it takes to answer."""
        dates = {Field.CLOSE_DATE} if self.reading.closed_on is ClosedOn.FIELD else set()
        return frozenset({Field.AMOUNT, *dates, *self.split.fields, *self.across.fields})


@dataclass(frozen=True, slots=True)
class Turn:
    """What closed in one funnel in a week, month or quarter, and in the one before it."""

    funnel: int
    period: Period
    now: Decided
    before: Decided


@dataclass(frozen=True, slots=True)
class WinRates:
    """Deals by funnel and group: those that closed in the period, and those created in it.

    Of `closed`, the first window is the report's period, the second the one beside it. `across` has
    the closed deals of each group split once more. `apart` tests whether the groups of a funnel
    differ at all. `undated` decided deals have no close date; `marked` says whether any stage is
    for cancelled ones.
    """

    question: WinRateQuestion
    closed: Mapping[int, Mapping[Group, Beside[Decided]]]
    created: Mapping[int, Mapping[Group, Decided]]
    across: Mapping[int, Mapping[Group, Mapping[Group, Beside[Decided]]]]
    apart: Mapping[int, Test]
    trend: tuple[Turn, ...]
    undated: int
    marked: bool


def win_rates(scope: Scope, question: WinRateQuestion, deals: Iterable[DealHistory]) -> WinRates:
    """Count deals in one pass."""
    asked, reading, by = windows(scope, question.beside), question.reading, question.split.by
    turns = tuple(_turns(scope)) if question.trend else ()
    group, other = question.split.finder(scope), question.across.finder(scope)
    closings = Closings(scope, Decided, asked, group, reading)
    creations = Creations(scope, question.split, reading)
    across = Closings(scope, Decided, asked[:1], lambda deal: (group(deal), other(deal)), reading)
    trend = Closings(scope, Decided, [period.window for period in turns], _together, reading)
    counters: list[Counter] = [closings, creations]
    counters += [across] if by and question.across.by else []
    counters += [trend] if turns else []
    for deal in deals:
        for counter in counters:
            counter.take(deal)
    return WinRates(
        question,
        by_funnel(closings.cells, _fewest, by, scope.privacy),
        by_funnel(creations.cells, lambda cell: cell.deals, by, scope.privacy),
        _across(across.cells, question, scope.privacy),
        dict(_apart(closings.cells)) if by else {},
        tuple(_trend(turns, trend.cells)),
        closings.undated,
        bool(scope.called_off)
        or any(stage.cancelled for funnel in scope.funnels for stage in funnel.stages),
    )


class Counter(Protocol):
    """What takes one deal after the other."""

    def take(self, deal: DealHistory) -> None:
        """Count one deal."""


def _together(_: DealHistory) -> Group:
    return ALL


def _fewest(beside: Beside[Decided]) -> int:
    return beside.size


def _across(
    cells: Mapping[tuple[int, tuple[Group, Group]], Beside[Decided]],
    question: WinRateQuestion,
    privacy: Privacy,
) -> dict[int, dict[Group, dict[Group, Beside[Decided]]]]:
    """The groups across each group, which are told apart as strictly as figures of people are."""
    found: dict[int, dict[Group, dict[Group, Beside[Decided]]]] = {}
    for (funnel, (group, other)), cell in sorted(cells.items(), key=lambda item: item[0]):
        found.setdefault(funnel, {}).setdefault(group, {})[other] = cell
    ways = (question.split.by, question.across.by)
    strict = next((by for by in ways if by and by.of_people), question.across.by)
    return {
        funnel: {
            group: pooled(others, _fewest, strict, privacy) for group, others in groups.items()
        }
        for funnel, groups in found.items()
    }


def _apart(cells: Mapping[tuple[int, Group], Beside[Decided]]) -> Iterator[tuple[int, Test]]:
    """For each funnel with several groups, whether their win rates differ by more than chance."""
    ordered = sorted(
        ((key, cell) for key, cell in cells.items() if key[1] != NONE), key=lambda item: item[0]
    )
    for funnel, same in groupby(ordered, key=lambda item: item[0][0]):
        found = differ([beside.windows[0] for _, beside in same])
        if found:
            yield funnel, found


def _turns(scope: Scope) -> Iterator[Period]:
    """Of week, month and quarter the one that runs, and the three before it."""
    for span in (Span.WEEK, Span.MONTH, Span.QUARTER):
        # An instant knows what came before it, and so belongs to the period that ends with it.
        period = around(scope.as_of - 1, span, scope.zone, scope.fiscal_year_start)
        for _ in range(4):
            yield period
            period = before(period, scope.fiscal_year_start)


def _trend(
    turns: Sequence[Period], cells: Mapping[tuple[int, Group], Beside[Decided]]
) -> Iterator[Turn]:
    for (funnel, _), cell in sorted(cells.items(), key=lambda item: item[0]):
        for (period, now), (earlier, then) in pairwise(zip(turns, cell.windows, strict=True)):
            if period.span is earlier.span:
                yield Turn(funnel, period, now, then)
