"""What became of the open pipeline between two instants, in bars that add up to the cent.

start + created + pulled in + reopened + arrived + amount up − amount down − pushed out
− transferred − removed − lost − won ± exchange = end, in money and in deals.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connector.metrics.deal_history import DealHistory, value_at
from connector.metrics.forecasting.bars import REVALUED, SIGNS, Bar, Between
from connector.metrics.forecasting.position import was_dated
from connector.metrics.forecasting.pushes import pushes
from connector.metrics.grouping import Group, Split, moment
from connector.metrics.periods import day_of
from connector.metrics.scope import Scope


class Fate(StrEnum):
    """What became of a deal that was open and due in the window at the first instant."""

    WON = "won"
    LOST = "lost"
    SLIPPED = "slipped"  # open, and due outside the window or never
    OVERDUE = "overdue"  # open, and due on a day that has passed
    DUE = "due"  # open, and due in the window still
    GONE = "gone"  # archived, merged or moved elsewhere


_LEFT = {
    Bar.WON: Fate.WON,
    Bar.LOST: Fate.LOST,
    Bar.REMOVED: Fate.GONE,
    Bar.TRANSFERRED: Fate.GONE,
}


@dataclass(slots=True)
class Tally:
    """So many deals worth so much, in hundredths; some of them had no amount."""

    deals: int = 0
    value: int = 0
    without_amount: int = 0

    def take(self, amount: int | None) -> None:
        """Count a deal."""
        self.deals += 1
        self.value += amount or 0
        self.without_amount += amount is None


@dataclass(frozen=True, slots=True)
class Listed:
    """One deal's part of a bar; `group` is its rep where reps may be named."""

    bar: Bar
    id: str
    name: str
    group: Group | None
    amount: int | None


class Waterfall:
    """The bars of a pipeline between two instants; feed it every deal with `take`.

    `fates` tell of the deals in the start bar, at what they were worth there, where there is a
    window; `pushed` of those in the end bar, by how often they were put off. `listed` keeps every
    deal behind every bar where `split` is given. `dated` and `revalued` say whether any deal ever
    had a close date before it closed, or another amount than its first.
    """

    def __init__(self, scope: Scope, between: Between, split: Split | None = None):
        self.between = between
        self._zone = scope.zone
        self._lists = split is not None
        self._grouping = split.grouping(scope) if split else None
        self.bars: dict[Bar, Tally] = {bar: Tally() for bar in Bar}
        self.fates: dict[Fate, Tally] = {fate: Tally() for fate in Fate}
        self.pushed: dict[int, Tally] = defaultdict(Tally)
        self.listed: list[Listed] = []
        self.dated = False
        self.revalued = False
        self.unpriced = 0

    def take(self, deal: DealHistory) -> None:
        """Put a deal into its bars."""
        self.dated = self.dated or was_dated(deal)
        self.revalued = self.revalued or len({amount for _, amount in deal.amounts}) > 1
        steps = self.between.steps(deal)
        self.unpriced += deal.unpriced and bool(steps)
        for bar, amount in steps:
            self.bars[bar].take(amount)
            if self._lists:
                self.listed.append(self._listing(deal, bar, amount))
            if bar is Bar.START and self.between.window:
                self.fates[self._fate(deal)].take(amount)
            if bar is Bar.END:
                self.pushed[pushes(deal, self.between.until, self._day)].take(amount)

    def balance(self) -> None:
        """Make sure that the bars add up; raises ArithmeticError where they do not."""
        for what, moved in (("deals", self._deals()), ("money", self._money())):
            if moved:
                raise ArithmeticError(f"the waterfall is off by {moved} in {what}")

    def _deals(self) -> int:
        moved = {bar: sign for bar, sign in SIGNS.items() if bar not in REVALUED}
        between = sum(sign * self.bars[bar].deals for bar, sign in moved.items())
        return self.bars[Bar.START].deals + between - self.bars[Bar.END].deals

    def _money(self) -> int:
        between = sum(sign * self.bars[bar].value for bar, sign in SIGNS.items())
        return self.bars[Bar.START].value + between - self.bars[Bar.END].value

    def _listing(self, deal: DealHistory, bar: Bar, amount: int | None) -> Listed:
        at = min(moment(deal, self.between.until), self.between.until)
        group = self._grouping.at(deal, at) if self._grouping else None
        return Listed(bar, deal.id, deal.name, group, amount)

    def _day(self, at: int) -> date:
        return day_of(at, self._zone)

    def _fate(self, deal: DealHistory) -> Fate:
        left = self.between.exit(deal)
        if left:
            return _LEFT[left.bar]
        close = value_at(deal.closes, self.between.until)
        if close is None or not self.between.is_due(close):
            return Fate.SLIPPED
        overdue = self._day(close) < self._day(self.between.until)
        return Fate.OVERDUE if overdue else Fate.DUE
