"""The weighted pipeline: what each open deal adds to which sum."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.forecasting.forecast import Due, Pipeline, WonSoFar, periods_ahead
from connector.metrics.forecasting.odds import KINDS, Configured, Kind
from connector.metrics.forecasting.win_probability import WinHistory
from connector.metrics.funnel import Place
from connector.metrics.grouping import By
from connector.metrics.periods import named
from connector.metrics.weights import Weights
from connector.model import Outcome


@pytest.fixture(scope="session")
def weigh(scope, day):
    """Weighs deals as of a day, with the history of 20 deals behind them of which 12 were won."""

    def over(*deals, past=(), as_of=100, ways=(), **more):
        frame = scope(as_of=as_of, **more)
        history = WinHistory([frame.as_of])
        for each in (*past, *deals):
            history.take(each)
        (chances,) = history.chances()
        weights = Weights({0: [(day(-9), 0.1)], 1: [(day(-9), 0.4)], 2: [(day(150), 0.8)]})
        configured = Configured(weights, frame.funnels)
        pipeline = Pipeline(frame, periods_ahead(frame), ways, configured, chances)
        for each in deals:
            pipeline.take(each)
        return pipeline

    return over


@pytest.fixture(scope="session")
def past(deal):
    """Twenty deals that were decided a day after they began, twelve of them won."""
    return [deal(f"new 0, {'won' if number < 12 else 'lost'} 1") for number in range(20)]


def weighted(pipeline, kind):
    return pipeline.total.weighted[KINDS.index(kind)]


def test_each_kind_weighs_by_its_own_probability(deal, weigh, past):
    """Stage, deal, win rate and history each say how much of an amount to expect."""
    pipeline = weigh(deal("new 99.5", amount=1000, confidence="0.25"), past=past)
    assert weighted(pipeline, Kind.CONFIGURED) == pytest.approx(100)
    assert weighted(pipeline, Kind.DEAL) == pytest.approx(250)
    assert weighted(pipeline, Kind.OVERALL) == pytest.approx(600)
    assert weighted(pipeline, Kind.EVIDENCE) == pytest.approx(600)


def test_time_spent_counts_in_the_evidence_alone(deal, weigh, past):
    """A deal that has lain longer than any that moved on has no evidence for it."""
    pipeline = weigh(deal("new 90", amount=1000), past=past)
    assert weighted(pipeline, Kind.OVERALL) == pytest.approx(600)
    assert weighted(pipeline, Kind.EVIDENCE) == 0
    assert pipeline.outstayed == 1


def test_only_open_deals_count(deal, weigh, past):
    """Won, lost, archived and later deals, and those outside the pipelines, are not in it."""
    gone = deal("new 90", amount=1, gone=95)
    others = [
        deal(path, amount=1) for path in ("new 9, won 10", "new 9, lost 10", "- 9", "new 100")
    ]
    assert weigh(gone, *others, past=past).total.deals == 0


@pytest.mark.parametrize(("own", "share"), [("0.4", 0.4), ("40", None), ("1", 1), ("x", None)])
def test_a_deal_may_have_its_own_probability(own, share, deal, weigh):
    """It runs from 0 to 1; what does not is none."""
    total = weigh(deal("new 90", amount=1000, confidence=own)).total
    kind = KINDS.index(Kind.DEAL)
    assert (total.lacking[kind], total.weighted[kind]) == (share is None, 1000 * (share or 0))


def test_deals_without_amount_or_date_are_told(deal, weigh):
    """They count as deals and as 0; what has no date is in no month, but in the weighted sum."""
    pipeline = weigh(
        deal("new 90", close=110),
        deal("new 90", unpriced=True, close=110),
        deal("new 90", amount=1000),
    )
    total = pipeline.total
    assert (total.deals, total.without_amount, total.unpriced) == (3, 1, 1)
    assert weighted(pipeline, Kind.CONFIGURED) == pytest.approx(100)
    assert {month: each.deals for month, each in pipeline.months.items()} == {
        date(2026, 4, 1): 2,
        Due.UNDATED: 1,
    }


def test_months_and_quarters_go_by_the_close_date(deal, weigh):
    """Of a day in April: dates before April are overdue, later ones fall in their quarter."""
    pipeline = weigh(
        *(
            deal("new 50", amount=amount, close=close)
            for amount, close in ((1, 80), (2, 95), (4, 120), (8, 200), (16, 300), (32, 400))
        )
    )
    assert {month: each.amount for month, each in pipeline.months.items()} == {
        Due.OVERDUE: 1,
        date(2026, 4, 1): 2,
        date(2026, 5, 1): 4,
        date(2026, 7, 1): 8,
        date(2026, 10, 1): 16,
        date(2027, 2, 1): 32,
    }
    labels = [period.label for period in pipeline.ahead]
    assert labels == ["2026Q2", "2026Q3", "2026Q4"]
    assert [due.amount for due in pipeline.due] == [6, 8, 16]


def test_a_period_asked_for_stands_for_the_quarters(scope):
    """Asked for one period, the report looks ahead to that one alone."""
    asked = named("2026-08", scope().zone)
    assert periods_ahead(scope(as_of=100, period=asked)) == (asked,)


def test_commit_and_best_case_are_sums_by_category(deal, weigh):
    """Unweighted, by the category in force at the instant."""
    category = {90: "PIPELINE", 95: "COMMIT", 101: "OMIT"}
    total = weigh(
        deal("new 90", amount=1, forecast_category=category),
        deal("new 90", amount=2, forecast_category="BEST_CASE"),
        deal("new 90", amount=4),
    ).total
    assert (total.commit, total.best_case, total.promised) == (1, 2, 2)


def test_a_probability_not_known_that_far_back_is_flagged(deal, weigh):
    """The stage's first known one stands in, and the report says so."""
    pipeline = weigh(deal("offer 90", amount=1000), deal("new 90", amount=1000))
    assert weighted(pipeline, Kind.CONFIGURED) == pytest.approx(900)
    assert pipeline.flagged == 1


