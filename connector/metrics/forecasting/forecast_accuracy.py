"""What was forecast for past periods, by what was known at the time, and what came of it."""

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress, starmap

from connector.metrics.deal_history import DealHistory, Visit, value_at
from connector.metrics.forecasting.forecast_scores import Scored, Scores, missed, scores
from connector.metrics.forecasting.horizons import Horizon
from connector.metrics.forecasting.odds import KINDS, Configured, Kind
from connector.metrics.forecasting.position import own_probability, was_dated
from connector.metrics.forecasting.win_probability import Chances
from connector.metrics.funnel import Place
from connector.metrics.periods import Period
from connector.model import Outcome

# How many periods the naive forecast is the mean of.
_TRAILING = 4

Rep = tuple[str, str | None]


@dataclass(slots=True)
class Moment:
    """What was known at one horizon of one period; sums are hundredths by rep.

    The deals open then with a close date in the period, of which `flagged` had a probability not
    known to reach that far and `without_amount` no amount, are kept as four arrays in parallel:
    rep, stage, time spent in it, amount. `own` has those of them, by position, that had a
    probability of their own.
    """

    at: int
    period: int
    horizon: Horizon
    won: Counter[int] = field(default_factory=Counter)
    sums: dict[Kind, dict[int, float]] = field(
        default_factory=lambda: {kind: defaultdict(float) for kind in KINDS}
    )
    lacking: Counter[Kind] = field(default_factory=Counter)
    flagged: int = 0
    without_amount: int = 0
    undated: int = 0
    reps: "array[int]" = field(default_factory=lambda: array("l"))
    stages: "array[int]" = field(default_factory=lambda: array("l"))
    spent: "array[int]" = field(default_factory=lambda: array("q"))
    amounts: "array[int]" = field(default_factory=lambda: array("q"))
    own: dict[int, float] = field(default_factory=dict)

    @property
    def deals(self) -> int:
        """How many open deals were due in the period."""
        return len(self.amounts)

    def weigh(self, kind: Kind, probabilities: Iterable[float | None]) -> None:
        """Add what the deals are expected to bring, each at its probability."""
        sums = self.sums[kind]
        for rep, amount, probability in zip(self.reps, self.amounts, probabilities, strict=True):
            if probability is None:
                self.lacking[kind] += 1
            else:
                sums[rep] += probability * amount


@dataclass(frozen=True, slots=True)
class Line:
    """The forecasts of a period at one horizon by one kind of probability.

    `scored` is None where `lacking` of the `deals` due had no probability of that kind.
    """

    period: Period
    horizon: Horizon
    kind: Kind
    deals: int
    lacking: int
    won: int
    actual: int
    today: int
    scored: Scored | None


@dataclass(frozen=True, slots=True)
class ForecastAccuracy:
    """All lines, and their scores by horizon and kind.

    `dated` says whether any deal had a close date before it closed; else nothing was ever forecast.
    `won_without_amount` were won in the periods told and count as 0. `flagged`, `without_amount`
    and `undated` count a deal once for every horizon it was open at.
    """

    lines: tuple[Line, ...]
    summary: tuple[tuple[Horizon, Kind, Scores], ...]
    dated: bool
    flagged: int
    without_amount: int
    unpriced: int
    undated: int
    won_without_amount: int
    grain: int = 1


