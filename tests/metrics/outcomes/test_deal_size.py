"""What won deals are worth."""

from zoneinfo import ZoneInfo

import pytest

from connector.metrics.grouping import ALL, By, Group, Split
from connector.metrics.outcomes.deal_size import deal_sizes
from connector.metrics.periods import named

JANUARY = named("2026-01", ZoneInfo("UTC"))
FEBRUARY = named("2026-02", ZoneInfo("UTC"))


def test_only_won_deals_have_a_size(deal, scope):
    """Open and lost deals, and those won at another time, say nothing of it."""
    deals = [deal("won 5", amount=100), deal("lost 5", amount=9), deal("new 0", amount=9)]
    deals += [deal("won 40", amount=300), deal("won 5, new 9", amount=9)]
    told = deal_sizes(scope(period=FEBRUARY), Split(), JANUARY, deals).won
    now, before = told[0][ALL].windows
    assert (list(now.amounts), list(before.amounts)) == ([300], [100])
    assert deal_sizes(scope(period=FEBRUARY), Split(), None, deals[:3]).won == {}


def test_a_missing_amount_is_no_zero(deal, scope):
    """It makes no mean smaller; it is counted, as is an amount nobody can convert."""
    deals = [deal("won 5", amount=each) for each in (0, 100, None, {0: 5, 6: None})]
    deals += [deal("won 5", amount={0: None}, unpriced=True), deal("won 5", unpriced=True)]
    (sizes,) = deal_sizes(scope(), Split(), None, deals).won[0][ALL].windows
    assert list(sizes.amounts) == [0, 100]
    assert (sizes.without_amount, sizes.unpriced, sizes.decided) == (3, 1, 6)


def test_groups_differ_in_size_and_in_how_alike_their_deals_are(deal, scope):
    """Ten deals of 100 do not vary; five of 50 and five of 150 vary by 10/9 of a square half."""
    even = [deal("won 5", amount=100, region="even")] * 10
    uneven = [deal("won 5", amount=each, region="uneven") for each in (50, 150)] * 5
    told = deal_sizes(scope(), Split(By.REGION), None, even + uneven).won[0]
    varied = {group.key: sizes.windows[0].amounts.variation for group, sizes in told.items()}
    assert varied["even"] == 0
    assert varied["uneven"] == pytest.approx((10 * 50**2 / 9) ** 0.5 / 100)
    assert told[ALL].windows[0].amounts.mean == told[Group("even", "even")].windows[0].amounts.mean
