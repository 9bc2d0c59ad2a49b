"""Which past periods were forecast, and when in them."""

from dataclasses import dataclass
from datetime import timedelta

from connector.metrics.periods import Period, Span, around, day_of, following, midnight
from connector.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Horizon:
    """When a forecast is made: at 00:00 of a day of the period, day 0 being its first.

    `before_end` counts the days back from the end of the period instead.
    """

    days: int
    before_end: bool = False

    @property
    def order(self) -> tuple[bool, int]:
        """Where it comes among others, the earliest first."""
        return self.before_end, -self.days if self.before_end else self.days

    def instant(self, period: Period) -> int | None:
        """The instant in a period; None where it is not long enough."""
        first = day_of(period.window.end, period.zone) if self.before_end else period.first
        by = -self.days if self.before_end else self.days
        at = midnight(first + timedelta(days=by), period.zone)
        return at if period.window.holds(at) else None


def complete_periods(scope: Scope, span: Span, first: int) -> tuple[Period, ...]:
    """The periods of a length that the history holds whole, from an instant on."""
    fiscal = scope.fiscal_year_start
    period = around(first, span, scope.zone, fiscal)
    if period.window.start < first:
        period = following(period, fiscal)
    found = []
    while period.window.end <= scope.as_of:
        found.append(period)
        period = following(period, fiscal)
    return tuple(found)
