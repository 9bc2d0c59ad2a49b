"""`connector report forecast`."""

import click

from connector.cli.analytics.reporting import Question, report_options


@click.command("forecast")
@report_options
@click.option(
    "--by",
    "ways",
    type=click.Choice(["owner", "team", "region"]),
    multiple=True,
    help="Split only so; in every way that is known without it.",
)
def forecast(question: Question, /, ways: tuple[str, ...]) -> int:
    """Say what the open deals are worth, and what is expected of the quarters ahead.

    Each sum is weighted four ways side by side: as the stages are configured, as deals say of
    themselves, by the overall win rate, and by what the history says of deals that lay in their
    stage for as long. --period tells of that one instead of the quarters ahead.
    """
    from connector.jobs.analytics.forecast import read_forecast
    from connector.metrics.grouping import By
    from connector.report.analytics.forecast import forecast_document

    question.stands_alone("a forecast")
    asked = tuple(map(By, ways))
    return question.answer(lambda frame, db: read_forecast(frame, db, asked), forecast_document)
