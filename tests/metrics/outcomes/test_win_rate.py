"""Win rates by close date and by creation."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from statsmodels.stats.proportion import proportion_confint

from connector.metrics.grouping import ALL, NONE, By, Group, Split
from connector.metrics.outcomes.closings import Cancelled, ClosedOn, Reading
from connector.metrics.outcomes.decided import Decided, Trend, differ, trends
from connector.metrics.outcomes.win_rate import WinRateQuestion, win_rates
from connector.metrics.periods import Span, named
from connector.metrics.scope import Person
from connector.model import Outcome

UTC = ZoneInfo("UTC")
JANUARY, FEBRUARY = named("2026-01", UTC), named("2026-02", UTC)
NOT_SPLIT = WinRateQuestion(Split())


def closed(scope, deals, question=NOT_SPLIT, **frame) -> dict[Group, list[tuple[int, int]]]:
    """Won and lost of each group of the only funnel, a pair for each window."""
    rates = win_rates(scope(**frame), question, deals)
    return {
        group: [(each.won, each.lost) for each in beside.windows]
        for group, beside in rates.closed.get(0, {}).items()
    }


def created(scope, deals, question=NOT_SPLIT, **frame) -> dict[str, tuple[int, int, int]]:
    """Won, lost and undecided of each cohort of the only funnel."""
    rates = win_rates(scope(**frame), question, deals)
    return {
        group.key: (each.won, each.lost, each.undecided)
        for group, each in rates.created.get(0, {}).items()
    }


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("new 0, won 9", (1, 0)),
        ("new 0, lost 9", (0, 1)),
        ("new 0, meeting 9", None),
        ("new 0, lost 9, new 12, won 15", (1, 0)),  # closed twice: counts once, as it stands
        ("new 0, won 9, new 12", None),  # reopened: open
        ("new 0, lost 9, won 31", None),  # its last closing change was in February
        ("won 9", (1, 0)),
        ("new 0, won 31", None),  # periods end before their end
        ("won 0", (1, 0)),  # and begin at their beginning
        ("new 0, - 9", None),
        ("", None),
    ],
)
def test_a_deal_closes_with_its_last_closing_change(deal, scope, path, told):
    """Won and lost deals of January, by what became of one deal."""
    groups = closed(scope, [deal(path)], period=JANUARY)
    assert groups == ({ALL: [told]} if told else {})


def test_a_deal_archived_after_its_closing_still_counts(deal, scope):
    """Archiving ends what is open; what was decided before stays decided."""
    deals = [deal("new 0, lost 5", gone=9), deal("new 0", gone=9), deal("new 0, won 5", gone=9)]
    assert closed(scope, deals, period=JANUARY) == {ALL: [(1, 1)]}
    assert created(scope, deals, period=JANUARY) == {"2026-01": (1, 1, 1)}
    assert win_rates(scope(), NOT_SPLIT, deals).created[0][Group("2026Q1", "2026Q1")].gone == 1


def test_the_field_of_the_crm_is_another_reading(deal, scope):
    """By the CRM's close date the deal is February's, and one without a date is nobody's."""
    question = WinRateQuestion(Split(), Reading(ClosedOn.FIELD))
    deals = [deal("new 0, won 9", close={0: 20, 9: 40}), deal("new 0, lost 9")]
    assert closed(scope, deals, question, period=JANUARY) == {}
    assert closed(scope, deals, question, period=FEBRUARY) == {ALL: [(1, 0)]}
    assert win_rates(scope(period=JANUARY), question, deals).undated == 1
    assert closed(scope, deals, period=JANUARY) == {ALL: [(1, 1)]}


def test_cancelled_deals_may_be_left_out(deal, scope, sales):
    """Deals in a stage marked as cancelled are lost, unless they are not to count at all."""
    stages = tuple(replace(each, cancelled=each.key == "lost") for each in sales.stages)
    frame = scope(replace(sales, stages=stages))
    deals = [deal("new 0, won 9"), deal("new 0, lost 9"), deal("new 0")]
    out = WinRateQuestion(Split(), Reading(cancelled=Cancelled.OUT))
    both = [win_rates(frame, question, deals) for question in (NOT_SPLIT, out)]
    assert [rates.closed[0][ALL].windows[0].lost for rates in both] == [1, 0]
    assert [sum(each.deals for each in rates.created[0].values()) for rates in both] == [3, 2]
    assert both[1].marked
    (met, lost) = deals[1].visits
    drifted = deals[1]._replace(
        visits=[met, lost._replace(place=lost.place._replace(outcome=Outcome.WON))]
    )
    assert win_rates(frame, out, [drifted]).closed[0][ALL].windows[0].won == 1
    assert not win_rates(scope(), out, deals).marked


def test_a_period_can_be_held_against_another(deal, scope):
    """Each window counts its own closings."""
    question = WinRateQuestion(Split(), beside=JANUARY)
    deals = [deal("new 0, won 9"), deal("new 0, lost 40"), deal("new 0, won 41")]
    assert closed(scope, deals, question, period=FEBRUARY) == {ALL: [(1, 1), (1, 0)]}


