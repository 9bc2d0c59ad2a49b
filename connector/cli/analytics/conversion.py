"""`connector report conversion`."""

import click

from connector.cli.analytics.reporting import Question, by_option, report_options


@click.command("conversion")
@report_options
@click.option(
    "--rule",
    type=click.Choice(["direct", "reached", "strict"]),
    default="reached",
    help="When a deal has gone on to a stage: straight there, at all, or through every stage.",
    show_default=True,
)
@by_option("owner", "team", "product", "region", "source")
def conversion(question: Question, /, rule: str, by: str | None) -> int:
    """Say how many deals go on from each stage, and what becomes of the others.

    The period makes a cohort: deals count that entered a stage in it, whatever came of them later.
    """
    from connector.jobs.analytics.conversion import read_conversions
    from connector.metrics.flow.conversion import Rule
    from connector.metrics.grouping import By
    from connector.report.analytics.conversion import conversion_document

    return question.answer(
        lambda frame, db: read_conversions(frame, db, Rule(rule), By(by) if by else None),
        conversion_document,
    )
