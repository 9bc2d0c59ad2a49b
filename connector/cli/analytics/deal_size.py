"""`connector report deal-size`."""

import click

from connector.cli.analytics.reporting import Question, by_option, report_options


@click.command("deal-size")
@report_options
@by_option("owner", "team", "product", "region", "source")
def deal_size(question: Question, /, by: str | None) -> int:
    """Say what won deals are worth, and how alike they are."""
    from connector.jobs.analytics.deal_size import read_deal_sizes
    from connector.metrics.grouping import By
    from connector.report.analytics.deal_size import deal_size_document

    return question.answer(
        lambda frame, db: read_deal_sizes(frame, db, By(by) if by else None), deal_size_document
    )
