"""`connector pull`."""

from typing import TYPE_CHECKING

import click

from connector.cli.app import App
from connector.cli.each import each_account
from connector.cli.options import json_option
from connector.cli.progress import counting
from connector.config import Account
from connector.jobs.pull import Pulled
from connector.jobs.pull import pull as pull_job
from connector.store import lock

if TYPE_CHECKING:
    from connector.crm.transport import Usage
    from connector.report import Document


@click.command()
@click.option("--account", "name", metavar="NAME", help="One account; all without it.")
@click.option("--full", is_flag=True, help="Read every deal, not only those that changed.")
@click.option(
    "--accept-suspect",
    is_flag=True,
    help="Read every deal, and take for gone what is no longer there, however much it is.",
)
@json_option
@click.pass_obj
def pull(app: App, name: str | None, full: bool, accept_suspect: bool) -> int:
    """Read pipelines, owners and deals with their history into the database.

    The first pull reads everything, later ones what changed since. A pull that is stopped leaves
    the database as it was; the next one within the hour goes on behind the pages already read.
    """
    answers = each_account(app, name, lambda account: _pull(app, account, full, accept_suspect))
    if app.output.as_json:
        answers.tell(app.output, _document)
    return answers.exit_code()


def _pull(app: App, account: Account, full: bool, accept_suspect: bool) -> Pulled:
    crm = app.connect(account)
    with (
        lock(app.config.database, account.name),
        app.database() as db,
        counting(
            app.output,
            f"pull {account.name}",
            "deals",
            expected=lambda: crm.expected,
            beside=lambda: _quota(crm.usage),
        ) as count,
    ):
        pulled = pull_job(account, crm, db, full=full, accept_suspect=accept_suspect, landed=count)
    for fault in pulled.faults:
        app.output.say(f"{account.name}: {fault}")
    app.output.say(f"{_closing_line(pulled)}; {_cost(crm.usage)}, {pulled.seconds:.1f} s")
    if pulled.promoted.deals_unread:
        app.output.say(_warning(pulled))
    return pulled


def _closing_line(pulled: Pulled) -> str:
    new = pulled.promoted
    how = "what changed" if pulled.pull.since else "everything"
    resumed = ", going on from an earlier run" if pulled.pull.resumed else ""
    aside = f", {new.quarantined} set aside (view set_aside)" if new.quarantined else ""
    return (
        f"{pulled.account}: read {how}{resumed}: {new.deals_new:,} new deals,"
        f" {new.deals_changed:,} changed, {new.deals_same:,} as before,"
        f" {new.changes_new:,} changes{aside}"
    )


def _cost(usage: "Usage") -> str:
    waited = f", {usage.waited:.0f} s of waiting for them" if usage.retries else ""
    return (
        f"{usage.requests:,} requests, {usage.throttled} of them put off (429),"
        f" {usage.retries} retries{waited}"
    )


def _quota(usage: "Usage") -> str:
    """What the CRM allows, for whoever watches."""
    today = "" if usage.daily_left is None else f", {usage.daily_left:,} requests left today"
    return f"at most {usage.burst} requests in 10 s{today}"


def _warning(pulled: Pulled) -> str:
    unread = pulled.promoted.deals_unread
    return (
        f"{pulled.account}: {unread:,} {'record' if unread == 1 else 'records'} set aside: those"
        " deals are missing or out of date (view set_aside says why). The next pull reads"
        " everything to try again; connector pull --full reads them again now."
    )


def _document(pulled: Pulled) -> "Document":
    from connector.report import pull_document

    new = pulled.promoted
    counts = {
        "deals_new": new.deals_new,
        "deals_changed": new.deals_changed,
        "deals_same": new.deals_same,
        "deals_gone": new.deals_gone,
        "changes_new": new.changes_new,
        "set_aside": new.quarantined,
        "deals_unread": new.deals_unread,
    }
    full, resumed = pulled.pull.since is None, pulled.pull.resumed
    return pull_document(pulled.account, counts, pulled.faults, full=full, resumed=resumed)
