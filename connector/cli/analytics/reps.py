"""`connector report reps`."""

import click

from connector.cli.analytics.reporting import Question, report_options


@click.command("reps")
@report_options
@click.option("--rep", metavar="NAME", help="A sheet for talking with one of them.")
def reps(question: Question, /, rep: str | None) -> int:
    """Say whether reps differ at all, and who succeeds in which stage.

    Few deals make big differences by chance alone: rates are drawn to everybody's, and marked only
    where chance hardly explains them.
    """
    from connector.jobs.analytics.reps import read_reps
    from connector.report.analytics.reps import reps_document

    return question.answer(
        lambda frame, db: read_reps(frame, db, rep), reps_document, people=rep is None
    )
