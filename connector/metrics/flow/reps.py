"""Which reps succeed in which stage, and whether they differ at all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from connector.metrics.deal_history import DealHistory
from connector.metrics.flow.route import DECIDED, FORWARD, Ending, Route, Routes, Stay, begun_in
from connector.metrics.grouping import NONE, By, Group, Grouping, Split, pooled, split
from connector.metrics.scope import Scope
from connector.metrics.statistics.independence import Test, differ
from connector.metrics.statistics.proportions import Posterior, shrunk
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Outcome

# A rep's rate is drawn to the stage's as if so many more exits of that rate had been seen.
STRENGTH = 20

# So many different ways of deals are counted before they are summed up.
_COUNTED = 50_000


@dataclass(frozen=True, slots=True)
class Exits:
    """Stays in a stage that ended in the process, and those of them that went forward."""

    forward: int = 0
    decided: int = 0

    @property
    def rate(self) -> float | None:
        """The share that went forward; None where too few ended to tell."""
        return self.forward / self.decided if self.decided >= ENOUGH_TO_TELL else None

    def __add__(self, other: Self) -> "Exits":
        return Exits(self.forward + other.forward, self.decided + other.decided)


class Mark(StrEnum):
    """Where a rep's rate lies when chance hardly explains it."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Advance:
    """One rep in one stage, beside everybody; `shrunk` is None where there is too little to tell.

    `mark` is given where reps differ at all and the posterior 95 % interval excludes the rate of
    the stage.
    """

    exits: Exits
    shrunk: Posterior | None
    mark: Mark | None


class Losing(NamedTuple):
    """A stay that ended otherwise than forward: which deal, when and how."""

    account: str
    deal: str
    name: str
    at: int
    ending: Ending


@dataclass(frozen=True, slots=True)
class Ended:
    """The decided deals of one rep."""

    won: int = 0
    lost: int = 0

    @property
    def decided(self) -> int:
        """Both together."""
        return self.won + self.lost

    def __add__(self, other: Self) -> "Ended":
        return Ended(self.won + other.won, self.lost + other.lost)


@dataclass(frozen=True, slots=True)
class FunnelReps:
    """The reps in one funnel: how many there are with how many decided deals, `ended` by whom.

    `stages` are the exits of everybody by step. `test` asks whether the shares of won deals of all
    reps could be one and the same; None where there are not two reps, not two outcomes, or too few
    deals. `behind` holds the stays of the rep asked for that did not go forward, by step.
    """

    reps: int
    decided: int
    stages: Mapping[int, Exits]
    advances: Mapping[tuple[int, Group], Advance]
    ended: Mapping[Group, Ended]
    test: Test | None
    behind: Mapping[int, Sequence[Losing]]

    @property
    def gaps(self) -> dict[int, float]:
        """By step, how far the rep asked for lies above everybody, where that can be told."""
        return {
            step: advance.shrunk.mean - everybody
            for (step, _), advance in self.advances.items()
            if advance.shrunk and (everybody := self.stages[step].rate) is not None
        }


@dataclass(frozen=True, slots=True)
class Reps:
    """The reps of every funnel; `rep` is the one asked for, of whom alone the advances tell."""

    funnels: tuple[FunnelReps, ...]
    split: Split
    rep: Group | None

    @property
    def furthest_below(self) -> tuple[int, int] | None:
        """Funnel and step where the rep asked for lies furthest below everybody."""
        gaps = {
            (number, step): gap
            for number, funnel in enumerate(self.funnels)
            for step, gap in funnel.gaps.items()
        }
        worst = min(gaps, key=gaps.__getitem__, default=None)
        return worst if worst is not None and gaps[worst] < 0 else None


