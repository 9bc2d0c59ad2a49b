"""`connector report calibration`."""

import click

from connector.cli.analytics.reporting import Question, report_options


@click.command()
@report_options
@click.option("--months", is_flag=True, help="Each first of a month in a table of its own, too.")
def calibration(question: Question, months: bool) -> int:
    """Say whether deals are won as often as the probabilities of their stages said.

    Judged by the probabilities in force then: of deals as they entered a stage, and of deals as
    they lay in one on the first of a month.
    """
    if question.asked["compare"]:
        raise click.UsageError("calibration stands for itself; ask for each period by --period")
    from connector.jobs.analytics.calibration import read_calibration
    from connector.report.analytics.calibration import calibration_document

    return question.answer(
        read_calibration, lambda head, found: calibration_document(head, found, months)
    )
