"""`connector report`."""

import click

from connector.cli.lazy import LazyGroup

# In the order somebody asks: is the process followed, where do deals go, what comes of them, what
# is ahead, and is what we believe of it true.
_REPORTS = {
    "adoption": "How far deals are worked as the process asks.",
    "conversion": "How many deals go on from each stage, and what becomes of the others.",
    "time-in-stage": "How long deals stay in each stage.",
    "win-rate": "How many deals are won of those decided.",
    "deal-size": "What won deals are worth.",
    "cycle": "How long deals take to be won or lost.",
    "velocity": "How much comes in a day, and targets.",
    "losses": "How soon deals are lost, where their time went, and why.",
    "reps": "Who succeeds in which stage, and whether reps differ.",
    "forecast": "What open deals are worth, and what is expected of the quarters ahead.",
    "forecast-accuracy": "How right forecasts of past periods were.",
    "waterfall": "What became of the open pipeline between two instants.",
    "calibration": "Whether deals are won as often as their stages say.",
    "suggest": "Which probabilities the history speaks for.",
}


def _place(name: str) -> str:
    """Where a report's command is: in a module, and under a function, of its name."""
    word = name.replace("-", "_")
    return f"connector.cli.analytics.{word}:{word}"


@click.group(cls=LazyGroup, places={name: (_place(name), _REPORTS[name]) for name in _REPORTS})
def report() -> None:
    """Say what the history says, as of any instant."""
