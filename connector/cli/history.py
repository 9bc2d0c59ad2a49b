"""`connector history`."""

from datetime import datetime

import click

from connector.cli.app import App
from connector.cli.each import each_account
from connector.cli.instants import INSTANT
from connector.cli.options import account_option, format_option
from connector.config import Account
from connector.jobs.history import read_history, read_moment
from connector.report.document import Document
from connector.report.history import history_document, moment_document


@click.command()
@click.argument("pipeline", required=False)
@account_option
@click.option(
    "--at",
    type=INSTANT,
    metavar="INSTANT",
    help="The pipelines as they were then instead: 2026-03-31 or 2026-03-31T12:00:00Z.",
)
@format_option
@click.pass_obj
def history(
    app: App, pipeline: str | None, name: str | None, at: datetime | None, form: str | None
) -> int:
    """Tell how pipelines changed, newest first: when, who, what, and how that is known.

    PIPELINE is an id or a label; all without it. Asks the database: the CRM's audit trail as pulls
    read it, which may reach back to before the first of them, and what pulls saw themselves.
    """

    def answer(account: Account) -> Document:
        with app.database() as db:
            if at is None:
                told = read_history(account, db, pipeline)
                return history_document(
                    told.revisions, told.account, told.remote, told.people, told.pulled
                )
            then = read_moment(account, db, pipeline, at)
            return moment_document(then.versions, then.account, then.remote, then.people, then.at)

    one = name if pipeline is None else app.account(name).name
    answers = each_account(app, one, answer)
    answers.tell(app.output, lambda document: document, form)
    return answers.exit_code()
