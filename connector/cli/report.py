"""`connector report`."""

import click

from connector.cli.lazy import LazyGroup

_COMMANDS = {
    "time-in-stage": (
        "connector.cli.time_in_stage:time_in_stage",
        "How long deals stay in each stage.",
    ),
    "suggest": (
        "connector.cli.suggest:suggest",
        "Which probabilities the history speaks for.",
    ),
}


@click.group(cls=LazyGroup, places=_COMMANDS)
def report() -> None:
    """Say what the history says, as of any instant."""
