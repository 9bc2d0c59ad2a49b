"""`connector apply`."""

from pathlib import Path

import click

from connector.cli.app import App
from connector.cli.each import PARTLY_DONE
from connector.cli.options import format_option
from connector.cli.output import complain
from connector.cli.progress import counting
from connector.errors import Fault, FileFaults, PlanRefused
from connector.jobs.apply import Application
from connector.jobs.apply import apply as apply_job
from connector.reconcile.plan import Plan
from connector.reconcile.planfile import fingerprint, load
from connector.report.application import application_document
from connector.report.document import Document
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
    text = _read(file)
    plan = load(text, str(file))
    _confirm(app, plan, confirm)
    done = _apply(app, plan, text)
    app.output.answer([_document(plan, done)], form)
    if done.fault is not None:
        complain(str(done.fault))
    return _exit_code(done)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise FileFaults((Fault(str(file), "", None, "is no plan: it is not UTF-8"),)) from None


def _document(plan: Plan, done: Application) -> Document:
    ended = [(each.change, str(each.state), each.note) for each in done.applied]
    ended += [(change, "unsent", "") for change in done.unsent]
    leads = [(each.change, str(each.ending), each.note) for each in done.leads]
    leads += [(change, "unsent", "") for change in done.unsent_leads]
    return application_document(
        plan.account, done.run, done.before, ended, done.temporary, leads, done.aftermath
    )


def _exit_code(done: Application) -> int:
    if done.complete:
        return 0
    return PARTLY_DONE if done.moved or done.fault is None else done.fault.exit_code


def _confirm(app: App, plan: Plan, given: str | None) -> None:
    mark = fingerprint(plan)
    if given is not None and given != mark:
        raise PlanRefused(f"--confirm names another plan; the fingerprint of this one is {mark}")
    what = [f"{len(plan.changes)} changes"] if plan.changes or not plan.leads else []
    what += [f"the confidence of {len(plan.leads)} leads"] if plan.leads else []
    question = f"Send {' and '.join(what)} to {plan.account}?"
    app.confirm(question, given is not None, f"--confirm {mark}")


def _apply(app: App, plan: Plan, text: str) -> Application:
    account = app.account(plan.account)
    crm = app.connect(account, write=True)
    total = len(plan.changes) + len(plan.leads)
    title = f"apply to {account.name}"
    with (
        lock(app.config.database, account.name),
        app.database() as db,
        counting(app.output, title, "changes", expected=lambda: total) as count,
    ):
        return apply_job(account, crm, db, plan, text, ended=lambda applied: count(1))
