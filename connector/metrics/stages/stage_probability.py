"""The probability of each stage as the history has it, and whether it contradicts the one set."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.stages.entrants import WON, Entrants
from connector.metrics.statistics.aalen_johansen import Estimate
from connector.metrics.statistics.isotonic import pooled
from connector.metrics.statistics.proportions import Interval, wilson
from connector.model import Outcome

# The funnel's own rate counts as so many deals beside those of a stage.
STRENGTH = 20


@dataclass(frozen=True, slots=True)
class Share:
    """So many won of so many decided; the interval is Wilson's 95 %."""

    won: int
    decided: int

    @property
    def value(self) -> float | None:
        """The share, None where nothing was decided."""
        return self.won / self.decided if self.decided else None

    @property
    def interval(self) -> Interval:
        """Its 95 % interval."""
        return wilson(self.won, self.decided)


@dataclass(frozen=True, slots=True)
class StageProbability:
    """What became of the deals of one stage.

    `raw` is the Aalen–Johansen share won by the longest stay of the deals that entered it,
    `undecided` the share it leaves open; `entered` of them `decided.decided` are decided. `shrunk`
    draws it to the funnel's rate, `value` makes it rise with the order. `sitting` are the deals
    that lay in it on the first of some month. Without a decided deal anywhere there is no value.
    """

    step: int
    entered: int
    raw: Estimate
    undecided: float
    decided: Share
    sitting: Share
    shrunk: float | None
    value: float | None

    @property
    def interval(self) -> Interval:
        """The 95 % interval of the estimate; where all or none were won, that of plain shares."""
        return self.raw.interval or self.decided.interval


class StageWins:
    """Counts what became of the deals of every open stage of one funnel; feed it every deal.

    `months` are the first instants of months, ascending: when to look who lies where.
    """

    def __init__(self, funnel: int, steps: Sequence[int], as_of: int, months: Sequence[int]):
        self._funnel = funnel
        self._steps = steps
        self._as_of = as_of
        self._months = months
        self._entrants = Entrants(funnel, max(steps, default=-1) + 1, as_of)
        self._sat = {step: Share(0, 0) for step in steps}

    def take(self, deal: DealHistory) -> None:
        """Count a deal under every stage it entered, and where it lay on the first of a month."""
        end = self._entrants.take(deal)
        if end is None or end.outcome is Outcome.OPEN:
            return
        won = end.outcome is Outcome.WON
        for step in self._sat_in(deal.visits, end.at):
            sat = self._sat[step]
            self._sat[step] = Share(sat.won + won, sat.decided + 1)

    def results(self) -> tuple[StageProbability, ...]:
        """The open stages in the order of the funnel."""
        entrants = self._entrants
        decided = [self._decided(step) for step in self._steps]
        raws = [entrants.incidence(step) for step in self._steps]
        rate = Share(entrants.won, entrants.won + entrants.lost).value
        shrunk = [
            None if rate is None else _shrunk(raw.last(WON).share, share.decided, rate)
            for raw, share in zip(raws, decided, strict=True)
        ]
        values = _rising(shrunk, decided)
        return tuple(
            StageProbability(
                step=step,
                entered=entrants.entered(step),
                raw=raw.last(WON),
                undecided=raw.lasting(raw.longest),
                decided=share,
                sitting=self._sat[step],
                shrunk=drawn,
                value=value,
            )
            for step, raw, share, drawn, value in zip(
                self._steps, raws, decided, shrunk, values, strict=True
            )
        )

    @property
    def rate(self) -> Share:
        """How many of the funnel's decided deals were won."""
        return Share(self._entrants.won, self._entrants.won + self._entrants.lost)

    @property
    def binned(self) -> bool:
        """Whether lengths were counted in hours."""
        return self._entrants.binned

    def _decided(self, step: int) -> Share:
        won = self._entrants.decided(step, Outcome.WON)
        return Share(won, won + self._entrants.decided(step, Outcome.LOST))

    def _sat_in(self, visits: Iterable[Visit], end: int) -> set[int]:
        """The open steps in which a deal lay at the first instant of some month."""
        found = set()
        for place, entered, left, _ in visits:
            if place is None or place.funnel != self._funnel or place.step not in self._sat:
                continue
            # The first month that began after it entered, for what happens at an instant is later.
            month = bisect_right(self._months, entered)
            if month < len(self._months) and self._months[month] <= (end if left is None else left):
                found.add(place.step)
        return found


def _shrunk(share: float, decided: int, rate: float) -> float:
    """A small sample drawn to the rate of the funnel, as if that had been seen STRENGTH times."""
    return (share * decided + STRENGTH * rate) / (decided + STRENGTH)


def _rising(shrunk: Sequence[float | None], decided: Sequence[Share]) -> Sequence[float | None]:
    """The values pooled until they rise along the order, each weighing its decided deals."""
    known = [value for value in shrunk if value is not None]
    return pooled(known, [share.decided for share in decided]) if known else shrunk
