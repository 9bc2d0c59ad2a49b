"""`connector report losses`."""

import click

from connector.cli.analytics.reporting import Question, report_options


@click.command("losses")
@report_options
def losses(question: Question, /) -> int:
    """Say how soon deals are lost, where the time in them went, and why they were lost.

    Deals created in the period tell how soon; deals closed in it where the time went and why.
    """
    from connector.jobs.analytics.losses import read_losses
    from connector.report.analytics.losses import losses_document

    return question.answer(read_losses, losses_document)
