"""What was won of what was to be, and whether what is open could make up the rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Self

from connector.metrics.deal_history import DealHistory, value_at
from connector.metrics.grouping import OTHERS, By, Group, moment, pooled
from connector.metrics.outcomes.targets import Target
from connector.metrics.periods import Period, Window, day_of, midnight
from connector.metrics.privacy import Naming
from connector.metrics.scope import Scope
from connector.model import Outcome

Key = tuple[str, str]  # account and owner id


@dataclass(slots=True)
class Progress:
    """What some deals brought towards a target, in whole hundredths.

    `without_amount` counts those of the deals that had none, or none in the report's currency.
    """

    won: int = 0
    won_deals: int = 0
    open: int = 0
    open_deals: int = 0
    without_amount: int = 0

    def __add__(self, other: Self) -> "Progress":
        return Progress(
            self.won + other.won,
            self.won_deals + other.won_deals,
            self.open + other.open,
            self.open_deals + other.open_deals,
            self.without_amount + other.without_amount,
        )

    @property
    def deals(self) -> int:
        """All deals that count towards the target or still could."""
        return self.won_deals + self.open_deals


@dataclass(frozen=True, slots=True)
class Attainment:
    """A target, in whole hundredths, and what was done towards it."""

    target: int
    progress: Progress

    def __add__(self, other: Self) -> "Attainment":
        return Attainment(self.target + other.target, self.progress + other.progress)

    @property
    def attained(self) -> float:
        """The share of the target that is won."""
        return self.progress.won / self.target

    @property
    def left(self) -> int:
        """What is still to be won; none below zero."""
        return max(0, self.target - self.progress.won)

    @property
    def coverage(self) -> float | None:
        """How often the open deals would make up what is left; None where nothing is."""
        return self.progress.open / self.left if self.left else None


class Pursuit:
    """Adds up what counts towards the targets of a period, by account and owner id.

    Won counts by the instant of closing, whatever date was expected; open counts, unweighted, by a
    close date from the day of the report to the end of the period.
    """

    def __init__(self, scope: Scope, period: Period):
        today = midnight(day_of(scope.as_of, scope.zone), scope.zone)
        self._as_of = scope.as_of
        self._won = period.window
        self._open = Window(max(today, period.window.start), period.window.end)
        self.cells: dict[Key, Progress] = {}

    def take(self, deal: DealHistory) -> None:
        """Count one deal, if it was won in the period or still may be."""
        place = deal.visits[-1].place if deal.visits else None
        if place is None or (deal.gone and place.outcome is Outcome.OPEN):
            return
        if place.outcome is Outcome.OPEN:
            expected = deal.closes[-1][1] if deal.closes else None
            counts = expected is not None and self._open.holds(expected)
        else:
            counts = place.outcome is Outcome.WON and self._won.holds(deal.visits[-1].entered)
        if counts:
            self._count(deal, place.outcome)

    def _count(self, deal: DealHistory, outcome: Outcome) -> None:
        owner = value_at(deal.owners, moment(deal, self._as_of)) or ""
        cell = self.cells.setdefault((deal.account, owner), Progress())
        amount = deal.amount
        cell.without_amount += amount is None
        if outcome is Outcome.WON:
            cell.won += amount or 0
            cell.won_deals += 1
        else:
            cell.open += amount or 0
            cell.open_deals += 1


@dataclass(frozen=True, slots=True)
class Attainments:
    """How far the targets of a period are reached; people only as config.toml allows.

    `unknown` are teams and owners with a target that no account knows of; `hides` says whether
    there are some whose deals are too few to tell of them.
    """

    total: Attainment | None
    teams: Mapping[Group, Attainment]
    owners: Mapping[Group, Attainment]
    unknown: tuple[str, ...]
    hides: bool


def attainments(scope: Scope, target: Target, cells: Mapping[Key, Progress]) -> Attainments:
    """Hold what people brought against their targets.

    Where no total is said, that of the teams stands in, or else that of the owners.
    """
    total = target.total or sum(target.teams.values()) or sum(target.owners.values())
    teams = {name: tuple(_members(scope, By.TEAM, name)) for name in target.teams}
    owners = {name: tuple(_members(scope, By.OWNER, name)) for name in target.owners}
    unknown = tuple(name for name, members in (*teams.items(), *owners.items()) if not members)
    told_teams = _held(scope, By.TEAM, target.teams, teams, cells)
    told_owners = _held(scope, By.OWNER, target.owners, owners, cells)
    told = [group for group in (*told_teams, *told_owners) if group != OTHERS]
    return Attainments(
        Attainment(total, _sum(cells, cells)) if total else None,
        told_teams,
        told_owners,
        unknown,
        hides=len(told) + len(unknown) < len(teams) + len(owners),
    )


def _members(scope: Scope, by: By, name: str) -> Iterator[Key]:
    """Whose deals count for a team, or for an owner by name or id."""
    for (account, owner), person in scope.people.items():
        if name in ((person.team,) if by is By.TEAM else (person.name, owner)):
            yield account, owner


def _held(
    scope: Scope,
    by: By,
    targets: Mapping[str, int],
    members: Mapping[str, tuple[Key, ...]],
    cells: Mapping[Key, Progress],
) -> dict[Group, Attainment]:
    if by is By.OWNER and scope.privacy.owners is Naming.OFF:
        return {}
    held = {
        _group(scope, by, name, members[name]): Attainment(amount, _sum(cells, members[name]))
        for name, amount in targets.items()
        if members[name]
    }
    return pooled(held, lambda each: each.progress.deals, by, scope.privacy)


def _group(scope: Scope, by: By, name: str, members: Sequence[Key]) -> Group:
    if by is By.TEAM:
        return Group(name, name)
    key = ", ".join(owner for _, owner in members)
    return Group(
        key, scope.people[members[0]].name if scope.privacy.owners is Naming.NAMES else key
    )


def _sum(cells: Mapping[Key, Progress], people: Iterable[Key]) -> Progress:
    return reduce(add, (cells[person] for person in people if person in cells), Progress())
