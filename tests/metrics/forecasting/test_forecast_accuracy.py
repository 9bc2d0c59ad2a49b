"""Forecasts of past periods, made again as they were known then, and their scores."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.deal_history import value_at, visit_at
from connector.metrics.forecasting.forecast_accuracy import PastForecasts
from connector.metrics.forecasting.forecast_scores import Scored, accuracy, missed, ratio, scores
from connector.metrics.forecasting.horizons import Horizon, complete_periods
from connector.metrics.forecasting.odds import Configured, Kind
from connector.metrics.forecasting.win_probability import WinHistory
from connector.metrics.periods import Span
from connector.metrics.weights import Weights
from connector.model import Outcome

HORIZONS = (Horizon(0), Horizon(30), Horizon(80))


@pytest.fixture(scope="session")
def weights(day):
    """Those of meeting and offer never changed; that of new did on day 100."""
    before = day(-1000)
    return Weights({0: [(before, 0.1), (day(100), 0.5)], 1: [(before, 0.4)], 2: [(before, 0.8)]})


@pytest.fixture(scope="session")
def scored(weights, scope, day):
    """Scores deals over the four quarters of 2026."""

    def score(*deals, horizons=HORIZONS, as_of=365, told=None):
        frame = scope(as_of=as_of)
        periods = complete_periods(frame, Span.QUARTER, day(0))
        past = PastForecasts(periods, horizons, Configured(weights, frame.funnels))
        history = WinHistory(past.instants)
        for deal in deals:
            past.take(deal)
            history.take(deal)
        return past.result(history.chances(), told or [True] * len(periods))

    return score


def told(found, kind=Kind.CONFIGURED):
    """Forecast and actual by period and day."""
    return {
        (line.period.label, line.horizon.days): (line.scored.forecast, line.scored.actual)
        for line in found.lines
        if line.kind is kind and line.scored
    }


def test_a_forecast_takes_everything_as_it_was_then(deal, scored):
    """Stage, amount, close date and probability are those in force at the horizon."""
    # The second quarter of 2026 begins on day 90, its day 30 is 120, its day 80 is 170.
    one = deal(
        "new 50, meeting 110, won 175",
        amount={50: 1000, 115: 2000, 172: 3000, 200: 9000},
        close={50: 160, 175: 175},
        owner="kari",
    )
    found = told(scored(one, deal("new 60", amount=500, close=400)))
    assert found["2026Q2", 0] == (pytest.approx(0.1 * 1000), 3000)
    assert found["2026Q2", 30] == (pytest.approx(0.4 * 2000), 3000)
    assert found["2026Q2", 80] == (pytest.approx(0.4 * 2000), 3000)
    assert found["2026Q3", 0] == (0, 0)


def test_a_probability_changed_at_the_instant_does_not_count(deal, scored):
    """The value in force on day 100 at 00:00 is the one before."""
    one = deal("new 50", amount=1000, close=120)
    found = told(scored(one, horizons=(Horizon(0), Horizon(10), Horizon(11))))
    assert found["2026Q2", 10] == (pytest.approx(100), 0)
    assert found["2026Q2", 11] == (pytest.approx(500), 0)


def test_won_so_far_goes_by_the_closing(deal, scored):
    """A deal won in the period counts in full, though it was expected elsewhere."""
    found = told(scored(deal("new 50, won 115", amount={50: 1000}, close={50: 300, 115: 115})))
    assert found["2026Q2", 0] == (0, 1000)
    assert found["2026Q2", 30] == (1000, 1000)


def test_what_happens_at_an_instant_comes_after_it(deal, scored):
    """A deal won at the very horizon was open there, one reopened at the very end won by then."""
    found = told(scored(deal("new 50, won 120", amount=1000, close=150)))
    assert found["2026Q2", 30] == (pytest.approx(500), 1000)
    found = told(scored(deal("new 50, won 115, new 181", amount=1000, close=150)))
    assert found["2026Q2", 80] == (1000, 1000)


@pytest.mark.parametrize("path", ["new 50, won 115, new 116", "new 50, won 115, lost 150"])
def test_a_deal_reopened_before_the_end_is_not_won(path, deal, scored):
    """What was won at the horizon is in its forecast, and not in the actual when it came undone."""
    found = told(scored(deal(path, amount=1000, close=300)))
    assert found["2026Q2", 0][1] == 0


def test_today_may_differ_from_the_end(deal, scored):
    """A win taken back after the period, or an amount corrected, shows in the actual of today."""
    undone = deal("new 50, won 115, lost 300", amount=1000)
    corrected = deal("new 50, won 115", amount={50: 100, 300: 70})
    found = scored(undone, corrected)
    line = next(line for line in found.lines if line.period.label == "2026Q2")
    assert line.scored is not None
    assert (line.scored.actual, line.today) == (1100, 70)


def test_overdue_deals_count_where_their_date_lies_in_the_period(deal, scored):
    """On day 80, a date of day 5 has passed and is still in the period."""
    found = told(scored(deal("new 50", amount=1000, close=95)))
    assert found["2026Q2", 80] == (pytest.approx(500), 0)


def test_archived_deals_are_open_until_then(deal, scored):
    """A deal archived on day 115 is in the forecast of day 0 and not in that of day 30."""
    stays = deal("new 50", close=400)
    found = told(scored(deal("new 50", amount=1000, close=150, gone=115), stays))
    assert [found["2026Q2", days][0] for days in (0, 30)] == [pytest.approx(100), 0]


def test_only_periods_with_an_open_deal_at_their_start_are_told(deal, scored):
    """A quarter nothing was open at the start of was never forecast."""
    found = scored(deal("new 100, won 130", amount=1000, close=130))
    assert not found.lines
    assert found.dated


def test_a_missing_amount_counts_zero_and_is_counted(deal, scored):
    """Such a deal is in the forecast as a deal, and so is one without a date as left out."""
    found = scored(deal("new 50", close=150), deal("new 50", amount=1), horizons=(Horizon(0),))
    line = found.lines[0]
    assert (line.deals, line.scored and line.scored.forecast) == (1, 0)
    assert found.without_amount == 1
    assert found.undated == 3


def test_wins_without_an_amount_are_counted(deal, scored):
    """They add nothing to what was won in their period, and the report says how many there are."""
    found = scored(deal("new 50, won 100"), deal("new 50, won 120", amount=5), deal("new 50"))
    assert found.won_without_amount == 1


def test_a_kind_some_deal_lacks_is_not_known(deal, scored):
    """Where a deal due has no probability of a kind, there is no forecast by it."""
    sure = deal("new 50", amount=1000, close=150, confidence="0.3")
    both = [line for line in scored(sure, deal("new 50", close=150)).lines if line.deals]
    assert {(line.kind, line.scored is None) for line in both} >= {
        (Kind.DEAL, True),
        (Kind.CONFIGURED, False),
    }
    assert told(scored(sure), Kind.DEAL)["2026Q2", 0] == (pytest.approx(300), 0)


def test_horizons_are_days_at_midnight_of_the_zone(scope):
    """Day N begins N days after the period, and N days before the end that long before it."""
    quarter = complete_periods(scope(), Span.QUARTER, scope().as_of - 365 * 86_400_000)[0]
    assert quarter.window.start == Horizon(0).instant(quarter)
    assert Horizon(90).instant(quarter) is None
    assert Horizon(10, before_end=True).instant(quarter) == quarter.window.end - 10 * 86_400_000
    assert quarter.first == date(2026, 1, 1)


def test_scores_by_hand():
    """F 80 and 150 of A 100 and 100, naive 100 and 60, off by 30 and 50 rep by rep."""
    found = scores((Scored(80, 100, None, 30), Scored(150, 100, 60, 50)))
    assert found.bias == pytest.approx(30 / 200)
    assert found.wape == pytest.approx(70 / 200)
    assert found.rep_wape == pytest.approx(80 / 200)
    assert found.ratio == pytest.approx(230 / 200)
    assert found.skill == pytest.approx(1 - 50 / 40)
    assert (found.periods, found.compared) == (2, 1)


@pytest.mark.parametrize(
    ("forecast", "actual", "share"), [(80, 100, 0.8), (250, 100, 0), (100, 100, 1), (5, 0, None)]
)
def test_accuracy_is_hubspots(forecast, actual, share):
    """max(0, 1 − |A − F| / A), and nothing where nothing was won."""
    assert accuracy(forecast, actual) == share
    assert (ratio(forecast, actual) is None) == (actual == 0)


def test_a_right_total_can_hide_wrong_reps():
    """One rep too high and one too low are both counted, and so is one without a forecast."""
    assert missed({"kari": 150, "ola": 50}, {"kari": 100, "ola": 100, "eva": 7}) == 107


def test_the_naive_forecast_is_the_mean_of_periods_before(deal, scored):
    """Up to four complete periods before the one forecast; there is none for the first."""
    wins = [deal(f"new 1, won {at}", amount=amount) for at, amount in ((10, 100), (100, 300))]
    found = scored(*wins, deal("new 1", close=400), horizons=(Horizon(0),))
    naive = {line.period.label: line.scored.naive for line in found.lines if line.scored}
    assert naive == {"2026Q2": 100, "2026Q3": 200, "2026Q4": pytest.approx(400 / 3)}


PATHS = st.lists(
    st.tuples(
        st.sampled_from(["new", "meeting", "offer", "won", "lost", "-"]), st.integers(0, 364)
    ),
    min_size=1,
    max_size=6,
).map(lambda moves: sorted(moves, key=lambda move: move[1]))
VALUES = st.dictionaries(st.integers(0, 364), st.none() | st.integers(0, 10**7), max_size=4)
DATES = st.dictionaries(st.integers(0, 364), st.none() | st.integers(0, 450), max_size=4)
OWNERS = st.dictionaries(st.integers(0, 364), st.sampled_from(["kari", "ola"]), max_size=3)
DEALS = st.lists(
    st.tuples(PATHS, VALUES, DATES, OWNERS, st.none() | st.integers(300, 364)), max_size=8
)


def build(deal, path, amount, close, owner, gone):
    kept = [move for move in path if gone is None or move[1] <= gone]
    runs = [move for before, move in pairwise([("", 0), *kept]) if before[0] != move[0]]
    words = ", ".join(f"{stage} {at}" for stage, at in runs)
    values = (dict(sorted(each.items())) for each in (amount, close, owner))
    return deal(words, gone=gone, **dict(zip(("amount", "close", "owner"), values, strict=True)))


def by_hand(deals, period, at, weights):
    """Σ over all deals, one by one, of what each brings to the forecast of a period."""
    forecast = actual = 0.0
    for each in deals:
        forecast += worth(each, period, at, weights)
        actual += worth(each, period, period.window.end, weights, won_only=True)
    return forecast, actual


def worth(deal, period, at, weights, *, won_only=False):
    visit = visit_at(deal.visits, at)
    if visit is None or visit.place is None:
        return 0.0
    amount = value_at(deal.amounts, at) or 0
    if visit.place.outcome is Outcome.WON:
        return amount if period.window.holds(visit.entered) else 0.0
    if visit.place.outcome is Outcome.LOST or won_only:
        return 0.0
    close = value_at(deal.closes, at)
    if (
        close is None
        or not period.window.holds(close)
        or (deal.gone is not None and deal.gone < at)
    ):
        return 0.0
    return amount * weights.at(visit.place.stage, at).probability


@given(told=DEALS)
def test_forecasts_are_those_of_a_slow_count(told, deal, scored, weights):
    """Every forecast and actual is the sum over all deals, looked at one by one at the instant."""
    everyone = [build(deal, *each) for each in told]
    everyone = [each for each in everyone if each.visits]
    for line in scored(*everyone).lines:
        if line.kind is Kind.CONFIGURED:
            at = line.horizon.instant(line.period)
            forecast, actual = by_hand(everyone, line.period, at, weights)
            assert line.scored is not None
            assert line.scored.forecast == pytest.approx(forecast)
            assert line.scored.actual == actual
            assert line.scored.missed >= abs(line.scored.error) - 1e-6
