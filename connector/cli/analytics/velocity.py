"""`connector report velocity`."""

import click

from connector.cli.analytics.reporting import Question, by_option, report_options


@click.command("velocity")
@report_options
@by_option("owner", "team", "product", "region", "source")
def velocity(question: Question, /, by: str | None) -> int:
    """Say how much comes in a day, whether deals lie around, and how far targets are off.

    Targets are those of the period, or of the running quarter, in [targets] of config.toml.
    """
    from connector.jobs.analytics.velocity import read_velocities
    from connector.metrics.grouping import By
    from connector.report.analytics.velocity import velocity_document

    targets = question.app.config.targets
    return question.answer(
        lambda frame, db: read_velocities(frame, db, targets, By(by) if by else None),
        velocity_document,
    )
