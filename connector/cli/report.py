"""`connector report`."""

import click

from connector.cli.lazy import LazyGroup

_COMMANDS = {
    "conversion": (
        "connector.cli.conversion:conversion",
        "How many deals go on from each stage, and what becomes of the others.",
    ),
    "time-in-stage": (
        "connector.cli.time_in_stage:time_in_stage",
        "How long deals stay in each stage.",
    ),
    "win-rate": ("connector.cli.win_rate:win_rate", "How many deals are won of those decided."),
    "suggest": (
        "connector.cli.suggest:suggest",
        "Which probabilities the history speaks for.",
    ),
}


@click.group(cls=LazyGroup, places=_COMMANDS)
def report() -> None:
    """Say what the history says, as of any instant."""
