from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm.quota import DailyQuota, Told, next_midnight, told
from connector.errors import QuotaUsedUp

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


def headers(**named: object) -> dict[str, str]:
    return {f"X-HubSpot-RateLimit-{name.replace('_', '-')}": str(v) for name, v in named.items()}


# --- what answers tell ----------------------------------------------------------------------------


def test_an_answer_tells_its_limits():
    """HubSpot fact, 2026-11: the burst limit, its window, and both of what is left of the day."""
    sent = headers(
        Max=150, Interval_Milliseconds=10000, Remaining=149, Daily=500000, Daily_Remaining=498677
    )
    assert told(sent) == Told(150, 10.0, 149, 500_000, 498_677)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        headers(Max=100),
        headers(Max=100, Interval_Milliseconds=0),
        headers(Max=100, Interval_Milliseconds=-10000),
        headers(Max=100, Interval_Milliseconds=86_400_000),
        headers(Max="many", Interval_Milliseconds=10000),
        headers(Max="١٠", Interval_Milliseconds=10000),
        headers(Max="9" * 5000, Interval_Milliseconds=10000),
    ],
)
def test_half_a_burst_limit_is_none(sent: dict[str, str]):
    """Without a number and a window of seconds there is nothing to keep."""
    assert told(sent) == Told()


@given(st.dictionaries(st.sampled_from(list(headers(Max=1, Remaining=1, Daily=1))), st.text()))
def test_no_header_breaks_the_reading(sent: dict[str, str]):
    """Whatever stands in the headers, it is a limit or nothing."""
    assert isinstance(told(sent), Told)


# --- the day's quota ------------------------------------------------------------------------------


def quota(left: int, reserve: float = 0.1, time_zone: str = "Europe/Oslo") -> DailyQuota:
    quota = DailyQuota("HubSpot", reserve)
    quota.time_zone = time_zone
    quota.heed(Told(daily=1000, daily_left=left), NOW)
    return quota


@pytest.mark.parametrize(("left", "reserve"), [(101, 0.1), (1, 0.0), (501, 0.5)])
def test_above_the_reserve_the_quota_is_ours(left: int, reserve: float):
    """Requests beyond the share of the others may be used."""
    quota(left, reserve).check()


@pytest.mark.parametrize(("left", "reserve"), [(100, 0.1), (1, 0.1), (1000, 1.0)])
def test_the_reserve_is_left_to_others(left: int, reserve: float):
    """At the reserve the run ends, and says whose the rest is and when there will be more."""
    with pytest.raises(QuotaUsedUp) as caught:
        quota(left, reserve).check()
    assert str(caught.value) == (
        f"HubSpot has {left:,} of 1,000 requests left today, and daily_reserve leaves"
        f" {reserve:.0%} to other integrations. It is renewed at midnight, Europe/Oslo,"
        " within 11 h; run again then."
    )


@pytest.mark.parametrize("reserve", [0.0, 0.1])
def test_with_nothing_left_nothing_is_said_of_a_reserve(reserve: float):
    """Where not one request is left, that is the reason, whatever was to be left to others."""
    with pytest.raises(QuotaUsedUp, match=r"^HubSpot's daily quota is used up\. It is renewed at"):
        quota(0, reserve).check()


def test_a_quota_the_crm_refuses_is_used_up():
    """Whatever the headers said, the CRM's own word counts."""
    refused = quota(900, time_zone="")
    refused.refuse(NOW)
    with pytest.raises(QuotaUsedUp, match=r"used up\. It is renewed at midnight in the account's"):
        refused.check()


def test_without_headers_nothing_is_known_and_nothing_ends():
    """Keys that are not told of a daily quota work without one."""
    quota = DailyQuota("HubSpot", 0.5)
    quota.heed(Told(burst=10, window=10.0), NOW)
    quota.check()


@pytest.mark.parametrize(
    ("now", "zone", "midnight"),
    [
        (datetime(2026, 11, 21, 22, 59, tzinfo=UTC), "Europe/Oslo", (2026, 11, 21, 23)),
        (datetime(2026, 11, 21, 23, 0, tzinfo=UTC), "Europe/Oslo", (2026, 11, 22, 23)),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), "Europe/Oslo", (2026, 10, 25, 23)),
        (datetime(2026, 11, 21, 3, 0, tzinfo=UTC), "US/Eastern", (2026, 11, 21, 5)),
    ],
)
def test_midnight_is_the_accounts(now: datetime, zone: str, midnight: tuple[int, ...]):
    """HubSpot fact, 2026-11: the day ends in the portal's time zone, summer time or not."""
    assert next_midnight(now, zone) == datetime(*midnight, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../etc/passwd", "Europe"])
def test_an_unknown_zone_has_no_midnight(zone: str):
    """Without a time zone the message still says what is known."""
    assert next_midnight(NOW, zone) is None
