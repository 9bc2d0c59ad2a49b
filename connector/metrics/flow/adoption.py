"""How far people do what the process asks of them, habit by habit."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

from connector.metrics.deal_history import DealHistory, Timeline, Visit
from connector.metrics.flow.route import Route, Routes
from connector.metrics.grouping import By, Group, Grouping, pooled, split
from connector.metrics.periods import Window, day_of, midnight
from connector.metrics.scope import Scope
from connector.metrics.statistics.lengths import DAY, HOUR
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Field, Outcome

FRESH_DAYS = 30
# What adoption looks at where nobody asked for a period.
_WINDOW_DAYS = 90
# No two instants of one calendar day are further apart, even where clocks are set back.
_LONGEST_DAY = 26 * HOUR
_LOST_REASON = "lost_reason"


class Habit(StrEnum):
    """What the process asks; each has deals that it is asked of."""

    NO_SKIP = "no-mandatory-skip"
    NO_BACK = "no-back-move"
    ONE_A_DAY = "one-change-a-day"
    FILLED = "amount-and-close-date"
    AHEAD = "close-date-ahead"
    FRESH = "changed-lately"
    REASON = "lost-reason"


# What is asked of a deal and what it keeps are two numbers with a bit for each habit.
_BITS = {habit: 1 << number for number, habit in enumerate(Habit)}
_NO_SKIP, _NO_BACK, _ONE_A_DAY, _FILLED, _AHEAD, _FRESH, _REASON = _BITS.values()
_OF_ALL = _NO_BACK | _ONE_A_DAY | _FILLED
_OF_OPEN = _AHEAD | _FRESH


@dataclass(frozen=True, slots=True)
class Adoption:
    """Deals open at some time in a window, and how many of them keep to what is asked.

    `whole` keep every habit asked of them; `kept` and `asked` are counts by habit.
    """

    deals: int
    whole: int
    kept: Mapping[Habit, int]
    asked: Mapping[Habit, int]

    @property
    def share(self) -> float | None:
        """The share that keeps all of it; None where there are too few deals to tell."""
        return self.whole / self.deals if self.deals >= ENOUGH_TO_TELL else None

    def share_of(self, habit: Habit) -> float | None:
        """The share that keeps one habit; None where it is asked of too few deals to tell."""
        asked = self.asked[habit]
        return self.kept[habit] / asked if asked >= ENOUGH_TO_TELL else None

    @property
    def weakest(self) -> Habit | None:
        """The habit the smallest share keeps, of those with enough deals to tell."""
        told = {habit: share for habit in Habit if (share := self.share_of(habit)) is not None}
        return min(told, key=told.__getitem__, default=None)

    def __add__(self, other: Self) -> "Adoption":
        return Adoption(
            self.deals + other.deals,
            self.whole + other.whole,
            {habit: self.kept[habit] + other.kept[habit] for habit in Habit},
            {habit: self.asked[habit] + other.asked[habit] for habit in Habit},
        )


@dataclass(frozen=True, slots=True)
class Adoptions:
    """Adoption of all deals open in a window, and of each team and rep that may be told apart.

    Both are empty where nobody asked for people; `reps_hidden` says that config.toml hides reps.
    """

    window: Window
    whole: Adoption
    teams: Mapping[Group, Adoption]
    reps: Mapping[Group, Adoption]
    reps_hidden: bool


def adoption_window(scope: Scope) -> Window:
    """The report's period, or the 90 days before its instant."""
    if scope.period:
        return scope.period.window
    return Window(scope.as_of - _WINDOW_DAYS * DAY, scope.as_of)


def adoption_fields(scope: Scope) -> frozenset[str]:
    """The fields whose history adoption reads: all, but those that visits tell already."""
    return scope.fields - {Field.STAGE, Field.PIPELINE}