def test_without_a_period_all_of_time_counts(deal, scope):
    """No period, no edges."""
    assert closed(scope, [deal("won -900"), deal("lost 300")]) == {ALL: [(1, 1)]}


@pytest.mark.parametrize(
    ("period", "cohorts"),
    [
        ("2026", {"2026Q1": 3, "2026Q2": 1}),
        ("2026H1", {"2026Q1": 3, "2026Q2": 1}),
        ("2026Q1", {"2026-01": 2, "2026-02": 1}),
        ("2026-01", {"2026-01": 2}),
        ("2026W01", {"2026W01": 1}),
        (None, {"2025Q4": 1, "2026Q1": 3, "2026Q2": 1}),
    ],
)
def test_cohorts_are_the_next_smaller_periods(deal, scope, period, cohorts):
    """Of a year its quarters, of a quarter its months, of a month itself."""
    deals = [deal(f"new {at}") for at in (0, 30, 31, 90, -5)]
    frame = {"period": named(period, UTC)} if period else {}
    told = created(scope, deals, **frame)
    assert {label: sum(counts) for label, counts in told.items()} == cohorts
    assert list(told) == list(cohorts)


def test_a_cohort_is_settled_at_nine_of_ten(deal, scope):
    """Below nine decided of ten, the rate will still move."""
    deals = [deal("new 0, won 5")] * 8 + [deal("new 0")]
    (young,) = win_rates(scope(period=JANUARY), NOT_SPLIT, deals).created[0].values()
    assert (young.decided, young.deals, young.is_mature) == (8, 9, False)
    (settled,) = (
        win_rates(scope(period=JANUARY), NOT_SPLIT, [*deals, deal("lost 0")]).created[0].values()
    )
    assert settled.is_mature


def test_deals_count_for_their_groups(deal, scope):
    """A split adds up to the total, funnel by funnel."""
    people = {("norge", str(n)): Person(f"Rep {n}") for n in (1, 2)}
    deals = [deal("won 5", owner="1")] * 6 + [deal("lost 5", owner="2")] * 5
    question = WinRateQuestion(Split(By.OWNER))
    assert closed(scope, deals, question, people=people) == {
        ALL: [(6, 5)],
        Group("1", "Rep 1"): [(6, 0)],
        Group("2", "Rep 2"): [(0, 5)],
    }


def test_groups_can_be_split_once_more(deal, scope):
    """Each group of one split has those of the other; figures of people keep to [privacy]."""
    deals = [deal("won 5", owner="1", region="West")] * 6 + [deal("lost 5", owner="1")] * 5
    deals += [deal("lost 5", owner="1", region="East")] * 2 + [deal("new 0", owner="1")]
    question = WinRateQuestion(Split(By.OWNER), across=Split(By.REGION))
    told = win_rates(scope(), question, deals).across[0][Group("1", "1")]
    assert {group.label: cell.windows[0].decided for group, cell in told.items()} == {
        "others": 8,
        "": 5,
    }
    by_region = replace(question, split=Split(By.REGION), across=Split(By.SOURCE))
    told = win_rates(scope(), by_region, deals).across[0]
    assert [cells[NONE].windows[0].decided for cells in told.values()] == [5, 2, 6]
    assert win_rates(scope(), replace(question, split=Split()), deals).across == {}


def test_groups_that_do_not_differ_are_said_not_to():
    """Scipy's chi-square where counts are large, drawn tables where they are not."""
    alike = [Decided(won=60, lost=40), Decided(won=57, lost=43), Decided(won=62, lost=38)]
    told = differ(alike)
    expected = chi2_contingency([[60, 40], [57, 43], [62, 38]], correction=False).pvalue
    assert told.p == pytest.approx(expected, abs=1e-9)
    assert told.p > 0.05
    assert differ([Decided(won=90, lost=10), Decided(won=60, lost=40)]).p < 0.001
    small = differ([Decided(won=4), Decided(won=4), Decided(lost=6)])
    assert small.df is None
    assert small.p < 0.05


@pytest.mark.parametrize(
    "groups",
    [
        [],
        [Decided(won=50, lost=50)],
        [Decided(won=4, lost=1), Decided(won=1, lost=3)],
        [Decided(won=50), Decided(won=10)],
        [Decided(undecided=50), Decided(won=10, lost=10)],
    ],
)
def test_some_groups_cannot_be_compared(groups):
    """One group, nine deals, or one outcome only: no test says anything of these."""
    assert differ(groups) is None


