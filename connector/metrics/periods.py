"""Years, quarters, months and weeks in a time zone, with a fiscal year that begins when it does.

A fiscal year bears the number of the calendar year it ends in, as most companies count; with a
start in January the two are the same.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Window(NamedTuple):
    """The time from one instant to just before another, in milliseconds."""

    start: int
    end: int

    def holds(self, at: int) -> bool:
        """Whether an instant lies in it."""
        return self.start <= at < self.end


class Span(StrEnum):
    """The lengths of periods people ask for."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAYS = "days"


_MONTHS = {Span.YEAR: 12, Span.HALF: 6, Span.QUARTER: 3, Span.MONTH: 1}
_NAMED = re.compile(r"(\d{4})(?:-?(?:(Q)([1-4])|(H)([12])|(W)(\d{1,2})|M?(\d{1,2})))?", re.I)


@dataclass(frozen=True, slots=True)
class Period:
    """A named window; its days are those of a zone."""

    label: str
    window: Window
    zone: ZoneInfo
    span: Span = Span.DAYS

    @property
    def first(self) -> date:
        """The day it begins on."""
        return day_of(self.window.start, self.zone)

    def day(self, number: int) -> int:
        """The first instant of a day of the period, day 0 being its first."""
        return midnight(self.first + timedelta(days=number), self.zone)


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant of a day, in milliseconds."""
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def day_of(at: int, zone: ZoneInfo) -> date:
    """The day an instant in milliseconds falls on."""
    return datetime.fromtimestamp(at / 1000, zone).date()


def named(text: str, zone: ZoneInfo, fiscal_year_start: int = 1) -> Period:
    """The period people call 2026, 2026H1, 2026Q3, 2026-07 or 2026W31; ValueError for any other.

    Years, halves and quarters are fiscal ones; months and ISO weeks are the calendar's.
    """
    found = _NAMED.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no period, such as 2026, 2026H1, 2026Q3, 2026-07 or 2026W31")
    year, _, quarter, _, half, _, week, month = found.groups()
    if week:
        return _week(int(year), int(week), zone)
    if month:
        return _starting(date(int(year), int(month), 1), Span.MONTH, zone, fiscal_year_start)
    span = Span.QUARTER if quarter else Span.HALF if half else Span.YEAR
    number = int(quarter or half or 1) - 1
    begins = _moved(_fiscal_first(int(year), fiscal_year_start), number * _MONTHS[span])
    return _starting(begins, span, zone, fiscal_year_start)


def around(at: int, span: Span, zone: ZoneInfo, fiscal_year_start: int = 1) -> Period:
    """The period of a length in which an instant lies."""
    day = day_of(at, zone)
    if span is Span.WEEK:
        return _week(day.isocalendar().year, day.isocalendar().week, zone)
    months = _MONTHS[span]
    since = (day.month - fiscal_year_start) % 12 % months
    return _starting(_moved(day.replace(day=1), -since), span, zone, fiscal_year_start)


def before(period: Period, fiscal_year_start: int = 1) -> Period:
    """The period of the same length just before."""
    return _shifted(period, -1, fiscal_year_start)


def following(period: Period, fiscal_year_start: int = 1) -> Period:
    """The period of the same length just after."""
    return _shifted(period, 1, fiscal_year_start)


def year_before(period: Period, fiscal_year_start: int = 1) -> Period:
    """The same period a year earlier; of weeks and plain windows, that of 52 weeks before."""
    if period.span in _MONTHS:
        return _starting(_moved(period.first, -12), period.span, period.zone, fiscal_year_start)
    return _days_later(period, -52 * 7)


def between(start: int, end: int, zone: ZoneInfo) -> Period:
    """The window from one instant to just before another; ValueError where it is empty."""
    if start >= end:
        raise ValueError("the period ends before it begins")
    edges = (datetime.fromtimestamp(edge / 1000, zone) for edge in (start, end))
    label = " to ".join(f"{edge:%Y-%m-%d %H:%M}".removesuffix(" 00:00") for edge in edges)
    return Period(label, Window(start, end), zone)


def month_starts(start: int, end: int, zone: ZoneInfo) -> list[int]:
    """The first instants of the months from the one an instant lies in, before another instant."""
    starts = []
    month = around(start, Span.MONTH, zone)
    while month.window.start < end:
        starts.append(month.window.start)
        month = following(month)
    return starts


def _shifted(period: Period, by: int, fiscal_year_start: int) -> Period:
    if period.span in _MONTHS:
        first = _moved(period.first, by * _MONTHS[period.span])
        return _starting(first, period.span, period.zone, fiscal_year_start)
    if period.span is Span.WEEK:
        return _days_later(period, by * 7)
    length = period.window.end - period.window.start
    return between(period.window.start + by * length, period.window.end + by * length, period.zone)


def _days_later(period: Period, days: int) -> Period:
    first = period.first + timedelta(days=days)
    if period.span is Span.WEEK:
        return _week(first.isocalendar().year, first.isocalendar().week, period.zone)
    step = days * 86_400_000
    return between(period.window.start + step, period.window.end + step, period.zone)


def _week(year: int, week: int, zone: ZoneInfo) -> Period:
    first = date.fromisocalendar(year, week, 1)
    return _of_days(f"{year}W{week:02}", first, first + timedelta(weeks=1), zone, Span.WEEK)


def _starting(first: date, span: Span, zone: ZoneInfo, fiscal_year_start: int) -> Period:
    label = _label(first, span, fiscal_year_start)
    return _of_days(label, first, _moved(first, _MONTHS[span]), zone, span)


def _of_days(label: str, first: date, after: date, zone: ZoneInfo, span: Span) -> Period:
    return Period(label, Window(midnight(first, zone), midnight(after, zone)), zone, span)


def _label(first: date, span: Span, fiscal_year_start: int) -> str:
    if span is Span.MONTH:
        return f"{first:%Y-%m}"
    into = (first.month - fiscal_year_start) % 12
    year = _moved(first, -into).year + (fiscal_year_start > 1)
    letter = {Span.QUARTER: "Q", Span.HALF: "H"}.get(span)
    return f"{year}{letter}{into // _MONTHS[span] + 1}" if letter else str(year)


def _fiscal_first(year: int, fiscal_year_start: int) -> date:
    return date(year - (fiscal_year_start > 1), fiscal_year_start, 1)


def _moved(first: date, months: int) -> date:
    """The first of a month so many months later."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
