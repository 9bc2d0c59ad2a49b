"""`connector report waterfall`."""

import click

from connector.cli.analytics.reporting import Question, report_options


def _window(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    """A period's name or "all", or say what one looks like."""
    from zoneinfo import ZoneInfo

    from connector.metrics.periods import named

    if name is not None and name != "all":
        try:
            named(name, ZoneInfo("UTC"))
        except ValueError as fault:
            raise click.BadParameter(f"{fault}, or all", context, option) from fault
    return name


@click.command("waterfall")
@report_options
@click.option(
    "--window",
    metavar="NAME",
    callback=_window,
    help="Only deals with a close date in this period; all for every open deal. Without it the"
    " one of --period, and every open deal with --from and --to.",
)
@click.option("--deals", is_flag=True, help="List the deals behind each bar.")
def waterfall(question: Question, /, window: str | None, deals: bool) -> int:
    """Say what became of the open pipeline between two instants.

    They are the edges of --period, or --from and --to. The bars lead from what was open at the
    first to what was open at the second, and add up to the cent and the deal.
    """
    from connector.jobs.analytics.waterfall import read_waterfall
    from connector.report.analytics.waterfall import waterfall_document

    question.stands_alone("a waterfall")
    if question.asked["period"] is None and question.asked["start"] is None:
        raise click.UsageError("a waterfall needs two instants: add --period, or --from and --to")
    return question.answer(
        lambda frame, db: read_waterfall(frame, db, window, deals), waterfall_document
    )
