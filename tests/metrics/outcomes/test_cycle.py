"""From creation to closing, and from ask to decision."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from connector.metrics.grouping import ALL, Split
from connector.metrics.outcomes.cycle import Decisions, cycles
from connector.metrics.periods import named
from connector.metrics.statistics.numbers import Numbers
from connector.model import Outcome

JANUARY = named("2026-01", ZoneInfo("UTC"))
FEBRUARY = named("2026-02", ZoneInfo("UTC"))
DAY = 86_400_000


def days(numbers: Numbers) -> list[float]:
    return sorted(each / DAY for each in numbers)


def test_a_cycle_lasts_from_the_crms_creation_to_the_last_closing(deal, scope):
    """Won and lost apart; a deal closed twice took until the second time; open ones take none."""
    deals = [
        deal("new 1, won 9", created=0.5),
        deal("new 0, lost 3"),
        deal("new 0, lost 3, new 5, won 20"),
        deal("new 0"),
        deal("new 0, won 40"),
    ]
    told = cycles(scope(period=JANUARY), Split(), FEBRUARY, deals).closed[0][ALL]
    now, then = told.windows
    assert (days(now.won), days(now.lost), days(then.won)) == ([8.5, 20], [3], [40])


def test_a_deal_closed_before_its_creation_is_left_out(deal, scope):
    """Such records are a fault of the CRM's data; they are counted and in no length."""
    (told,) = cycles(scope(), Split(), None, [deal("won 3", created=4)]).closed[0][ALL].windows
    assert (days(told.won), told.negative, told.decided) == ([], 1, 1)
    (told,) = cycles(scope(), Split(), None, [deal("won 3", created=3)]).closed[0][ALL].windows
    assert (days(told.won), told.negative) == ([0], 0)


def waits(scope, deals, **frame) -> tuple[list[float], list[float]]:
    """How long decided and undecided deals waited since the decision was asked for."""
    told = cycles(scope(**frame), Split(), None, deals).decisions
    decisions = told[0][ALL] if told else Decisions()
    return days(decisions.decided_after), days(decisions.waiting)


@pytest.mark.parametrize(
    ("path", "gone", "told"),
    [
        ("new 0, offer 5, won 9", None, ([4], [])),
        ("new 0, offer 5, lost 9", None, ([4], [])),
        ("new 0, offer 5, meeting 6, offer 8, won 12", None, ([7], [])),  # since the first ask
        ("new 0, offer 5, lost 6, new 8, won 20", None, ([15], [])),  # to the last closing
        ("new 0, offer 5, lost 6, new 8", None, ([], [95])),  # reopened: it waits
        ("new 0, offer 5", None, ([], [95])),
        ("new 0, offer 5", 12, ([], [7])),  # archived while it waited
        ("new 0, offer 5, won 9", 12, ([4], [])),
        ("new 0, won 9", None, ([], [])),  # never asked
        ("new 0, offer 40, won 41", None, ([], [])),  # asked in another period
    ],
)
def test_a_decision_is_waited_for_since_it_was_first_asked(deal, scope, path, gone, told):
    """One deal's wait, as of day 100, by what became of it."""
    assert waits(scope, [deal(path, gone=gone)], period=JANUARY, as_of=100) == told


def test_a_stage_the_crm_has_closed_is_nothing_to_wait_in(deal, scope, place):
    """Where the live stage has drifted to won, coming there is no ask but the end."""
    (met, asked) = deal("new 0, offer 5").visits
    drifted = asked._replace(place=place("offer")._replace(outcome=Outcome.WON))
    won = deal("new 0, offer 5")._replace(visits=[met, drifted])
    told = cycles(scope(), Split(), None, [won])
    assert told.decisions == {}
    assert days(told.closed[0][ALL].windows[0].won) == [5]


def test_without_a_stage_to_ask_in_nothing_is_measured(deal, scope, funnel):
    """A process that does not say where the decision is asked for has no waits."""
    plain = funnel("new", "offer")
    told = cycles(scope(plain), Split(), None, [deal("new 0, offer 1, won 2", funnel=plain)])
    assert (told.asking, told.decisions) == (frozenset(), {})


def test_of_very_many_deals_waits_are_counted_by_the_hour():
    """Above a hundred thousand, each stands for the middle of its hour; means stay exact."""
    minutes = 60_000
    many = Decisions(Numbers(minute * minutes for minute in [0, 59, 61, 90] * 25_001))
    assert many.binned
    assert many.curve().times == (1_800.0, 5_400.0)
    assert many.decided_after.mean == 52.5 * minutes
    assert not Decisions(Numbers([1] * 100_000)).binned


lengths = st.lists(st.integers(0, 40), max_size=30)


@given(lengths, lengths)
def test_the_curve_is_kaplan_and_meiers(decided, waiting):
    """To 1e-9 what lifelines makes of the same waits."""
    curve = Decisions(
        Numbers(each * DAY for each in decided), Numbers(each * DAY for each in waiting)
    ).curve()
    if not decided:
        return
    ended = [1] * len(decided) + [0] * len(waiting)
    fitter = KaplanMeierFitter().fit([each * 86_400.0 for each in decided + waiting], ended)
    for day in range(max(decided) + 1):
        known = curve.at(day * 86_400.0)
        assert known is not None
        assert known[0] == pytest.approx(float(fitter.predict(day * 86_400.0)), abs=1e-9)
