"""Report how right the forecasts of past periods were."""

from collections.abc import Sequence

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.forecasting.forecast_accuracy import ForecastAccuracy, PastForecasts
from connector.metrics.forecasting.horizons import Horizon, complete_periods
from connector.metrics.forecasting.odds import Configured
from connector.metrics.forecasting.position import CONFIDENCE
from connector.metrics.forecasting.win_probability import WinHistory, grain_for
from connector.metrics.periods import Period, Span
from connector.model import Field
from connector.store import history
from connector.store.deal_histories import deal_histories

# Days of the period, for lengths of period that people forecast.
_HORIZONS = {Span.QUARTER: (0, 30, 60, 80), Span.MONTH: (0, 10, 20)}
_FIELDS = (Field.AMOUNT, Field.CLOSE_DATE, Field.OWNER, CONFIDENCE)


def read_forecast_accuracy(
    frame: Frame, db: Database, span: Span, horizons: Sequence[Horizon]
) -> ForecastAccuracy:
    """Every complete period in the frame, at the horizons asked for or the usual ones."""
    scope = frame.scope
    first = history.first_change(db, frame.accounts)
    periods = () if first is None else complete_periods(scope, span, first)
    asked = horizons or tuple(map(Horizon, _HORIZONS[span]))
    past = PastForecasts(periods, asked, Configured(frame.weights, scope.funnels))
    grain = grain_for(history.visit_count(db), len(past.instants))
    wins = WinHistory(past.instants, grain)
    # Hindsight would have made every probability right.
    for deal in deal_histories(db, frame.selection(*_FIELDS, as_seen=[CONFIDENCE])):
        past.take(deal)
        wins.take(deal)
    told = [_is_asked(period, scope.period) for period in periods]
    return past.result(wins.chances(), told, grain)


def _is_asked(period: Period, within: Period | None) -> bool:
    if within is None:
        return True
    start, end = period.window
    return within.window.start <= start and end <= within.window.end
