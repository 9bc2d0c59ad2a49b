"""What counts as following the process, habit by habit."""

import pytest

from connector.metrics.flow.adoption import Adopting, Habit, adoption_window
from connector.metrics.flow.reach import Reach, Reaching
from connector.metrics.grouping import NONE, OTHERS, Group
from connector.metrics.periods import Window, between
from connector.metrics.privacy import Naming, Privacy
from connector.metrics.scope import Person
from connector.metrics.weights import Weights

FIELDS = frozenset({"owner", "amount", "close_date", "lost_reason"})
# As of noon on day 100.
NOON = 100.5


@pytest.fixture(scope="module")
def habits(deal, scope):
    """What deals keep, of what they are asked, as of noon on day 100."""

    def look(*deals, fields=FIELDS):
        adopting = Adopting(scope(as_of=NOON, fields=fields))
        for each in deals:
            adopting.take(each)
        return adopting.adoptions().whole

    return look


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("new 0, meeting 10, offer 20", True),
        ("new 0, offer 10", False),
        ("new 0, won 10", False),
        ("meeting 0, won 10", True),
        ("offer 0, won 10", True),
        ("new 0, lost 10", True),
    ],
)
def test_no_mandatory_stage_is_skipped(habits, deal, path, kept):
    """Meeting is mandatory; a deal made in a later stage skipped nothing, winning early does."""
    found = habits(deal(path))
    assert (found.kept[Habit.NO_SKIP], found.asked[Habit.NO_SKIP]) == (kept, 1)


def test_where_nothing_is_mandatory_nobody_is_asked(deal, scope, funnel):
    """A process without mandatory stages leaves that habit undefined."""
    plain = funnel("new", "offer")
    adopting = Adopting(scope(plain, as_of=NOON))
    adopting.take(deal("new 0", funnel=plain))
    assert adopting.adoptions().whole.asked[Habit.NO_SKIP] == 0


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("new 0, meeting 1, offer 2", True),
        ("new 0, meeting 1, new 2", False),
        ("offer 0, lost 1, new 2", True),
    ],
)
def test_no_move_goes_back(habits, deal, path, kept):
    """Reopening a lost deal in an earlier stage is no move back."""
    assert habits(deal(path)).kept[Habit.NO_BACK] == kept


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("new 0, meeting 0.1", True),
        ("new 0, meeting 0.1, offer 0.2", False),
        ("new 0, meeting 0.1, won 0.9", False),
        ("new 0, meeting 0.9, offer 1.1", True),
        ("new 0, meeting 1, offer 2", True),
    ],
)
def test_no_two_stage_changes_share_a_day(habits, deal, path, kept):
    """Being made is no change, being closed is one; a day is the calendar's."""
    assert habits(deal(path)).kept[Habit.ONE_A_DAY] == kept


@pytest.mark.parametrize(
    ("amount", "close", "kept"),
    [(1000, 120, True), (None, 120, False), (1000, None, False), ({0: 1000, 5: None}, 120, False)],
)
def test_amount_and_close_date_are_both_filled_in(habits, deal, amount, close, kept):
    """As of now; what was emptied is empty."""
    raw = {0: "10", 5: None} if isinstance(amount, dict) else amount and str(amount)
    told = deal("new 0", close=close)
    values = deal("new 0", amount=raw).amounts
    assert habits(told._replace(values={"amount": values})).kept[Habit.FILLED] == kept


def test_an_amount_without_a_rate_is_filled_in(habits, deal):
    """Its value in the report's currency is missing; the seller is not to blame."""
    told = deal("new 0", close=120, unpriced=True)._replace(
        amounts=[(0, None)], values={"amount": [(0, "900")]}
    )
    assert habits(told).kept[Habit.FILLED] == 1


@pytest.mark.parametrize(("close", "kept"), [(100, 1), (101, 1), (99.99, 0), (None, 0)])
def test_the_close_date_of_an_open_deal_is_ahead(habits, deal, close, kept):
    """The first instant of today is ahead, though it is noon."""
    found = habits(deal("new 0", close=close))
    assert (found.kept[Habit.AHEAD], found.asked[Habit.AHEAD]) == (kept, 1)


@pytest.mark.parametrize(("at", "kept"), [(70.5, 1), (70.4, 0)])
def test_a_change_of_any_field_within_30_days_is_one(habits, deal, at, kept):
    """30 times 24 hours, whichever tracked field changed."""
    told = deal("new 0", region={0: "N", at: "S"})
    assert habits(told).kept[Habit.FRESH] == kept
    assert habits(deal(f"new 0, meeting {at}")).kept[Habit.FRESH] == kept


