"""Whether deals are won as often as the probabilities of their stages said."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from connector.metrics.deal_history import DealHistory
from connector.metrics.funnel import Funnel, Place
from connector.metrics.periods import Window
from connector.metrics.stages.scores import Cases, Scores, Side, score
from connector.metrics.statistics.distributions import SIGNIFICANT
from connector.metrics.statistics.proportions import adjusted
from connector.metrics.weights import Weight, Weights
from connector.model import Outcome

# The step that stands for all stages of a funnel together.
OVERALL = -1

_Stage = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """The probabilities of one stage of a funnel, or of all (`step` OVERALL), and their scores.

    `adjusted` is the p-value after Benjamini and Hochberg over the stages of the funnel; None for
    all stages together, and with `scores` below ten decided cases. All together are off to a side
    where at least one stage is off.
    """

    funnel: int
    step: int
    cases: Cases
    scores: Scores | None
    adjusted: float | None
    side: Side | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """What became of deals that entered a stage, and of deals that lay in one on a first of month.

    `entries` count each deal once in each stage it entered. `sitting` count it once in each stage
    it was found in, at the first of the months, and once overall. `months` are the single ones.
    """

    entries: tuple[Judged, ...]
    sitting: tuple[Judged, ...]
    months: Mapping[int, tuple[Judged, ...]]


# One case as it is tallied: the stage, the probability then, and whether it was won.
_Case = tuple[_Stage, Weight | None, bool | None]


class Calibrating:
    """Scores the probabilities then in force; feed it every deal.

    `months` are the first instants of months, ascending; `window` narrows entries to those in it.
    """

    def __init__(
        self,
        funnels: Sequence[Funnel],
        weights: Weights,
        as_of: int,
        months: Sequence[int],
        window: Window,
    ):
        self._steps = [frozenset(funnel.steps) for funnel in funnels]
        self._funnels = funnels
        self._weights = weights
        self._as_of = as_of
        self._months = months
        self._window = window
        self._stage = cache(self._spot)
        self._entries: Counter[_Case] = Counter()
        self._sitting: Counter[_Case] = Counter()
        self._by_month: Counter[tuple[int, _Case]] = Counter()

    def take(self, deal: DealHistory) -> None:
        """Judge the probabilities one deal had."""
        months, entries, start, end = self._months, self._entries, *self._window
        seen: set[_Stage] = set()
        sat: set[_Stage] = set()
        judged, won = -1, None
        for place, at, left, _ in deal.visits:
            stage = self._stage(place) if place is not None else None
            if stage is None or place is None:
                continue
            if stage[0] != judged:
                judged = stage[0]
                closing = deal.closed(judged)
                won = _won(closing.place) if closing else None
            if stage not in seen:
                seen.add(stage)
                if start <= at < end:
                    entries[stage, self._weights.at(place.stage, at), won] += 1
            month = bisect_right(months, at)
            last = self._as_of if left is None else left
            while month < len(months) and months[month] <= last:
                self._sit(month, stage, place.stage, won, sat)
                month += 1

    def calibration(self) -> Calibration:
        """The verdict."""
        months: dict[int, Counter[_Case]] = defaultdict(Counter)
        for (month, case), many in self._by_month.items():
            months[month][case] += many
        return Calibration(
            tuple(self._judged(_with_overall(_cases(self._entries)))),
            tuple(self._judged(_cases(self._sitting))),
            {
                self._months[month]: tuple(self._judged(_with_overall(_cases(months[month]))))
                for month in sorted(months)
            },
        )

    def _spot(self, place: Place) -> _Stage | None:
        """The funnel and step of a stage that counts: one open in the CRM and in the funnel."""
        counts = place.outcome is Outcome.OPEN and place.step in self._steps[place.funnel]
        return (place.funnel, place.step) if counts else None

    def _sit(self, month: int, stage: _Stage, key: int, won: bool | None, sat: set[_Stage]) -> None:
        """Count a deal that lies in a stage on a first of month; `sat` says where it did before."""
        weight = self._weights.at(key, self._months[month])
        self._by_month[month, (stage, weight, won)] += 1
        if stage in sat:
            return
        for each in (stage, (stage[0], OVERALL)):
            if each not in sat:
                sat.add(each)
                self._sitting[each, weight, won] += 1

    def _judged(self, cases: Mapping[_Stage, Cases]) -> Iterator[Judged]:
        """Every stage in the order of its funnel, and the funnel behind them."""
        for number, funnel in enumerate(self._funnels):
            stages = tuple(_stages(number, funnel, cases))
            yield from stages
            overall = cases.get((number, OVERALL), Cases())
            scores = score(overall)
            off = any(stage.side not in (None, Side.NEITHER) for stage in stages)
            side = (scores.side if off else Side.NEITHER) if scores else None
            yield Judged(number, OVERALL, overall, scores, None, side)


def _stages(number: int, funnel: Funnel, cases: Mapping[_Stage, Cases]) -> Iterator[Judged]:
    found = [(step, cases.get((number, step), Cases())) for step in funnel.steps]
    scores = [score(each) for _, each in found]
    told = iter(adjusted([each.p_value for each in scores if each]))
    for (step, each), scored in zip(found, scores, strict=True):
        if scored is None:
            yield Judged(number, step, each, None, None, None)
            continue
        p_value = next(told)
        side = scored.side if p_value <= SIGNIFICANT else Side.NEITHER
        yield Judged(number, step, each, scored, p_value, side)


def _won(place: Place | None) -> bool:
    return place is not None and place.outcome is Outcome.WON


def _cases(tally: Mapping[_Case, int]) -> dict[_Stage, Cases]:
    found: dict[_Stage, Cases] = defaultdict(Cases)
    for (stage, weight, won), many in tally.items():
        cases = found[stage]
        if won is None:
            cases.unresolved += many
        elif weight is None:
            cases.unweighted += many
        else:
            cases.counts[weight.probability, won] += many
            cases.assumed += 0 if weight.known else many
    return found


def _with_overall(cases: Mapping[_Stage, Cases]) -> dict[_Stage, Cases]:
    """The stages and, of each funnel, all of them together."""
    found = dict(cases)
    for (funnel, _), each in cases.items():
        found.setdefault((funnel, OVERALL), Cases()).add(each)
    return found
