"""`connector report forecast-accuracy`."""

import click

from connector.cli.analytics.reporting import Question, report_options


@click.command("forecast-accuracy")
@report_options
@click.option(
    "--span",
    type=click.Choice(["quarter", "month"]),
    default="quarter",
    show_default=True,
    help="The length of the periods that were forecast.",
)
@click.option(
    "--day",
    "days",
    type=click.IntRange(0),
    multiple=True,
    metavar="N",
    help="Forecast on day N of the period, its first being 0. Without it 0, 30, 60 and 80 of a"
    " quarter, 0, 10 and 20 of a month.",
)
@click.option(
    "--before-end",
    type=click.IntRange(1),
    multiple=True,
    metavar="N",
    help="Forecast N days before the period ends.",
)
@click.option(
    "--kind",
    type=click.Choice(["configured", "deal", "overall", "evidence", "all"]),
    default="configured",
    show_default=True,
    help="By whose probabilities the periods are told one by one.",
)
def forecast_accuracy(
    question: Question, /, span: str, days: tuple[int, ...], before_end: tuple[int, ...], kind: str
) -> int:
    """Say how right forecasts of past periods were.

    Each forecast is made again with the stage, amount, close date and probability that were in
    force at the time, so that this works from the first pull on.
    """
    from connector.jobs.analytics.forecast_accuracy import read_forecast_accuracy
    from connector.metrics.forecasting.horizons import Horizon
    from connector.metrics.forecasting.odds import KINDS, Kind
    from connector.metrics.periods import Span
    from connector.report.analytics.forecast_accuracy import forecast_accuracy_document

    question.stands_alone("forecast accuracy")
    horizons = [*map(Horizon, days), *(Horizon(day, before_end=True) for day in before_end)]
    kinds = KINDS if kind == "all" else (Kind(kind),)
    return question.answer(
        lambda frame, db: read_forecast_accuracy(frame, db, Span(span), horizons),
        lambda head, found: forecast_accuracy_document(head, found, kinds),
    )
