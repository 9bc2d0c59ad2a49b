"""`connector report suggest`."""

from datetime import date, timedelta

import click

from connector.cli.analytics.reporting import Question, report_options
from connector.cli.instants import DAY

_REVIEW = timedelta(days=90)


@click.command()
@report_options
@click.option("--write", is_flag=True, help="Put the suggested values into the process files.")
@click.option("--decided-by", metavar="NAME", help="Who decides so; needed with --write.")
@click.option("--reason", metavar="TEXT", help="Why; the evidence itself without it.")
@click.option(
    "--review-on",
    type=DAY,
    metavar="DATE",
    help="Until when the decision stands; 90 days from the instant without it.",
)
@click.option(
    "--stage",
    "only",
    multiple=True,
    metavar="KEY",
    help="With --write: only this stage; repeatable.",
)
def suggest(
    question: Question,
    write: bool,
    decided_by: str | None,
    reason: str | None,
    review_on: date | None,
    only: tuple[str, ...],
) -> int:
    """Say which probabilities the history speaks for, beside the configured ones.

    A change is suggested only where there is evidence against the configured value; one that was
    decided on is left alone until the day it is to be reviewed on.
    """
    from connector.jobs.analytics.suggest import read_suggestions, write_suggestions
    from connector.metrics.periods import day_of
    from connector.report.analytics.suggest import suggest_document

    app = question.app
    if write and not decided_by:
        raise click.UsageError("--write needs --decided-by NAME, for whoever asks later")
    if only and not write:
        raise click.UsageError("--stage chooses what --write puts into the files; add --write")
    looked = question.look(lambda frame, db: read_suggestions(frame, db, app.processes))
    code = question.tell(looked, suggest_document)
    if write and decided_by:
        scope = looked.head.scope
        until = review_on or day_of(scope.as_of, scope.zone) + _REVIEW
        written = write_suggestions(
            looked.result, app.processes, decided_by, reason, until, frozenset(only)
        )
        for file, edits in written:
            app.output.say("\n".join([f"{file}:", *(f"  {edit}" for edit in edits)]))
    return code