class RepCounter:
    """Counts how stays ended by the rep who owned the deal at the exit.

    What was set together with a move counts as set before it.
    """

    def __init__(self, scope: Scope, rep: str | None = None):
        self._window = scope.period.window if scope.period else None
        self._grouping = Grouping(By.OWNER, scope)
        self._routes = Routes(scope.funnels)
        self._rep = rep.casefold() if rep else None
        self._counted: Counter[tuple[Group, Route, range]] = Counter()
        self.exits: dict[tuple[int, int, Group], Exits] = defaultdict(Exits)
        self.ended: dict[tuple[int, Group], Ended] = defaultdict(Ended)
        self.behind: dict[tuple[int, int], list[Losing]] = defaultdict(list)

    def take(self, deal: DealHistory) -> None:
        """Count one deal."""
        inside = begun_in(deal.visits, self._window)
        if not inside:
            return
        route = self._routes.of(deal.visits)
        if _keeps_owner(deal, inside):
            group = self._grouping.at(deal, deal.visits[-1].entered + 1)
            self._counted[group, route, inside] += 1
            if len(self._counted) >= _COUNTED:
                self.sum_up()
        else:
            for number in inside:
                group = self._grouping.at(deal, deal.visits[number].entered + 1)
                self._count(group, route, range(number, number + 1), 1)
        if self._rep:
            self._remember(deal, route, inside)

    def sum_up(self) -> None:
        """Bring the counts up to what was taken."""
        for (group, route, inside), deals in self._counted.items():
            self._count(group, route, inside, deals)
        self._counted.clear()

    def is_asked(self, group: Group) -> bool:
        """Whether a group is the rep asked for, by name or id."""
        return self._rep in (group.key.casefold(), group.label.casefold())

    def _count(self, group: Group, route: Route, inside: range, deals: int) -> None:
        """Count the exits of so many deals that went a route; `inside` are the visits entered."""
        for funnel, stay in _exits(route, inside):
            forward = deals if stay.ending in FORWARD else 0
            self.exits[funnel, stay.step, group] += Exits(forward, deals)
        closing = route.closing
        if closing and closing.visit in inside:
            won = deals if route.final is Outcome.WON else 0
            self.ended[closing.funnel, group] += Ended(won, deals - won)

    def _remember(self, deal: DealHistory, route: Route, inside: range) -> None:
        for funnel, stay in _exits(route, inside):
            at = deal.visits[stay.last + 1].entered
            if stay.ending not in FORWARD and self.is_asked(self._grouping.at(deal, at + 1)):
                losing = Losing(deal.account, deal.id, deal.name, at, stay.ending)
                self.behind[funnel, stay.step].append(losing)


def _keeps_owner(deal: DealHistory, inside: range) -> bool:
    """Whether it had one owner at all exits by these visits; the first visit is no exit."""
    first = deal.visits[min(max(inside.start, 1), len(deal.visits) - 1)]
    return not deal.owners or deal.owners[-1][0] <= first.entered


def _exits(route: Route, inside: range) -> Iterator[tuple[int, Stay]]:
    """The stays that ended in the process by a visit inside, with their funnels."""
    for way in route.ways:
        for stay in way.stays:
            if stay.ending in DECIDED and stay.last + 1 in inside:
                yield way.funnel, stay


def reps(scope: Scope, deals: Iterable[DealHistory], rep: str | None = None) -> Reps | None:
    """Count deals in one pass; None where nobody of the name asked for had a deal."""
    counter = RepCounter(scope, rep)
    for deal in deals:
        counter.take(deal)
    counter.sum_up()
    groups = {group for _, _, group in counter.exits} | {group for _, group in counter.ended}
    asked = next(filter(counter.is_asked, sorted(groups)), None)
    if rep and asked is None:
        return None
    funnels = tuple(_funnel(counter, number, scope, asked) for number in range(len(scope.funnels)))
    return Reps(funnels, split(By.OWNER, scope), asked)


def _funnel(counter: RepCounter, number: int, scope: Scope, asked: Group | None) -> FunnelReps:
    cells: dict[int, dict[Group, Exits]] = defaultdict(dict)
    for (funnel, step, group), exits in counter.exits.items():
        if funnel == number:
            cells[step][group] = exits
    stages = {step: sum(groups.values(), Exits()) for step, groups in sorted(cells.items())}
    ended = {group: of for (funnel, group), of in counter.ended.items() if funnel == number}
    known = {group: of for group, of in ended.items() if group != NONE}
    test = _test(known)
    marked = test is not None and test.significant
    advances = {
        (step, group): _advance(exits, stages[step], marked=marked)
        for step in stages
        for group, exits in pooled(
            cells[step], lambda exits: exits.decided, By.OWNER, scope.privacy
        ).items()
        if asked in (None, group)
    }
    return FunnelReps(
        len(known),
        sum(of.decided for of in known.values()),
        stages,
        advances,
        pooled(ended, lambda of: of.decided, By.OWNER, scope.privacy),
        test,
        {step: of for (funnel, step), of in counter.behind.items() if funnel == number},
    )


def _advance(exits: Exits, everybody: Exits, *, marked: bool) -> Advance:
    """One rep in one stage; where reps do not differ, whoever stands out is not `marked`."""
    rate = everybody.rate
    if exits.rate is None or rate is None:
        return Advance(exits, None, None)
    found = shrunk(exits.forward, exits.decided, rate, STRENGTH)
    if not marked or not found.interval.excludes(rate):
        return Advance(exits, found, None)
    return Advance(exits, found, Mark.ABOVE if found.mean > rate else Mark.BELOW)


def _test(ended: Mapping[Group, Ended]) -> Test | None:
    return differ([(of.won, of.lost) for _, of in sorted(ended.items())])
