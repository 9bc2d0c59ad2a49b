"""`connector report time-in-stage`."""

from datetime import timedelta

import click

from connector.cli.analytics.reporting import Question, report_options
from connector.cli.durations import DURATION

_READINGS = ("visit", "cumulative", "latest", "first-pass")


@click.command("time-in-stage")
@report_options
@click.option(
    "--reading",
    type=click.Choice([*_READINGS, "all"]),
    default="visit",
    help="What counts as a stay: each visit, all of a deal's visits summed, its latest completed"
    " one, or its first. Each visit without it.",
)
@click.option(
    "--horizon",
    type=DURATION,
    default="30d",
    metavar="LENGTH",
    help="Where the restricted mean is cut; 30d without it.",
)
@click.option("--exits", is_flag=True, help="Where deals go from each stage, and how soon.")
@click.option(
    "--deals",
    type=click.IntRange(1),
    is_flag=False,
    flag_value=50,
    metavar="NUMBER",
    help="List the deals that have lain too long, the 50 worst or so many.",
)
def time_in_stage(
    question: Question, reading: str, horizon: timedelta, exits: bool, deals: int | None
) -> int:
    """Say how long deals stay in each stage.

    Deals that are still there count as such (Kaplan–Meier), because leaving them out makes every
    stage look quicker than it is; the naive median beside it leaves them out.
    """
    from connector.jobs.analytics.time_in_stage import TimeQuestion, read_time_in_stage
    from connector.metrics.stages.stays import Reading
    from connector.report.analytics.time_in_stage import time_in_stage_document

    wanted = tuple(map(Reading, _READINGS if reading == "all" else (reading,)))
    asked = TimeQuestion(wanted, horizon.total_seconds(), exits, deals or 0)
    return question.answer(
        lambda frame, db: read_time_in_stage(frame, db, asked), time_in_stage_document
    )
