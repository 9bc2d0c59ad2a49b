"""Report the weighted pipeline and what is expected of the periods ahead."""

from collections.abc import Iterator

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.forecasting.forecast import Forecast, Pipeline, WonSoFar, periods_ahead
from connector.metrics.forecasting.new_deals import NewDeals
from connector.metrics.forecasting.odds import Configured
from connector.metrics.forecasting.position import CONFIDENCE
from connector.metrics.forecasting.win_probability import WinHistory, grain_for
from connector.metrics.grouping import By, Split, split
from connector.metrics.periods import Window
from connector.metrics.scope import Scope
from connector.model import Field
from connector.store import history
from connector.store.deal_histories import deal_histories

_WAYS = (By.OWNER, By.TEAM, By.REGION)


def read_forecast(frame: Frame, db: Database, ways: tuple[By, ...]) -> Forecast:
    """The open deals in the frame, weighed by what is known of winning at its instant.

    All deals tell how often and how fast they are won; the open ones are read once more with what
    they are worth. Asked for no way of splitting them, it takes every one there are the fields for.
    """
    scope = frame.scope
    splits = tuple(split(by, scope) for by in ways or _possible(scope))
    ahead = periods_ahead(scope)
    grain = grain_for(history.visit_count(db), 1)
    wins = WinHistory((scope.as_of,), grain)
    new, won = NewDeals(len(scope.funnels), scope.as_of), WonSoFar(ahead[0], scope.as_of)
    for deal in deal_histories(db, frame.selection(Field.AMOUNT)):
        wins.take(deal)
        new.take(deal)
        won.take(deal)
    (chances,) = wins.chances()
    configured = Configured(frame.weights, scope.funnels)
    pipeline = Pipeline(scope, ahead, _known(splits), configured, chances)
    now = Window(scope.as_of, scope.as_of + 1)
    of_open = frame.selection(*_fields(splits), open_in=now, as_seen=[CONFIDENCE])
    for deal in deal_histories(db, of_open):
        pipeline.take(deal)
    return Forecast(
        pipeline, won, tuple(new.expected(each.window) for each in ahead), splits, grain
    )


def _possible(scope: Scope) -> Iterator[By]:
    return (by for by in _WAYS if scope.fields.issuperset(by.fields))


def _known(splits: tuple[Split, ...]) -> tuple[By, ...]:
    return tuple(each.by for each in splits if each.by)


def _fields(splits: tuple[Split, ...]) -> set[str]:
    needed = {Field.AMOUNT, Field.CLOSE_DATE, Field.FORECAST_CATEGORY, CONFIDENCE}
    return needed.union(*(each.fields for each in splits))
