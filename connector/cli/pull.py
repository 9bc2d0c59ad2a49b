"""`connector pull`."""

import click

from connector.cli.app import App
from connector.cli.each import each_account
from connector.cli.progress import counting
from connector.config import Account
from connector.jobs.pull import Pulled
from connector.jobs.pull import pull as pull_job
from connector.report.clean import clean
from connector.store import lock


@click.command()
@click.option("--account", "name", metavar="NAME", help="One account; all without it.")
@click.option("--full", is_flag=True, help="Read every deal, not only those that changed.")
@click.pass_obj
def pull(app: App, name: str | None, full: bool) -> int:
    """Read pipelines, owners and deals with their history into the database.

    The first pull reads everything, later ones what changed since. A pull that is stopped leaves
    the database as it was; the next one within the hour goes on behind the pages already read.
    """
    return each_account(
        app, name, lambda account: app.output.say(_pull(app, account, full))
    ).exit_code()


def _pull(app: App, account: Account, full: bool) -> str:
    crm = app.connect(account)
    with (
        lock(app.config.database, account.name),
        app.database() as db,
        counting(app.output, f"pull {account.name}", "deals") as count,
    ):
        pulled = pull_job(account, crm, db, full=full, landed=count)
    for fault in pulled.faults:
        app.output.say(clean(f"{account.name}: {fault}"))
    return _closing_line(pulled, crm.requests)


def _closing_line(pulled: Pulled, requests: int) -> str:
    new = pulled.promoted
    how = "what changed" if pulled.pull.since else "everything"
    resumed = ", going on from an earlier run" if pulled.pull.resumed else ""
    aside = f", {new.quarantined} set aside (view set_aside)" if new.quarantined else ""
    return (
        f"{pulled.account}: read {how}{resumed}: {new.deals_new:,} new deals,"
        f" {new.deals_changed:,} changed, {new.deals_same:,} as before,"
        f" {new.changes_new:,} changes{aside}; {requests} requests, {pulled.seconds:.1f} s"
    )
