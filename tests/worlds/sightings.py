"""What the reports say of one world, beside what is true in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.jobs.analytics.forecast import read_forecast
from connector.jobs.analytics.forecast_accuracy import read_forecast_accuracy
from connector.jobs.analytics.reps import read_reps
from connector.jobs.analytics.scope import Compare
from connector.jobs.analytics.suggest import read_suggestions
from connector.jobs.analytics.win_rate import read_win_rates
from connector.metrics.flow.reps import Mark
from connector.metrics.forecasting.forecast import periods_ahead
from connector.metrics.forecasting.odds import Kind
from connector.metrics.grouping import ALL, By
from connector.metrics.outcomes.closings import Reading
from connector.metrics.outcomes.decided import Trend, trends
from connector.metrics.periods import Period, Span
from connector.metrics.stages.suggestion import Verdict
from connector.sandbox.hubspot.records import epoch_ms
from connector.sandbox.world.lives import Life, lives
from connector.sandbox.world.truth import WON
from tests.worlds.settled import NOW, Settled

# From here on, three quarters had not happened yet.
NEW_YEAR = datetime(2026, 1, 1, tzinfo=NOW.tzinfo)
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class StageSeen:
    """The probability of a stage: true, estimated with its 95 % interval, and as suggested."""

    stage: str
    true: float
    estimate: float
    low: float
    high: float
    suggested: float
    overrated: bool
    change: bool

    @property
    def held(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.true <= self.high


@dataclass(frozen=True, slots=True)
class RepsSeen:
    """What the report says of reps: whether they differ, and who is marked in any stage."""

    weak: str | None
    differ: bool
    below: tuple[str, ...]
    above: tuple[str, ...]

    @property
    def others(self) -> set[str]:
        """Who is marked without being weak."""
        return {*self.below, *self.above} - {self.weak}


@dataclass(frozen=True, slots=True)
class ProductSeen:
    """What a product's win rate of the last year is said to be beside that of the year before."""

    product: str
    drifts: bool
    trend: Trend | None


@dataclass(frozen=True, slots=True)
class InflowSeen:
    """What deals not created yet were expected to bring in a quarter ahead, and what they did."""

    ahead: int
    expected: float
    low: float
    high: float
    wins: float
    actual: float
    won: int

    @property
    def held(self) -> bool:
        """Whether the interval held what came."""
        return self.low <= self.actual <= self.high


@dataclass(frozen=True, slots=True)
class ForecastSeen:
    """One forecast of a past quarter, made on one of its days, and what was won in it."""

    quarter: str
    day: int
    kind: Kind
    forecast: float
    actual: float


@dataclass(frozen=True, slots=True)
class WorldSeen:
    """Everything the reports say of one world; `drifts` says whether a product drifts in it."""

    seed: int
    deals: int
    drifts: bool
    stages: tuple[StageSeen, ...]
    reps: RepsSeen
    products: tuple[ProductSeen, ...]
    inflow: tuple[InflowSeen, ...]
    forecasts: tuple[ForecastSeen, ...]


def look(settled: Settled) -> WorldSeen:
    """Ask every report that should find something."""
    truth = settled.world.truth
    lived = lives(truth)
    return WorldSeen(
        truth.seed,
        len(lived),
        truth.drifting_product is not None,
        tuple(_stages(settled)),
        _reps(settled),
        tuple(_products(settled)),
        tuple(_inflow(settled, lived)),
        tuple(_forecasts(settled)),
    )


def _stages(settled: Settled) -> Iterator[StageSeen]:
    world = settled.world
    (suggested,) = read_suggestions(settled.frame(), settled.db, ())
    for each in suggested.stages:
        found = each.found
        yield StageSeen(
            each.stage.key,
            world.chances[each.stage.key],
            found.raw.share,
            *found.interval,
            each.probability,
            each.stage.key == world.truth.overrated,
            each.verdict is Verdict.CHANGE,
        )


def _reps(settled: Settled) -> RepsSeen:
    (found,) = read_reps(settled.frame(), settled.db, None).funnels
    marked: dict[Mark | None, set[str]] = {mark: set() for mark in (None, *Mark)}
    for (_, group), advance in found.advances.items():
        marked[advance.mark].add(group.label.removesuffix(" Rep"))
    assert found.test
    return RepsSeen(
        settled.world.truth.weak_rep,
        found.test.significant,
        tuple(marked[Mark.BELOW]),
        tuple(marked[Mark.ABOVE]),
    )


def _products(settled: Settled) -> Iterator[ProductSeen]:
    """As `report win-rate --by product --compare previous` tells it of the last year."""
    frame = settled.frame(start=NOW - YEAR, end=NOW, compare=Compare.PREVIOUS)
    rates = read_win_rates(frame, settled.db, By.PRODUCT, None, Reading(), trend=False)
    groups = rates.closed[0]
    told = trends([(beside.windows[1], beside.windows[0]) for beside in groups.values()])
    for group, trend in zip(groups, told, strict=True):
        if group != ALL:
            drifts = group.label == settled.world.truth.drifting_product
            yield ProductSeen(group.label, drifts, trend)


def _inflow(settled: Settled, lived: list[Life]) -> Iterator[InflowSeen]:
    """As `report forecast` told it at New Year, beside the deals created since."""
    frame = settled.frame(as_of=NEW_YEAR)
    told = read_forecast(frame, settled.db, ()).new
    for ahead, (quarter, expected) in enumerate(zip(periods_ahead(frame.scope), told, strict=True)):
        assert expected
        brought = [life.amounts[-1][0] * 100 for life in lived if _won_new(life, quarter)]
        yield InflowSeen(
            ahead,
            expected.value,
            *expected.interval,
            expected.wins,
            sum(brought),
            len(brought),
        )


def _won_new(life: Life, quarter: Period) -> bool:
    (_, created), (stage, at) = life.stages[0], life.stages[-1]
    return stage == WON and created >= NEW_YEAR and quarter.window.holds(epoch_ms(at))


def _forecasts(settled: Settled) -> Iterator[ForecastSeen]:
    """As `report forecast-accuracy` tells it of all quarters whose forecasts have every kind.

    No deal has a probability of its own in these worlds, so that this kind is left out.
    """
    found = read_forecast_accuracy(settled.frame(), settled.db, Span.QUARTER, ())
    lines = [line for line in found.lines if line.kind is not Kind.DEAL]
    lacking = {(line.period.label, line.horizon) for line in lines if line.scored is None}
    for line in lines:
        if line.scored and (line.period.label, line.horizon) not in lacking:
            yield ForecastSeen(
                line.period.label,
                line.horizon.days,
                line.kind,
                line.scored.forecast,
                line.scored.actual,
            )
