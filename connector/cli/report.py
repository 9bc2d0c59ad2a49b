"""`connector report`."""

import click

from connector.cli.lazy import LazyGroup

_COMMANDS = {
    "adoption": (
        "connector.cli.adoption:adoption",
        "How far deals are worked as the process asks.",
    ),
    "conversion": (
        "connector.cli.conversion:conversion",
        "How many deals go on from each stage, and what becomes of the others.",
    ),
    "forecast": (
        "connector.cli.forecast:forecast",
        "What open deals are worth, and what is expected of the quarters ahead.",
    ),
    "forecast-accuracy": (
        "connector.cli.forecast_accuracy:forecast_accuracy",
        "How right forecasts of past periods were.",
    ),
    "waterfall": (
        "connector.cli.waterfall:waterfall",
        "What became of the open pipeline between two instants.",
    ),
    "losses": (
        "connector.cli.losses:losses",
        "How soon deals are lost, where their time went, and why.",
    ),
    "reps": ("connector.cli.reps:reps", "Who succeeds in which stage, and whether reps differ."),
    "time-in-stage": (
        "connector.cli.time_in_stage:time_in_stage",
        "How long deals stay in each stage.",
    ),
    "win-rate": ("connector.cli.win_rate:win_rate", "How many deals are won of those decided."),
    "deal-size": ("connector.cli.deal_size:deal_size", "What won deals are worth."),
    "cycle": ("connector.cli.cycle:cycle", "How long deals take to be won or lost."),
    "velocity": ("connector.cli.velocity:velocity", "How much comes in a day, and targets."),
    "calibration": (
        "connector.cli.calibration:calibration",
        "Whether deals are won as often as their stages say.",
    ),
    "suggest": (
        "connector.cli.suggest:suggest",
        "Which probabilities the history speaks for.",
    ),
}


@click.group(cls=LazyGroup, places=_COMMANDS)
def report() -> None:
    """Say what the history says, as of any instant."""
