"""The bars between two instants: which deal stands in which, and that they add up."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.forecasting.bars import Bar, Between
from connector.metrics.forecasting.pushes import pushes
from connector.metrics.forecasting.waterfall import Fate, Waterfall
from connector.metrics.periods import Period, Window, day_of

SINCE, UNTIL = 100, 200


@pytest.fixture(scope="session")
def between(day, scope):
    """The time from day 100 to day 200; the close dates that count lie in it, or all do."""

    def make(*, windowed=True, window=(SINCE, UNTIL)):
        edges = Window(*map(day, window))
        period = Period("window", edges, scope().zone) if windowed else None
        return Between(day(SINCE), day(UNTIL), period)

    return make


CASES = {
    "open at both ends": ("new 50", 7, 150, {"start": 7, "end": 7}),
    "worth more at the end": (
        "new 50",
        {50: 7, 120: 9},
        150,
        {"start": 7, "amount-up": 2, "end": 9},
    ),
    "worth less at the end": (
        "new 50",
        {50: 7, 120: 9, 130: 4},
        150,
        {"start": 7, "amount-down": 3, "end": 4},
    ),
    "without an amount at the start": (
        "new 50",
        {120: 9},
        150,
        {"start": 0, "amount-up": 9, "end": 9},
    ),
    "created": ("new 110", {110: 7, 120: 9}, 150, {"created": 9, "end": 9}),
    "created at the first instant": ("new 100", 7, 150, {"created": 7, "end": 7}),
    "pulled in": (
        "new 50",
        {50: 7, 120: 9},
        {50: 250, 110: 150},
        {"pulled-in": 7, "amount-up": 2, "end": 9},
    ),
    "pushed out at the last amount before": (
        "new 50",
        {50: 7, 120: 9, 160: 5},
        {50: 150, 140: 250},
        {"start": 7, "amount-up": 2, "pushed-out": 9},
    ),
    "its date taken away": ("new 50", 7, {50: 150, 140: None}, {"start": 7, "pushed-out": 7}),
    "pushed out, back and out again": (
        "new 50",
        {50: 7, 115: 8, 125: 9},
        {50: 150, 110: 250, 120: 150, 130: 250},
        {"start": 7, "amount-up": 2, "pushed-out": 9},
    ),
    "pushed out and back": ("new 50", 7, {50: 150, 110: 250, 120: 160}, {"start": 7, "end": 7}),
    "reopened": (
        "new 20, lost 50, new 110",
        {20: 7, 120: 9},
        {20: 150},
        {"reopened": 9, "end": 9},
    ),
    "won": (
        "new 50, won 130",
        {50: 7, 120: 9, 130: 11},
        {50: 150, 130: 130},
        {"start": 7, "amount-up": 2, "won": 9},
    ),
    "won though expected later": (
        "new 50, won 130",
        7,
        {50: 250, 130: 130},
        {"pulled-in": 7, "won": 7},
    ),
    "pushed out and then won in the window": (
        "new 50, won 130",
        7,
        {50: 150, 120: 250, 130: 130},
        {"start": 7, "won": 7},
    ),
    "lost by the date it had before": (
        "new 50, lost 130",
        {50: 7, 120: 9},
        {50: 150, 130: 130},
        {"start": 7, "amount-up": 2, "lost": 9},
    ),
    "pushed out and then lost": (
        "new 50, lost 130",
        {50: 7, 125: 9},
        {50: 150, 120: 250, 130: 130},
        {"start": 7, "pushed-out": 7},
    ),
    "lost though expected later": ("new 50, lost 130", 7, {50: 250, 130: 130}, {}),
    "created and won": (
        "new 110, won 130",
        {110: 7, 120: 9, 130: 11},
        {110: 150, 130: 130},
        {"created": 9, "won": 9},
    ),
    "created as won": ("won 110", 7, 110, {"created": 7, "won": 7}),
    "created and lost": ("new 110, lost 130", 7, 150, {"created": 7, "lost": 7}),
    "won, then lost": ("new 50, won 120, lost 130", 7, {50: 150}, {"start": 7, "lost": 7}),
    "lost, then reopened": ("new 50, lost 120, new 130", 7, {50: 150}, {"start": 7, "end": 7}),
    "moved to another pipeline": (
        "new 50, - 130",
        {50: 7, 120: 9},
        150,
        {"start": 7, "amount-up": 2, "transferred": 9},
    ),
    "won, then moved to another pipeline": (
        "new 50, won 120, - 130",
        7,
        150,
        {"start": 7, "won": 7},
    ),
    "came from another pipeline": (
        "- 50, new 130",
        {50: 7, 120: 9},
        150,
        {"arrived": 9, "end": 9},
    ),
    "outside at both ends": ("new 50", 7, 250, {}),
    "without a date": ("new 50", 7, None, {}),
    "closed before": ("new 20, won 50", 7, 50, {}),
    "closed, reopened and closed again": ("new 20, lost 50, new 110, won 130", 7, 150, {}),
    "created after": ("new 210", 7, 150, {}),
    "created at the second instant": ("new 200", 7, 150, {}),
    "won at the second instant": ("new 50, won 200", 7, 150, {"start": 7, "end": 7}),
}


@pytest.mark.parametrize("name", CASES)
def test_each_deal_stands_in_its_bars(name, deal, between):
    """What a deal did between two instants says in which bars it stands, and at what amount."""
    path, amount, close, bars = CASES[name]
    steps = between().steps(deal(path, amount=amount, close=close))
    assert {step.bar.value: step.amount or 0 for step in steps} == bars


@pytest.mark.parametrize(
    ("gone", "bars"),
    [
        (130, {"start": 7, "amount-up": 2, "removed": 9}),
        (200, {"start": 7, "amount-up": 2, "end": 9}),
    ],
)
def test_an_archived_deal_is_removed_not_lost(gone, bars, deal, between):
    """A deal archived before the second instant leaves at its last amount."""
    steps = between().steps(deal("new 50", amount={50: 7, 120: 9}, close=150, gone=gone))
    assert {step.bar.value: step.amount for step in steps} == bars


def test_a_deal_archived_after_it_was_lost_is_lost(deal, between):
    """Tidying up does not change how a deal left the pipeline."""
    steps = between().steps(deal("new 50, lost 120", amount=7, close=150, gone=130))
    assert {step.bar: step.amount for step in steps} == {Bar.START: 7, Bar.LOST: 7}


def test_without_a_window_dates_do_not_count(deal, between):
    """Of all open deals nothing is pulled in or pushed out, and a missing date is no matter."""
    steps = between(windowed=False).steps(deal("new 50", amount=7))
    assert {step.bar: step.amount for step in steps} == {Bar.START: 7, Bar.END: 7}


PATHS = st.lists(
    st.tuples(st.sampled_from(["new", "offer", "won", "lost", "-", "off"]), st.integers(0, 300)),
    min_size=1,
    max_size=6,
).map(lambda moves: sorted(moves, key=lambda move: move[1]))
AMOUNTS = st.dictionaries(st.integers(0, 300), st.none() | st.integers(0, 10**9), max_size=4)
DATES = st.dictionaries(st.integers(0, 300), st.none() | st.integers(50, 350), max_size=5)


def ordered(values):
    return dict(sorted(values.items()))


@given(
    told=st.lists(st.tuples(PATHS, AMOUNTS, DATES, st.none() | st.integers(0, 320)), max_size=12),
    edges=st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted),
    window=st.none() | st.tuples(st.integers(0, 150), st.integers(151, 320)),
)
def test_bars_add_up_exactly(told, edges, window, deal, day, scope):
    """Start and bars make the end, to the cent and the deal, whatever deals lived through."""
    period = Period("window", Window(*map(day, window)), scope().zone) if window else None
    waterfall = Waterfall(scope(), Between(day(edges[0]), day(edges[1]), period))
    for path, amounts, dates, gone in told:
        lived = [move for move in path if gone is None or move[1] <= gone]
        if lived:
            words = ", ".join(f"{stage} {at}" for stage, at in lived)
            waterfall.take(deal(words, amount=ordered(amounts), close=ordered(dates), gone=gone))
    waterfall.balance()
    started = waterfall.bars[Bar.START].deals
    assert sum(fate.deals for fate in waterfall.fates.values()) == (started if window else 0)
    ended = waterfall.bars[Bar.END].deals
    assert sum(tally.deals for tally in waterfall.pushed.values()) == ended


@given(path=PATHS, dates=DATES, amounts=AMOUNTS)
def test_a_deal_is_in_one_entry_and_one_way_out(path, dates, amounts, deal, between):
    """A deal comes in once and goes out once, however often it went back and forth."""
    words = ", ".join(f"{stage} {at}" for stage, at in path)
    steps = between().steps(deal(words, amount=ordered(amounts), close=ordered(dates)))
    ins = {Bar.START, Bar.CREATED, Bar.PULLED_IN, Bar.REOPENED, Bar.ARRIVED}
    outs = {Bar.END, Bar.PUSHED_OUT, Bar.TRANSFERRED, Bar.REMOVED, Bar.LOST, Bar.WON}
    counted = Counter("in" if bar in ins else "out" if bar in outs else "value" for bar, _ in steps)
    assert (counted["in"], counted["out"]) in {(0, 0), (1, 1)}
    assert counted["value"] <= 1


def test_a_waterfall_that_does_not_add_up_fails(scope, between):
    """Bars that do not add up are never printed."""
    waterfall = Waterfall(scope(), between())
    waterfall.bars[Bar.WON].take(1)
    with pytest.raises(ArithmeticError, match="off by"):
        waterfall.balance()


def test_slippage_follows_the_deals_due_at_the_start(deal, scope, between):
    """Each deal open and due at the first instant has one fate, by how it stands at the end."""
    waterfall = Waterfall(scope(), between(window=(SINCE, 300)))
    told = {
        Fate.WON: deal("new 50, won 130", close={50: 150, 130: 130}),
        Fate.LOST: deal("new 50, lost 130", close={50: 150, 120: 350}),
        Fate.SLIPPED: deal("new 50", close={50: 150, 120: 350}),
        Fate.OVERDUE: deal("new 50", close=150),
        Fate.DUE: deal("new 50", close=250),
        Fate.GONE: deal("new 50", close=150, gone=130),
    }
    for each in (*told.values(), deal("new 110", close=150), deal("new 50", close=350)):
        waterfall.take(each)
    assert {fate: tally.deals for fate, tally in waterfall.fates.items()} == dict.fromkeys(Fate, 1)


@pytest.mark.parametrize(("close", "fate"), [(199.9, Fate.OVERDUE), (200, Fate.DUE)])
def test_a_deal_due_today_is_not_overdue(deal, scope, day, close, fate):
    """At three in the afternoon a date of this morning has not passed; yesterday's has."""
    window = Period("window", Window(day(SINCE), day(300)), scope().zone)
    waterfall = Waterfall(scope(), Between(day(SINCE), day(200.6), window))
    waterfall.take(deal("new 50", close=close))
    assert waterfall.fates[fate].deals == 1


@pytest.mark.parametrize(
    ("path", "close", "times"),
    [
        ("new 0", {0: 50}, 0),
        ("new 0", {0: 50, 10: 60, 20: 70, 30: 65, 40: 66}, 3),
        ("new 0", {0: 50, 10: None, 20: 60}, 1),
        ("new 0", {0: 50, 10: 50.4}, 0),
        ("new 0, won 60", {0: 50, 60: 60}, 0),
        ("new 0, lost 60, new 70", {0: 50, 60: 60, 80: 90}, 1),
        ("new 0", {0: 50, 200: 60}, 0),
    ],
)
def test_a_push_is_a_later_day(path, close, times, deal, day, scope):
    """Neither the first date, nor an earlier one, nor the closing's own is a push."""
    told = deal(path, close=close)
    assert pushes(told, day(200), lambda at: day_of(at, scope().zone)) == times
