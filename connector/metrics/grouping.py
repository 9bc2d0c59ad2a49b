"""Into which group a deal falls: whose it is, what it sells, where it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import add
from typing import NamedTuple, Protocol, Self, TypeVar

from connector.metrics.deal_history import DealHistory, value_at, visit_at
from connector.metrics.funnel import OFF
from connector.metrics.privacy import Naming, Privacy
from connector.metrics.scope import Scope
from connector.model import Field


class By(StrEnum):
    """What reports can be split by; product, region and source are fields an account names."""

    OWNER = "owner"
    TEAM = "team"
    PRODUCT = "product"
    REGION = "region"
    SOURCE = "source"
    STAGE = "stage"
    PHASE = "phase"

    @property
    def fields(self) -> tuple[str, ...]:
        """The deal fields whose history tells the group."""
        match self:
            case By.OWNER | By.TEAM:
                return (Field.OWNER,)
            case By.STAGE | By.PHASE:
                return ()
            case _:
                return (self.value,)

    @property
    def of_people(self) -> bool:
        """Whether figures of its groups are figures about people."""
        return self in (By.OWNER, By.TEAM)


class Group(NamedTuple):
    """One of the groups: an id for machines, and a name for people.

    Keys that begin with a blank are our own; no CRM has such ids.
    """

    key: str
    label: str


# Every deal, where a report is not split.
ALL = Group(" all", "all")
# What a deal falls into that has no owner, team, product or stage.
NONE = Group("", "")
# What is left when small groups of people are not told apart.
OTHERS = Group(" others", "others")


class Cell(Protocol):
    """What is known of a group, to which that of another one can be added."""

    def __add__(self, other: Self, /) -> Self:
        """Both groups as one."""


Known = TypeVar("Known", bound=Cell)


class Unsplit(StrEnum):
    """Why a report is not split the way it was asked to be."""

    FORBIDDEN = "forbidden"  # [privacy] of config.toml keeps owners out of reports
    UNTRACKED = "untracked"  # no account has the history of the field


@dataclass(frozen=True, slots=True)
class Split:
    """How a report was asked to be split, and why it is not, where it is not."""

    asked: By | None = None
    refused: Unsplit | None = None

    @property
    def by(self) -> By | None:
        """How the report is split."""
        return None if self.refused else self.asked

    @property
    def fields(self) -> tuple[str, ...]:
        """The deal fields whose history tells the groups."""
        return self.by.fields if self.by else ()

    def finder(self, scope: Scope) -> "Callable[[DealHistory], Group]":
        """What finds the group of a deal; where the report is not split, all of them are one."""
        grouping = self.grouping(scope)
        return grouping.of if grouping else lambda deal: ALL

    def grouping(self, scope: Scope) -> "Grouping | None":
        """What finds the group of a deal, where the report is split."""
        return Grouping(self.by, scope) if self.by else None


NOT_SPLIT = Split()


def split(asked: By | None, scope: Scope) -> Split:
    """How a report can be split that was asked to be split this way."""
    if asked is By.OWNER and scope.privacy.owners is Naming.OFF:
        return Split(asked, Unsplit.FORBIDDEN)
    if asked and not scope.fields.issuperset(asked.fields):
        return Split(asked, Unsplit.UNTRACKED)
    return Split(asked)


def moment(deal: DealHistory, as_of: int) -> int:
    """The instant just before which a deal's values say whose it is.

    For an open deal that is the report's; for a closed one it is right after its closing, so that
    what was set together with the closing counts.
    """
    closing = deal.closing
    return as_of if closing is None else closing.entered + 1


class Grouping:
    """Finds the group of deals in the frame of one report; teams are those of today."""

    def __init__(self, by: By, scope: Scope):
        self._scope = scope
        self._known: dict[tuple[str, str], Group] = {}
        self._read = self._reader(by)

    def of(self, deal: DealHistory) -> Group:
        """The group at the closing for a closed deal, and as of the report for an open one."""
        return self._read(deal, moment(deal, self._scope.as_of))

    def at(self, deal: DealHistory, at: int) -> Group:
        """The group a deal was in just before an instant."""
        return self._read(deal, at)

    def _reader(self, by: By) -> Callable[[DealHistory, int], Group]:
        match by:
            case By.OWNER:
                return lambda deal, at: self._person(deal, at, self._owner)
            case By.TEAM:
                return lambda deal, at: self._person(deal, at, self._team)
            case By.STAGE:
                return self._stage
            case By.PHASE:
                return self._phase
            case _:
                return lambda deal, at: _named(value_at(deal.values.get(by, ()), at))

    def _person(self, deal: DealHistory, at: int, read: Callable[[str, str], Group]) -> Group:
        owner = value_at(deal.owners, at)
        if not owner:
            return NONE
        known = self._known.get((deal.account, owner))
        if known is None:
            known = self._known[deal.account, owner] = read(deal.account, owner)
        return known

    def _owner(self, account: str, owner: str) -> Group:
        scope = self._scope
        key = owner if len(scope.accounts) == 1 else f"{account}/{owner}"
        person = scope.people.get((account, owner))
        named = scope.privacy.owners is Naming.NAMES and person
        return Group(key, person.name if named and person else key)

    def _team(self, account: str, owner: str) -> Group:
        person = self._scope.people.get((account, owner))
        return _named(person.team if person else None)

    def _stage(self, deal: DealHistory, at: int) -> Group:
        visit = visit_at(deal.visits, at)
        if visit is None or visit.place is None or visit.place.step == OFF:
            return NONE
        stage = self._scope.funnels[visit.place.funnel].stages[visit.place.step]
        return Group(stage.key, stage.label)

    def _phase(self, deal: DealHistory, at: int) -> Group:
        visit = visit_at(deal.visits, at)
        if visit is None or visit.place is None or visit.place.step == OFF:
            return NONE
        return _named(self._scope.funnels[visit.place.funnel].stages[visit.place.step].phase)


def pooled(
    cells: Mapping[Group, Known],
    size: Callable[[Known], int],
    by: By | None,
    privacy: Privacy,
) -> dict[Group, Known]:
    """The groups that may be told apart, largest first, and the others as one.

    Of people, a group of fewer deals than config.toml's `minimum_group` goes up in the others, and
    so do the next larger ones until these have as many deals between them: otherwise the total
    would give away what was hidden. Where all together have too few, no group is told.
    """
    ranked = sorted(cells, key=lambda group: (group == NONE, -size(cells[group]), group))
    hidden = _hidden({group: size(cells[group]) for group in ranked}, by, privacy)
    if not hidden:
        return {group: cells[group] for group in ranked}
    if sum(size(cells[group]) for group in hidden) < privacy.minimum_group:
        return {}
    shown = {group: cells[group] for group in ranked if group not in hidden}
    return shown | {OTHERS: reduce(add, map(cells.__getitem__, hidden))}


def _hidden(sizes: Mapping[Group, int], by: By | None, privacy: Privacy) -> list[Group]:
    """The smallest groups, as many as it takes; `sizes` have the largest first."""
    hidden: list[Group] = []
    if by is None or not by.of_people:
        return hidden
    people = [group for group in sizes if group != NONE]
    for group in reversed(people):
        small = sizes[group] < privacy.minimum_group
        if not small and (
            not hidden or sum(map(sizes.__getitem__, hidden)) >= privacy.minimum_group
        ):
            break
        hidden.append(group)
    return hidden


def by_funnel(
    cells: Mapping[tuple[int, Group], Known],
    size: Callable[[Known], int],
    by: By | None,
    privacy: Privacy,
) -> dict[int, dict[Group, Known]]:
    """The groups of each funnel as they may be told; all of them together come first.

    Others alone would be all of them once more. Not split, a funnel's groups stand in the order of
    their keys.
    """
    told: dict[int, dict[Group, Known]] = {}
    for (funnel, group), cell in sorted(cells.items(), key=lambda item: item[0]):
        told.setdefault(funnel, {})[group] = cell
    if by is None:
        return told
    for funnel, groups in told.items():
        apart = pooled(groups, size, by, privacy)
        told[funnel] = {ALL: reduce(add, groups.values())} | (
            apart if set(apart) - {OTHERS} else {}
        )
    return told


def _named(text: str | None) -> Group:
    return Group(text, text) if text else NONE
