"""`connector report time-in-stage`."""

from datetime import datetime

import click

from connector.cli.app import App
from connector.cli.each import each_account
from connector.cli.instants import INSTANT
from connector.cli.options import account_option, format_option
from connector.config import Account
from connector.jobs.answers import time_answer
from connector.jobs.time_in_stage import StageTimes, read_time_in_stage


@click.command("time-in-stage")
@account_option
@click.option("--pipeline", metavar="ID", help="One pipeline; all without it.")
@click.option(
    "--as-of",
    type=INSTANT,
    metavar="INSTANT",
    help="As the history stood then: 2026-03-31 or 2026-03-31T12:00:00Z. The last pull without it.",
)
@format_option
@click.pass_obj
def time_in_stage(
    app: App, name: str | None, pipeline: str | None, as_of: datetime | None, form: str | None
) -> int:
    """Say how long deals stay in each stage.

    Deals that are still there count as such (Kaplan–Meier), because leaving them out makes every
    stage look quicker than it is; the naive median beside it leaves them out.
    """

    def read(account: Account) -> StageTimes:
        with app.database() as db:
            return read_time_in_stage(account, db, pipeline, as_of)

    found = each_account(app, name, read)
    found.tell(app.output, time_answer, form)
    return found.exit_code()
