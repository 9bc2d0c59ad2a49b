"""Instants and days as people write them on a command line."""

from datetime import date, datetime

import click


class Instant(click.ParamType[datetime]):
    """ISO 8601; a date alone is its first instant, and the zone may be left out."""

    name = "instant"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read an instant, or say what one looks like."""
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no instant, such as 2026-03-31T12:00:00Z", param, ctx)


class Day(click.ParamType[date]):
    """An ISO 8601 date."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Read a day, or say what one looks like."""
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day, such as 2026-12-31", param, ctx)


INSTANT = Instant()
DAY = Day()
