"""`connector apply`."""

from pathlib import Path

import click

from connector.cli.app import App
from connector.cli.each import PARTLY_DONE
from connector.cli.options import format_option
from connector.cli.progress import counting
from connector.errors import PlanRefused
from connector.jobs.apply import Application
from connector.jobs.apply import apply as apply_job
from connector.reconcile import Plan, fingerprint, load
from connector.report import application_document
from connector.store import lock


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--confirm", metavar="FINGERPRINT", help="Go on without asking, if this is the plan.")
@format_option
@click.pass_obj
def apply(app: App, file: Path, confirm: str | None, form: str | None) -> int:
    """Send the changes of a reviewed plan FILE to the CRM.

    Nothing is sent that is not in the plan, and nothing at all where the pipelines have moved since
    it was made. Each change is journalled before it is sent and read back after. Stopped half-way,
    the same command goes on.
    """
    text = file.read_text("utf-8")
    plan = load(text)
    _confirm(app, plan, confirm)
    done = _apply(app, plan, text)
    ended = [(each.change, str(each.state), each.note) for each in done.applied]
    app.output.answer([application_document(plan.account, done.run, done.before, ended)], form)
    return 0 if done.complete else PARTLY_DONE


def _confirm(app: App, plan: Plan, given: str | None) -> None:
    mark = fingerprint(plan)
    if given is not None and given != mark:
        raise PlanRefused(f"--confirm names another plan; the fingerprint of this one is {mark}")
    question = f"Send {len(plan.changes)} changes to {plan.account}?"
    app.confirm(question, given is not None, f"--confirm {mark}")


def _apply(app: App, plan: Plan, text: str) -> Application:
    account = app.account(plan.account)
    crm = app.connect(account, write=True)
    with (
        lock(app.config.database, account.name),
        app.database() as db,
        counting(app.output, f"apply to {account.name}", "changes") as count,
    ):
        return apply_job(account, crm, db, plan, text, ended=lambda applied: count(1))
