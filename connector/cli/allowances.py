"""Allowances as people write them on a command line."""

import click

from connector.reconcile.plan import Allowance, Hazard


class AllowanceType(click.ParamType[Allowance]):
    """HAZARD:STAGE, such as outcome:contract-signed."""

    name = "allowance"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Allowance:
        """Read an allowance, or say what one looks like."""
        hazard, _, stage = str(value).partition(":")
        if hazard not in set(Hazard) or not stage:
            known = ", ".join(Hazard)
            self.fail(f"{value!r} is not HAZARD:STAGE; hazards are {known}", param, ctx)
        return Hazard(hazard), stage


ALLOWANCE = AllowanceType()