def test_weeks_months_and_quarters_are_held_against_the_ones_before(deal, scope):
    """As of New Year's Eve the running ones and the two before, each beside its predecessor."""
    deals = [deal("new 0, won 363"), deal("new 0, lost 330"), deal("new 0, won 200")]
    trend = win_rates(scope(as_of=364), replace(NOT_SPLIT, trend=True), deals).trend
    told = [(turn.period.label, turn.now.won, turn.now.lost, turn.before.decided) for turn in trend]
    assert told == [
        ("2026W53", 1, 0, 0),
        ("2026W52", 0, 0, 0),
        ("2026W51", 0, 0, 0),
        ("2026-12", 1, 0, 1),
        ("2026-11", 0, 1, 0),
        ("2026-10", 0, 0, 0),
        ("2026Q4", 1, 1, 1),
        ("2026Q3", 1, 0, 0),
        ("2026Q2", 0, 0, 0),
    ]
    assert {turn.period.span for turn in trend} == {Span.WEEK, Span.MONTH, Span.QUARTER}


def test_an_instant_belongs_to_the_period_that_ends_with_it(deal, scope):
    """As of the first of April nothing of April is known, so the first quarter is the last one."""
    trend = win_rates(scope(as_of=90), replace(NOT_SPLIT, trend=True), [deal("won 5")]).trend
    labels = [turn.period.label for turn in trend if turn.period.span is Span.QUARTER]
    assert labels == ["2026Q1", "2025Q4", "2025Q3"]


def test_deals_of_no_group_are_not_held_against_the_groups(deal, scope):
    """That twenty deals without a region were lost says nothing of regions."""
    deals = [deal("won 5", region="West")] * 20 + [deal("lost 5")] * 20
    question = WinRateQuestion(Split(By.REGION))
    assert win_rates(scope(), question, deals).apart == {}
    deals += [deal("lost 5", region="East")] * 20
    assert win_rates(scope(), question, deals).apart[0].p < 0.001


def test_values_are_summed_to_the_hundredth(deal, scope):
    """Missing amounts count nothing and are told, and so are those nobody can convert."""
    deals = [
        deal("won 5", amount={0: 100, 9: 333}),  # the amount as of the report
        deal("won 5"),
        deal("lost 5", amount={0: None}, unpriced=True),
        deal("lost 5", amount=667),
        deal("lost 5", amount=0),
    ]
    (cell,) = win_rates(scope(), NOT_SPLIT, deals).closed[0][ALL].windows
    assert (cell.won_value, cell.lost_value) == (333, 667)
    assert (cell.without_amount, cell.unpriced) == (1, 1)
    assert cell.value_rate is None  # five decided deals are too few
    many = win_rates(scope(), NOT_SPLIT, deals * 2).closed[0][ALL].windows[0]
    assert many.value_rate == 0.333


def test_without_lost_value_there_is_no_rate_by_value():
    """Where the CRM holds no amount of any lost deal, a rate would be 100 % of nothing known."""
    assert Decided(won=20, lost=20, won_value=5_000).value_rate is None


def test_nine_deals_make_no_rate():
    """Below ten decided there are counts only."""
    nine, ten = Decided(won=4, lost=5), Decided(won=5, lost=5)
    assert (nine.rate, nine.interval) == (None, None)
    assert ten.rate == 0.5


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_interval_is_wilsons(won, lost):
    """To 1e-9 what statsmodels says."""
    cell = Decided(won=won, lost=lost)
    if cell.decided >= 10:
        expected = proportion_confint(won, won + lost, method="wilson")
        assert cell.interval == pytest.approx(expected, abs=1e-9)


def test_a_rate_has_moved_only_where_chance_would_not_do():
    """Forty of a hundred after sixty is down; five of ten after six is nothing."""
    sixty, forty = Decided(won=60, lost=40), Decided(won=40, lost=60)
    six, five = Decided(won=6, lost=4), Decided(won=5, lost=5)
    turns = [(sixty, forty), (forty, sixty), (six, five), (Decided(won=3), forty)]
    assert trends(turns) == [Trend.DOWN, Trend.UP, Trend.UNCLEAR, None]


def test_a_long_table_does_not_cry_wolf():
    """What would be a trend by itself is none among twenty rows in which nothing happened."""
    before, now = Decided(won=50, lost=50), Decided(won=64, lost=36)
    assert trends([(before, now)]) == [Trend.UP]
    assert trends([(before, now)] + [(before, before)] * 19) == [Trend.UNCLEAR] * 20


@given(data=st.data())
def test_whatever_happens_outcomes_add_up(data, deal, scope):
    """Every deal created in the period is won, lost or undecided, however its story went."""
    stages = st.sampled_from(["new", "meeting", "offer", "won", "lost", "off"])
    steps = st.lists(st.tuples(stages, st.integers(0, 3)), min_size=1, max_size=6)
    deals = []
    for steps_taken in data.draw(st.lists(steps, max_size=12)):
        at, path = 0, []
        for stage, days in steps_taken:
            at += days
            path.append(f"{stage} {at}")
        deals.append(deal(", ".join(path), gone=data.draw(st.none() | st.just(at + 1))))
    counts = created(scope, deals, period=JANUARY)
    assert sum(map(sum, counts.values())) == len(deals)
