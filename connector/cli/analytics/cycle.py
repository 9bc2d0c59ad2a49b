"""`connector report cycle`."""

import click

from connector.cli.analytics.reporting import Question, by_option, report_options


@click.command("cycle")
@report_options
@by_option("owner", "team", "product", "region", "source")
def cycle(question: Question, /, by: str | None) -> int:
    """Say how long it takes to win a deal, to lose one, and to get a decision once asked for."""
    from connector.jobs.analytics.cycle import read_cycles
    from connector.metrics.grouping import By
    from connector.report.analytics.cycle import cycle_document

    return question.answer(
        lambda frame, db: read_cycles(frame, db, By(by) if by else None), cycle_document
    )
