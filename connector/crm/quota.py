"""What a CRM's answers tell of its limits, and the day's quota, of which others need some too."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.errors import QuotaUsedUp
from connector.model import BEGINNING

# A window that is longer than this is no burst limit.
_LONGEST_WINDOW = 60.0


@dataclass(frozen=True, slots=True)
class Told:
    """The limits one answer tells, as far as it does; a burst limit has its window in seconds."""

    burst: int | None = None
    window: float = 0.0
    burst_left: int | None = None
    daily: int | None = None
    daily_left: int | None = None


def told(headers: Mapping[str, str]) -> Told:
    """The limits in an answer's headers, in HubSpot's words (2026-11); a search tells none."""
    milliseconds = _number(headers, "Interval-Milliseconds") or 0
    burst = _number(headers, "Max")
    if burst is None or not 0 < milliseconds <= _LONGEST_WINDOW * 1000:
        return Told(daily=_number(headers, "Daily"), daily_left=_number(headers, "Daily-Remaining"))
    return Told(
        burst,
        milliseconds / 1000,
        _number(headers, "Remaining"),
        _number(headers, "Daily"),
        _number(headers, "Daily-Remaining"),
    )


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(f"X-HubSpot-RateLimit-{name}", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class DailyQuota:
    """How much of the day's quota is left, and whether that is ours to use.

    `reserve` is the share of it, 0 to 1, that is left to the account's other integrations.
    `time_zone` is the account's, where it is known: the quota is renewed at its midnight.
    """

    def __init__(self, crm: str, reserve: float):
        self.of: int | None = None
        self.left: int | None = None
        self.time_zone = ""
        self._crm = crm
        self._reserve = reserve
        self._told_at = BEGINNING
        self._refused = False

    def heed(self, limits: Told, now: datetime) -> None:
        """Take over what an answer told, at an instant of the CRM's clock."""
        if limits.daily is not None and limits.daily_left is not None:
            self.of, self.left, self._told_at = limits.daily, limits.daily_left, now

    def refuse(self, now: datetime) -> None:
        """The CRM itself said that the quota is used up."""
        self._refused, self._told_at = True, now

    def check(self) -> None:
        """Raise `QuotaUsedUp` where no more than the reserve is left."""
        if self._refused or self.left == 0:
            raise QuotaUsedUp(f"{self._crm}'s daily quota is used up. {self._renewal()}")
        if self.of is None or self.left is None or self.left > self._reserve * self.of:
            return
        raise QuotaUsedUp(
            f"{self._crm} has {self.left:,} of {self.of:,} requests left today, and"
            f" daily_reserve leaves {self._reserve:.0%} to other integrations. {self._renewal()}"
        )

    def _renewal(self) -> str:
        at = next_midnight(self._told_at, self.time_zone)
        if at is None:
            return "It is renewed at midnight in the account's time zone; run again after that."
        hours = math.ceil((at - self._told_at) / timedelta(hours=1))
        return f"It is renewed at midnight, {self.time_zone}, within {hours} h; run again then."


def next_midnight(now: datetime, time_zone: str) -> datetime | None:
    """The instant the next day begins in a time zone; None where the zone is not known."""
    try:
        here = now.astimezone(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    tomorrow = datetime.combine(here.date() + timedelta(days=1), time(), here.tzinfo)
    return tomorrow.astimezone(UTC)
