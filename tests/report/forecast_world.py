"""A small company whose deals change amount, date and stage, and the reports of its forecasts."""

from collections.abc import Iterator
from dataclasses import replace

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.forecasting.bars import Between
from connector.metrics.forecasting.forecast import Forecast, Pipeline, WonSoFar, periods_ahead
from connector.metrics.forecasting.forecast_accuracy import ForecastAccuracy, PastForecasts
from connector.metrics.forecasting.horizons import Horizon, complete_periods
from connector.metrics.forecasting.new_deals import NewDeals
from connector.metrics.forecasting.odds import KINDS, Configured
from connector.metrics.forecasting.waterfall import Waterfall
from connector.metrics.forecasting.win_probability import WinHistory
from connector.metrics.funnel import Place
from connector.metrics.grouping import By, split
from connector.metrics.periods import Span, named
from connector.metrics.scope import Scope
from connector.metrics.weights import Weights
from connector.report.analytics.forecast import forecast_document
from connector.report.analytics.forecast_accuracy import forecast_accuracy_document
from connector.report.analytics.head import Head
from connector.report.analytics.waterfall import waterfall_document
from connector.report.document import Document
from tests.report.outcome_world import DAY, LOST, MEETING, OFFER, STAGES, THIRD, WON, ZONE
from tests.report.outcome_world import scope as outcome_scope

YEAR_START = named("2026Q1", ZONE).window.start
WEIGHTS = Weights(
    {
        MEETING: [(0, 0.1), (THIRD.window.start + 40 * DAY, 0.2)],
        OFFER: [(THIRD.window.start + 40 * DAY, 0.6)],
    }
)
HORIZONS = tuple(map(Horizon, (0, 30, 60, 80)))
WAYS = (By.OWNER, By.TEAM, By.REGION)


def scope(**more) -> Scope:
    """The company in the middle of the fourth quarter, with regions."""
    frame = outcome_scope(day=130, **more)
    return replace(frame, fields=frozenset({"owner", "product", "region"}))


def deals(until: int | None = None) -> Iterator[DealHistory]:
    """One deal every other day of the year so far, a few of them of partners."""
    for number in range(160):
        told = _deal(number, funnel=int(number % 16 == 7), until=until or scope().as_of)
        if told.visits:
            yield told


def _deal(number: int, funnel: int, until: int) -> DealHistory:
    """Amounts and dates change on the way; every 13th has no amount, every 11th no date."""
    created = YEAR_START + 2 * number * DAY
    asked = created + (3 + number % 11) * DAY
    closed = created + (25 + number * 7 % 60) * DAY
    ending = (WON, LOST, LOST, OFFER, WON)[number % 5]
    steps = [(MEETING, created), (OFFER, asked), *([(ending, closed)] if ending != OFFER else [])]
    steps = [step for step in steps if step[1] < until]
    ends = [*(at for _, at in steps[1:]), None]
    visits = [
        Visit(Place(funnel, step, STAGES[step].outcome, step), at, left)
        for (step, at), left in zip(steps, ends, strict=bool(steps))
    ]
    first = 50_000_00 + number * number % 37 * 9_000_00
    category = {MEETING: "PIPELINE", OFFER: ("BEST_CASE", "COMMIT")[number % 2]}
    return DealHistory(
        "norge",
        str(number),
        f"Deal {number}",
        created,
        None,
        visits,
        []
        if number % 13 == 3
        else _known([(created, first), (asked, first + number * 1_000_00)], until),
        [] if number % 11 == 5 else _known(_dates(number, created), until),
        [(created, ("7", "7", "7", "8", "9", "9")[number % 6])],
        {
            "region": [(created, ("Norge", "Sverige")[number % 2])],
            "forecast_category": [(at, category.get(step, "CLOSED")) for step, at in steps],
        },
    )


def _dates(number: int, created: int) -> list[tuple[int, int]]:
    """The first date is 50 days ahead; every third deal is put off again and again."""
    pushes = 4 if number % 3 == 0 else 0
    return [(created + n * 20 * DAY, created + (50 + n * 25) * DAY) for n in range(pushes + 1)]


def _known(changes: list[tuple[int, int]], until: int) -> list[tuple[int, int]]:
    return [change for change in changes if change[0] < until]


def forecast(frame: Scope, told: list[DealHistory]) -> Forecast:
    """What the deals come to, weighed in a frame."""
    quarters = periods_ahead(frame)
    wins, new = WinHistory((frame.as_of,)), NewDeals(len(frame.funnels), frame.as_of)
    won = WonSoFar(quarters[0], frame.as_of)
    for deal in told:
        wins.take(deal)
        new.take(deal)
        won.take(deal)
    (chances,) = wins.chances()
    splits = tuple(split(by, frame) for by in WAYS)
    ways = [each.by for each in splits if each.by]
    pipeline = Pipeline(frame, quarters, ways, Configured(WEIGHTS, frame.funnels), chances)
    for deal in told:
        pipeline.take(deal)
    expected = tuple(new.expected(each.window) for each in quarters)
    return Forecast(pipeline, won, expected, splits)


def past_forecasts(frame: Scope, told: list[DealHistory]) -> ForecastAccuracy:
    """The complete quarters of a frame, scored."""
    periods = complete_periods(frame, Span.QUARTER, YEAR_START)
    past = PastForecasts(periods, HORIZONS, Configured(WEIGHTS, frame.funnels))
    wins = WinHistory(past.instants)
    for deal in told:
        past.take(deal)
        wins.take(deal)
    return past.result(wins.chances(), [True] * len(periods))


def waterfall(frame: Scope, told: list[DealHistory], *, windowed: bool, lists: bool) -> Waterfall:
    """The third quarter, by its close dates or of all open deals."""
    between = Between(*THIRD.window, THIRD if windowed else None)
    found = Waterfall(frame, between, split(By.OWNER, frame) if lists else None)
    for deal in told:
        found.take(deal)
    found.balance()
    return found


def forecast_report() -> Document:
    """The quarters ahead and the open deals, split in every way."""
    return forecast_document(Head(scope()), forecast(scope(), list(deals())))


def forecast_accuracy_report() -> Document:
    """Two quarters, by every kind of probability."""
    found = past_forecasts(scope(), list(deals()))
    return forecast_accuracy_document(Head(scope()), found, KINDS)


def waterfall_report() -> Document:
    """The third quarter with the deals behind each bar."""
    frame = scope(period=THIRD)
    found = waterfall(frame, list(deals()), windowed=True, lists=True)
    return waterfall_document(Head(frame), found)