class PastForecasts:
    """Forecasts of periods, one right behind the other; feed it every deal with `take`."""

    def __init__(
        self, periods: Sequence[Period], horizons: Sequence[Horizon], configured: Configured
    ):
        self._periods = periods
        self._configured = configured
        self._starts = [period.window.start for period in periods]
        self._end = periods[-1].window.end if periods else 0
        self.moments = sorted(_moments(periods, horizons), key=lambda moment: moment.at)
        self.instants = [moment.at for moment in self.moments]
        self._ticks = sorted({*self.instants, *self._starts})
        self._of_period: list[list[Moment]] = [[] for _ in periods]
        for moment in self.moments:
            self._of_period[moment.period].append(moment)
        self._at_end: list[Counter[int]] = [Counter() for _ in periods]
        self._today = [0] * len(periods)
        self._won_without_amount = [0] * len(periods)
        # How many more deals were open at the start of a period than at that of the one before.
        self._opened = [0] * (len(periods) + 1)
        self._reps: dict[Rep, int] = {}
        self._places: dict[int, Place] = {}
        self._dated = False
        self._unpriced = 0

    def take(self, deal: DealHistory) -> None:
        """Put a deal into every forecast and every actual it belongs to."""
        self._dated = self._dated or was_dated(deal)
        self._unpriced += deal.unpriced
        ticks = self._ticks
        for visit in deal.visits:
            place, entered, left, _ = visit
            if place is None or entered >= self._end:
                continue
            if place.outcome is Outcome.OPEN:
                # Most stays pass between two instants that anybody asks about.
                following = bisect_right(ticks, entered)
                if following < len(ticks) and (left is None or ticks[following] <= left):
                    self._stay(deal, visit, place)
            elif place.outcome is Outcome.WON:
                self._win(deal, visit)

    def result(
        self, chances: Iterator[Chances], told: Sequence[bool], grain: int = 1
    ) -> ForecastAccuracy:
        """Everything scored; `told` says of each period whether it was asked for."""
        for moment, known in zip(self.moments, chances, strict=True):
            self._weigh(moment, known)
        at_start = tuple(accumulate(self._opened))
        scored = [asked and at_start[number] > 0 for number, asked in enumerate(told)]
        moments = [moment for moment in self.moments if scored[moment.period]]
        moments.sort(key=lambda moment: (moment.period, moment.at))
        lines = tuple(self._line(moment, kind) for moment in moments for kind in KINDS)
        return ForecastAccuracy(
            lines,
            tuple(_summary(lines)),
            self._dated,
            flagged=sum(moment.flagged for moment in moments),
            without_amount=sum(moment.without_amount for moment in moments),
            unpriced=self._unpriced,
            undated=sum(moment.undated for moment in moments),
            won_without_amount=sum(compress(self._won_without_amount, scored)),
            grain=grain,
        )

    def _stay(self, deal: DealHistory, visit: Visit, place: Place) -> None:
        """A stay in an open stage: at every horizon within it, the deal was open there."""
        left = visit.left
        starts, instants = self._starts, self.instants
        self._opened[bisect_right(starts, visit.entered)] += 1
        if left is not None:
            self._opened[bisect_right(starts, left)] -= 1
        since = bisect_right(instants, visit.entered)
        until = len(instants) if left is None else bisect_right(instants, left)
        for moment in self.moments[since:until]:
            close = value_at(deal.closes, moment.at)
            if close is None:
                moment.undated += 1
            elif self._periods[moment.period].window.holds(close):
                self._expect(moment, deal, place, moment.at - visit.entered)

    def _expect(self, moment: Moment, deal: DealHistory, place: Place, spent: int) -> None:
        at = moment.at
        known = value_at(deal.amounts, at)
        amount = known or 0
        rep = self._rep(deal, at)
        own = own_probability(deal, at)
        if own is not None:
            moment.own[moment.deals] = own
        moment.without_amount += known is None and not deal.unpriced
        self._places[place.stage] = place
        moment.reps.append(rep)
        moment.stages.append(place.stage)
        moment.spent.append(spent)
        moment.amounts.append(amount)

    def _win(self, deal: DealHistory, visit: Visit) -> None:
        """A stay in a won stage: at every later instant within it, the deal was won."""
        period = bisect_right(self._starts, visit.entered) - 1
        if period < 0:
            return
        rep = self._rep(deal, visit.entered + 1)
        end = self._periods[period].window.end
        # A deal archived after it was won stays won.
        left = None if visit.cut else visit.left
        for moment in self._of_period[period]:
            if moment.at > visit.entered and (left is None or moment.at <= left):
                moment.won[rep] += value_at(deal.amounts, moment.at) or 0
        if left is None or left >= end:
            amount = value_at(deal.amounts, end)
            self._at_end[period][rep] += amount or 0
            self._won_without_amount[period] += amount is None and not deal.unpriced
        if left is None:
            self._today[period] += (deal.amounts[-1][1] if deal.amounts else None) or 0

    def _weigh(self, moment: Moment, chances: Chances) -> None:
        """Every kind of probability, by what had become of all deals by then."""
        places, at = self._places, moment.at
        weights = {stage: self._configured.at(place, at) for stage, place in places.items()}
        configured = {stage: each and each.probability for stage, each in weights.items()}
        overall = {stage: chances.overall(place.funnel) for stage, place in places.items()}
        stays = zip(map(places.__getitem__, moment.stages), moment.spent, strict=True)
        unknown = {stage for stage, each in weights.items() if each and not each.known}
        moment.flagged = sum(stage in unknown for stage in moment.stages)
        moment.weigh(Kind.CONFIGURED, map(configured.__getitem__, moment.stages))
        moment.weigh(Kind.DEAL, map(moment.own.get, range(moment.deals)))
        moment.weigh(Kind.OVERALL, map(overall.__getitem__, moment.stages))
        moment.weigh(Kind.EVIDENCE, starmap(chances.sitting, stays))

    def _line(self, moment: Moment, kind: Kind) -> Line:
        lacking = moment.lacking[kind]
        return Line(
            period=self._periods[moment.period],
            horizon=moment.horizon,
            kind=kind,
            deals=moment.deals,
            lacking=lacking,
            won=moment.won.total(),
            actual=self._at_end[moment.period].total(),
            today=self._today[moment.period],
            scored=None if lacking else self._scored(moment, moment.sums[kind]),
        )

    def _scored(self, moment: Moment, weighted: Mapping[int, float]) -> Scored:
        forecast: dict[int, float] = dict(moment.won)
        for rep, value in weighted.items():
            forecast[rep] = forecast.get(rep, 0) + value
        actual = self._at_end[moment.period]
        return Scored(
            forecast=sum(forecast.values()),
            actual=actual.total(),
            naive=self._naive(moment.period),
            missed=missed(forecast, actual),
        )

    def _naive(self, period: int) -> float | None:
        """The mean of the last periods, all complete by the start of this one."""
        before = self._at_end[max(period - _TRAILING, 0) : period]
        return sum(each.total() for each in before) / len(before) if before else None

    def _rep(self, deal: DealHistory, at: int) -> int:
        rep = deal.account, value_at(deal.owners, at)
        return self._reps.setdefault(rep, len(self._reps))


def _moments(periods: Sequence[Period], horizons: Sequence[Horizon]) -> Iterator[Moment]:
    for number, period in enumerate(periods):
        for horizon in horizons:
            at = horizon.instant(period)
            if at is not None:
                yield Moment(at, number, horizon)


def _summary(lines: Sequence[Line]) -> Iterator[tuple[Horizon, Kind, Scores]]:
    for horizon in sorted({line.horizon for line in lines}, key=lambda each: each.order):
        for kind in KINDS:
            of = [line for line in lines if (line.horizon, line.kind) == (horizon, kind)]
            scored = [line.scored for line in of if line.scored is not None]
            yield horizon, kind, scores(scored)