class Adopting:
    """Looks at deals one by one; with `people`, by team and rep too."""

    def __init__(self, scope: Scope, people: bool = False):
        self._scope = scope
        self._groupings = {by: Grouping(by, scope) for by in (By.TEAM, By.OWNER) if people}
        self._routes = Routes(scope.funnels)
        self._demanding = {
            number
            for number, funnel in enumerate(scope.funnels)
            if any(stage.mandatory for stage in funnel.stages)
        }
        self._today = midnight(day_of(scope.as_of, scope.zone), scope.zone)
        self._reasons = _LOST_REASON in scope.fields
        self._counted: Counter[tuple[tuple[Group, ...], int, int]] = Counter()

    def take(self, deal: DealHistory) -> None:
        """Look at one deal that was open in the window."""
        route = self._routes.of(deal.visits)
        asked = self._asked(deal, route)
        groups = tuple([grouping.of(deal) for grouping in self._groupings.values()])
        self._counted[groups, asked, asked & self._kept(deal, route)] += 1

    def adoptions(self) -> Adoptions:
        """What was found: everybody, then the teams and reps that may be told apart."""
        hidden = bool(split(By.OWNER, self._scope).refused)
        return Adoptions(
            adoption_window(self._scope),
            _summed([(asked, kept, n) for (_, asked, kept), n in self._counted.items()]),
            self._told(By.TEAM),
            {} if hidden else self._told(By.OWNER),
            hidden,
        )

    def _told(self, by: By) -> dict[Group, Adoption]:
        found: dict[Group, list[tuple[int, int, int]]] = {}
        for (groups, asked, kept), deals in self._counted.items():
            for way, group in zip(self._groupings, groups, strict=True):
                if way is by:
                    found.setdefault(group, []).append((asked, kept, deals))
        cells = {group: _summed(counted) for group, counted in found.items()}
        return pooled(cells, lambda cell: cell.deals, by, self._scope.privacy)

    def _asked(self, deal: DealHistory, route: Route) -> int:
        asked = _OF_ALL
        if any(way.funnel in self._demanding for way in route.ways):
            asked |= _NO_SKIP
        if route.final is Outcome.OPEN:
            return asked | _OF_OPEN if deal.gone is None else asked
        if route.final is Outcome.LOST and self._reasons:
            asked |= _REASON
        return asked

    def _kept(self, deal: DealHistory, route: Route) -> int:
        # Raw values, because an amount in a currency without a rate is filled in all the same.
        told = deal.values.get
        close = deal.closes[-1][1] if deal.closes else None
        return (
            (0 if route.mandatory else _NO_SKIP)
            | (0 if route.back else _NO_BACK)
            | (0 if self._hurried(deal.visits) else _ONE_A_DAY)
            | (_FILLED if close is not None and _filled(told(Field.AMOUNT)) else 0)
            | (_AHEAD if close is not None and close >= self._today else 0)
            | (_FRESH if self._is_fresh(deal) else 0)
            | (_REASON if _filled(told(_LOST_REASON)) else 0)
        )

    def _hurried(self, visits: Sequence[Visit]) -> bool:
        """Whether the stage changed twice on one day; coming into the first one is no change."""
        if len(visits) < 3:
            return False
        zone, entries = self._scope.zone, [visit.entered for visit in visits[1:]]
        return any(
            after - before < _LONGEST_DAY and day_of(after, zone) == day_of(before, zone)
            for before, after in pairwise(entries)
        )

    def _is_fresh(self, deal: DealHistory) -> bool:
        """Whether anything changed in it lately; of a deal that is not open nobody asks."""
        since = self._scope.as_of - FRESH_DAYS * DAY
        if deal.visits and deal.visits[-1].entered >= since:
            return True
        return any(timeline[-1][0] >= since for timeline in deal.values.values() if timeline)


def _filled(timeline: Timeline[Any] | None) -> bool:
    return timeline[-1][1] not in (None, "") if timeline else False


def _summed(counted: Sequence[tuple[int, int, int]]) -> Adoption:
    return Adoption(
        sum(deals for _, _, deals in counted),
        sum(deals for asked, kept, deals in counted if asked == kept),
        dict(_by_habit((kept, deals) for _, kept, deals in counted)),
        dict(_by_habit((asked, deals) for asked, _, deals in counted)),
    )


def _by_habit(counted: Iterable[tuple[int, int]]) -> Iterator[tuple[Habit, int]]:
    known = list(counted)
    for habit, bit in _BITS.items():
        yield habit, sum(deals for bits, deals in known if bits & bit)
