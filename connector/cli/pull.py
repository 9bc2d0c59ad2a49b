"""`connector pull`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from connector.cli.app import App
from connector.cli.each import each_account
from connector.cli.options import json_option
from connector.cli.progress import counting
from connector.config import Account
from connector.errors import FileFaults
from connector.jobs.pull import Pulled
from connector.jobs.pull import pull as pull_job
from connector.jobs.work_orders import Reviewed, review_pull
from connector.model import Process
from connector.store import lock

if TYPE_CHECKING:
    from connector.crm.transport import Usage
    from connector.report.document import Document

# What a pull brought, and what it found of the work orders; None where nobody could look.
Answer = tuple[Pulled, Reviewed | None]


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
    the database as it was; the next one within the hour goes on behind the pages already read, or
    within a day where the CRM's daily quota was used up.

    Where there are far fewer deals than before, what was read is stored, no deal is taken for gone,
    and the command ends with 5. If they are gone indeed, say so with --accept-suspect.
    """
    processes = _processes(app)
    answers = each_account(
        app, name, lambda account: _pull(app, account, processes, full, accept_suspect)
    )
    if app.output.as_json:
        answers.tell(app.output, _document)
    return answers.exit_code()


def _processes(app: App) -> tuple[Process, ...] | None:
    """The processes, which only work orders need; a pull goes on without them."""
    try:
        return app.processes if app.config.mappings.is_dir() else None
    except FileFaults as faults:
        app.output.say(f"work orders were not looked at, for a process file has faults: {faults}")
        return None


def _pull(
    app: App,
    account: Account,
    processes: tuple[Process, ...] | None,
    full: bool,
    accept_suspect: bool,
) -> Answer:
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
        reviewed = None if processes is None else review_pull(account, processes, db)
    for fault in pulled.faults:
        app.output.say(f"{account.name}: {fault}")
    app.output.say(f"{_closing_line(pulled)}; {_cost(crm.usage, pulled.seconds)}")
    for told in _findings(pulled):
        app.output.say(f"{account.name}: {told}")
    if reviewed and reviewed.line:
        app.output.say(f"{account.name}: {reviewed.line}")
    return pulled, reviewed


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


def _cost(usage: "Usage", seconds: float) -> str:
    refused = f"{usage.throttled:,} times 429" if usage.throttled else "no 429"
    again = f", {usage.retries:,} sent again" if usage.retries else ""
    return f"{usage.requests:,} requests, {seconds:.1f} s, {refused}{again}"


def _quota(usage: "Usage") -> str:
    """What the CRM allows, for whoever watches; nothing where it tells of no quota."""
    if usage.daily_left is None:
        return ""
    return f"quota {usage.burst} in 10 s, {usage.daily_left:,} left today"


def _findings(pulled: Pulled) -> Iterator[str]:
    """What somebody should know of a pull beside its numbers."""
    yield from pulled.doubts
    new = pulled.promoted
    if new.deals_unread:
        yield (
            f"{new.deals_unread:,} {'record' if new.deals_unread == 1 else 'records'} set aside:"
            " those deals are missing or out of date (view set_aside says why). Every pull reads"
            " them again."
        )
    if new.mended:
        yield (
            f"earlier pulls of what changed had missed {new.mended.deals_new:,} new deals,"
            f" {new.mended.deals_changed:,} changed and {new.mended.deals_gone:,} archived ones;"
            " this read of everything has mended that"
        )
    if new.gaps:
        yield (
            f"the CRM has cut off history that no pull had read yet, in {new.gaps:,} places"
            " (view history_gaps)"
        )
    if pulled.disagrees:
        yield (
            f"the CRM says it has {pulled.counted:,} live deals, but {new.live:,} were found."
            " Until the two agree, every deal is read once a day"
        )


def _document(answer: Answer) -> "Document":
    from connector.report.pulled import pull_document
    from connector.store.promotion import Mended

    pulled, reviewed = answer
    new = pulled.promoted
    mended = new.mended or Mended()
    counts = {
        "deals_new": new.deals_new,
        "deals_changed": new.deals_changed,
        "deals_same": new.deals_same,
        "deals_gone": new.deals_gone,
        "changes_new": new.changes_new,
        "set_aside": new.quarantined,
        "deals_unread": new.deals_unread,
        "deals_live": new.live,
        "deals_counted": pulled.counted,
        "gaps": new.gaps,
        "mended_new": mended.deals_new,
        "mended_changed": mended.deals_changed,
        "mended_gone": mended.deals_gone,
        "orders_done": reviewed.done if reviewed else None,
        "orders_withdrawn": reviewed.withdrawn if reviewed else None,
        "orders_open": reviewed.open if reviewed else None,
    }
    return pull_document(
        pulled.account,
        counts,
        pulled.faults,
        pulled.doubts,
        full=pulled.pull.since is None,
        resumed=pulled.pull.resumed,
        oldest_order=reviewed.oldest if reviewed else None,
    )
