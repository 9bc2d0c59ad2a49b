"""`connector drift accept`, `accepted` and `reopen`."""

import getpass
from datetime import UTC, date, datetime

import click

from connector.cli.app import App
from connector.cli.each import each_account
from connector.cli.instants import DAY
from connector.cli.options import account_option, format_option
from connector.config import Account
from connector.jobs import drift as job
from connector.report.drift_standing import accepted_document


@click.command()
@click.argument("drift", metavar="ID")
@click.option("--reason", required=True, help="Why it is fine, for whoever asks later.")
@click.option("--until", type=DAY, required=True, help="The last day it is fine: 2026-12-31.")
@click.option("--by", metavar="NAME", help="Who decided; without it, whoever is logged in.")
@click.pass_obj
def accept(app: App, drift: str, reason: str, until: date, by: str | None) -> None:
    """Live with the drift ID, as `connector drift` shows it, until a day.

    It is left out of plans and of the exit code of `connector drift`, and listed apart, until the
    day is over in the account's time zone or one of its two values changes. An accepted outcome
    keeps the stage's probability with it, because the CRM derives one from the other.
    """
    if not reason.strip():
        raise click.UsageError("--reason is empty; say why this drift is fine")
    reading = app.reading(app.account(drift.partition(":")[0]), offline=False)
    today = job.day_in(reading.remote, reading.at)
    if until < today:
        raise click.UsageError(f"--until {until} is over; in {reading.account} it is {today}")
    with app.database() as db:
        job.accept(reading, app.processes, db, drift, reason, by or _user(), until)
    app.output.say(f"{drift}: accepted until {until}. To end it: connector drift reopen {drift}")


@click.command()
@account_option
@format_option
@click.pass_obj
def accepted(app: App, name: str | None, form: str | None) -> int:
    """List what is accepted and whether it still holds, by the last live reading."""
    now = datetime.now(UTC)

    def read(account: Account) -> job.Given:
        with app.database() as db:
            return job.read_accepted(account.name, db, now)

    found = each_account(app, name, read)
    found.tell(
        app.output,
        lambda each: accepted_document(each.account, each.zone, each.acceptances),
        form,
    )
    return found.exit_code()


@click.command()
@click.argument("drift", metavar="ID")
@click.pass_obj
def reopen(app: App, drift: str) -> None:
    """End the acceptance of the drift ID."""
    account = app.account(drift.partition(":")[0])
    with app.database() as db:
        job.reopen(account.name, drift, db, datetime.now(UTC))
    app.output.say(f"{drift}: open again")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise click.UsageError("nobody is logged in by a name here; say who with --by") from None
