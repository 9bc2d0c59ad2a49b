"""Supposed probabilities as people write them on a command line."""

import click


class Supposition(click.ParamType[tuple[str, float]]):
    """STAGE=PROBABILITY, such as meeting-booked=0.4; only an open stage can be supposed."""

    name = "supposition"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """Read a supposition, or say what one looks like."""
        stage, _, number = str(value).partition("=")
        try:
            probability = float(number)
        except ValueError:
            probability = -1.0
        if not stage or not 0 < probability < 1:
            self.fail(
                f"{value!r} is not STAGE=PROBABILITY with a number between 0 and 1, such as"
                " meeting-booked=0.4",
                param,
                ctx,
            )
        return stage, probability


SUPPOSITION = Supposition()