def test_a_stage_the_crm_has_no_probability_for_has_that_of_the_process(funnel):
    """Nutshell keeps none: the process says it, as not known that far back."""
    desired = funnel("new", probabilities={"new": 0.3})
    configured = Configured(Weights({}), [desired])
    found = configured.at(Place(0, 0, Outcome.OPEN, 0), 0)
    assert found is not None
    assert (found.probability, found.known) == (0.3, False)


def test_won_so_far_is_of_the_quarter(deal, scope):
    """By the closing instant and at the amount as of the report."""
    frame = scope(as_of=100)
    won = WonSoFar(periods_ahead(frame)[0], frame.as_of)
    for path in ("new 0, won 95", "new 0, won 80", "new 0, lost 95", "new 0, won 95, new 97"):
        won.take(deal(path, amount={0: 1, 96: 5}))
    assert (won.deals, won.value) == (1, 5)


DEALS = st.lists(
    st.tuples(
        st.sampled_from(["new", "meeting", "offer", "off"]),
        st.integers(0, 120),
        st.none() | st.integers(0, 10**9),
        st.none() | st.integers(0, 600),
        st.sampled_from([None, "kari", "ola", "eva"]),
    ),
    max_size=12,
)


@given(told=DEALS)
def test_groups_and_months_add_up_to_the_total(told, deal, weigh):
    """However the pipeline is split, its parts make the whole exactly."""
    deals = [
        deal(f"{stage} {at}", amount=amount, close=close, owner=owner)
        for stage, at, amount, close, owner in told
    ]
    pipeline = weigh(*deals, ways=(By.OWNER,))
    for parts in (
        pipeline.funnels,
        pipeline.months.values(),
        pipeline.groups[By.OWNER].values(),
    ):
        assert sum(part.amount for part in parts) == pipeline.total.amount
        assert sum(part.deals for part in parts) == pipeline.total.deals
        for kind in range(len(KINDS)):
            whole = sum(part.weighted[kind] for part in parts)
            assert whole == pytest.approx(pipeline.total.weighted[kind])