def test_only_open_deals_are_asked_for_what_lies_ahead(habits, deal):
    """Neither closed nor archived deals need a close date ahead or a recent change."""
    found = habits(deal("new 0, won 5"), deal("new 0, lost 5"), deal("new 0", gone=5))
    assert found.asked[Habit.AHEAD] == found.asked[Habit.FRESH] == 0


@pytest.mark.parametrize(("reason", "kept"), [("Price", 1), ("", 0), (None, 0)])
def test_a_lost_deal_has_a_reason(habits, deal, reason, kept):
    """An empty reason is none; won and open deals are not asked."""
    told = [deal("new 0, lost 5", lost_reason=reason), deal("new 0, won 5"), deal("new 0")]
    found = habits(*told)
    assert (found.kept[Habit.REASON], found.asked[Habit.REASON]) == (kept, 1)


def test_without_the_field_nobody_is_asked_for_reasons(habits, deal):
    """Where no account keeps reasons, the habit is undefined, not broken."""
    found = habits(deal("new 0, lost 5"), fields=FIELDS - {"lost_reason"})
    assert found.asked[Habit.REASON] == 0


def test_whole_is_a_deal_that_keeps_all_it_is_asked(habits, deal):
    """One habit broken is enough not to count."""
    good = deal("new 0, meeting 1, lost 5", close=5, lost_reason="Price")
    good = good._replace(values={**good.values, "amount": [(0, "9")]})
    bad = good._replace(closes=())
    found = habits(*[good] * 12, *[bad] * 8)
    assert (found.deals, found.whole, found.share) == (20, 12, 0.6)
    assert found.weakest is Habit.FILLED


def test_below_ten_deals_there_is_no_share(habits, deal):
    """Nine deals are counts only."""
    found = habits(*[deal("new 0")] * 9)
    assert found.share is None
    assert found.share_of(Habit.NO_BACK) is None
    assert found.weakest is None


def test_people_are_told_apart_as_privacy_allows(deal, scope):
    """Groups below the minimum go up in the others; teams stand beside reps."""
    people = {("norge", str(n)): Person(f"Rep {n}", "East" if n < 3 else "West") for n in range(4)}
    deals = [deal("new 0", owner=str(n)) for n in range(4) for _ in range((9, 6, 2, 3)[n])]
    frame = scope(as_of=NOON, people=people, fields=FIELDS)
    adopting = Adopting(frame, people=True)
    for each in (*deals, deal("new 0")):
        adopting.take(each)
    found = adopting.adoptions()
    reps = {group: adoption.deals for group, adoption in found.reps.items()}
    assert reps == {Group("0", "Rep 0"): 9, Group("1", "Rep 1"): 6, NONE: 1, OTHERS: 5}
    assert sum(adoption.deals for adoption in found.teams.values()) == 21


def test_reps_stay_out_where_they_are_off_limits(deal, scope):
    """[privacy] owners = "off" leaves teams."""
    adopting = Adopting(scope(as_of=NOON, privacy=Privacy(Naming.OFF, 1)), people=True)
    adopting.take(deal("new 0", owner="7"))
    found = adopting.adoptions()
    assert found.reps_hidden
    assert not found.reps
    assert found.teams


def test_the_window_is_the_period_or_90_days(scope, day):
    """What adoption looks at where nobody asked for a period is printed, so it is fixed."""
    frame = scope(as_of=NOON)
    assert adoption_window(frame) == Window(day(10.5), day(NOON))
    asked = between(day(3), day(9), frame.zone)
    assert adoption_window(scope(period=asked)) == Window(day(3), day(9))


def test_history_reaches_where_the_stage_was_known(deal, day, place):
    """Known since the period began, or since the deal was made a moment before its first stage."""
    reaching = Reaching(day(10))
    late = deal("new 20", created=19.9999)
    for each in (deal("new 0"), deal("new 20"), late, deal("new 20", created=5)):
        reaching.take(each)
    weights = Weights({0: [(day(2), 0.1)], 1: [(day(12), 0.2)]})
    places = [place("new"), place("meeting"), place("offer"), place("off")]
    assert reaching.reach(weights, places) == Reach(4, 3, 2, 1)
