"""`connector report win-rate`."""

import click

from connector.cli.analytics.reporting import Question, by_option, report_options

_WAYS = ("owner", "team", "product", "region", "source")


@click.command("win-rate")
@report_options
@by_option(*_WAYS)
@click.option("--across", type=click.Choice(_WAYS), help="With --by: split each group once more.")
@click.option(
    "--closed-on",
    type=click.Choice(["change", "field"]),
    default="change",
    help="Go by the last closing change, or by the CRM's close-date field.",
    show_default=True,
)
@click.option(
    "--cancelled",
    type=click.Choice(["in", "out"]),
    default="in",
    help="Count deals in stages marked as cancelled as lost, or not at all.",
    show_default=True,
)
@click.option("--trend", is_flag=True, help="Weeks, months and quarters beside the ones before.")
def win_rate(
    question: Question,
    /,
    by: str | None,
    across: str | None,
    closed_on: str,
    cancelled: str,
    trend: bool,
) -> int:
    """Say how many deals are won of those that are decided.

    By when they closed, and by when they were created: the first is how sales went, the second how
    good the deals of a time turned out.
    """
    from connector.jobs.analytics.win_rate import read_win_rates
    from connector.metrics.grouping import By
    from connector.metrics.outcomes.closings import Cancelled, ClosedOn, Reading
    from connector.report.analytics.win_rate import win_rate_document

    if across and (by is None or across == by):
        raise click.UsageError("--across splits the groups of another --by once more")
    ways = By(by) if by else None, By(across) if across else None
    reading = Reading(ClosedOn(closed_on), Cancelled(cancelled))
    return question.answer(
        lambda frame, db: read_win_rates(frame, db, *ways, reading, trend),
        win_rate_document,
    )
