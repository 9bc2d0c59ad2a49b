"""What deals not created yet will bring: by hand, and against worlds whose rates are known."""

import random
from statistics import fmean

import pytest

from connector.metrics.forecasting.new_deals import NewDeals
from connector.metrics.periods import Window


@pytest.fixture(scope="session")
def learned(day):
    """What is learned of deals as of day 365."""

    def learn(deals, as_of=365):
        new = NewDeals(1, day(as_of))
        for each in deals:
            new.take(each)
        return new

    return learn


def steady(deal, share=0.5, amount=1000, days=10):
    """A deal a day for a year; of each ten, so many are won after some days, the others lost."""
    return [
        deal(f"new {at}, {'won' if at % 10 < share * 10 else 'lost'} {at + days}", amount=amount)
        for at in range(365)
        if at + days < 365
    ]


def test_by_hand(deal, learned, day):
    """A deal a day, half of them won after ten days: those of the first 20 days of 30."""
    expected = learned(steady(deal)).expected(Window(day(365), day(395)))
    assert expected is not None
    assert expected.wins == pytest.approx(20 * 355 / 365 * 0.5, rel=0.02)
    assert expected.value == pytest.approx(expected.wins * 1000)
    assert expected.interval.low < expected.value < expected.interval.high


def test_nothing_created_today_is_won_tomorrow(deal, learned, day):
    """A window that ends before the fastest deal is won brings nothing."""
    expected = learned(steady(deal)).expected(Window(day(365), day(374)))
    assert expected is not None
    assert (expected.value, expected.interval) == (0, (0, 0))


def test_windows_add_up(deal, learned, day):
    """Two windows side by side bring what both bring as one."""
    new = learned(steady(deal))
    whole, *parts = (
        new.expected(Window(day(365 + since), day(365 + until)))
        for since, until in ((0, 90), (0, 40), (40, 90))
    )
    assert whole.value == pytest.approx(sum(part.value for part in parts))


def test_a_window_that_began_already_counts_from_now(deal, learned, day):
    """Of the quarter that runs, only what is still to come is expected."""
    new = learned(steady(deal))
    assert new.expected(Window(day(300), day(395))) == new.expected(Window(day(365), day(395)))


def test_too_few_wins_say_nothing(deal, learned, day):
    """Below ten won deals with an amount there is no expectation."""
    few = [deal(f"new {at}, won {at + 10}", amount=1000) for at in range(9)]
    unpriced = [deal(f"new {at}, won {at + 10}") for at in range(50)]
    assert learned([*few, *unpriced]).expected(Window(day(365), day(455))) is None


def test_nine_of_ten_intervals_and_more_hold_what_came(deal, learned, day):
    """In worlds with known rates, the 95 % interval holds what came, and not by being wide."""
    held, told = 0, []
    for seed in range(100):
        rng = random.Random(seed)
        lives = list(world(rng))
        past = [
            deal(path(created, end, won), amount=amount, created=created)
            for created, end, won, amount in lives
            if created < 365
        ]
        came = sum(
            amount for created, end, won, amount in lives if created >= 365 and won and end < 455
        )
        expected = learned([cut_off(each, day(365)) for each in past]).expected(
            Window(day(365), day(455))
        )
        assert expected is not None
        held += expected.interval.low <= came <= expected.interval.high
        told.append((expected.value, came))
    assert 90 <= held <= 99
    value, came = (fmean(column) for column in zip(*told, strict=True))
    assert value == pytest.approx(came, rel=0.05)


def world(rng):
    """Deals that come at random, 0.8 a day, three of ten won, after 25 days in the mean."""
    at = 0.0
    while (at := at + rng.expovariate(0.8)) < 460:
        yield (
            at,
            at + rng.expovariate(1 / 25),
            rng.random() < 0.3,
            round(rng.lognormvariate(10, 0.6)),
        )


def path(created, end, won):
    return f"new {created}, {'won' if won else 'lost'} {end}"


def cut_off(deal, as_of):
    """The deal as it was known at an instant."""
    if deal.visits[-1].entered < as_of:
        return deal
    return deal._replace(visits=[deal.visits[0]._replace(left=None)])
