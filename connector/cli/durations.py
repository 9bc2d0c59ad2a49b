"""Lengths of time as people write them on a command line."""

import re
from datetime import timedelta

import click

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class Duration(click.ParamType[timedelta]):
    """A number of minutes, hours or days, such as 26h."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read a length of time, or say what one looks like."""
        found = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", str(value))
        if not found:
            self.fail(f"{value!r} is no length of time, such as 90m, 26h or 2d", param, ctx)
        return int(found[1]) * _UNITS[found[2]]


DURATION = Duration()
