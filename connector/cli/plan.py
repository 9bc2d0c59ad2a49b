"""`connector plan`."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from connector.cli.allowances import ALLOWANCE
from connector.cli.app import App
from connector.cli.drafts import tell_of_drafts
from connector.cli.each import each_account
from connector.cli.options import account_option, format_option, offline_option
from connector.cli.suppositions import SUPPOSITION
from connector.config import Account
from connector.jobs.answers import plan_answer, what_if_answer
from connector.jobs.confidence import LeadPolicy, plan_confidence
from connector.jobs.planning import (
    Planning,
    plan_correction,
    plan_undo,
    plan_what_if,
    save_plan,
    within,
)
from connector.jobs.work_orders import tell
from connector.reconcile.confidence.planner import AT_MOST
from connector.reconcile.confidence.wanted import Basis
from connector.reconcile.plan import Allowance


@click.command()
@account_option
@offline_option
@click.option(
    "--allow",
    type=ALLOWANCE,
    multiple=True,
    metavar="HAZARD:STAGE",
    help="Turn a held change into one; STAGE is a stage's key or id, or * for all.",
)
@click.option(
    "--what-if",
    "supposed",
    type=SUPPOSITION,
    multiple=True,
    metavar="STAGE=PROBABILITY",
    help="Show instead what another probability would move; writes nothing.",
)
@click.option("--undo", type=int, metavar="RUN", help="Plan to take an applied run back instead.")
@click.option(
    "--confidence",
    "basis",
    type=click.Choice([basis.value for basis in Basis]),
    default=Basis.PROCESS.value,
    show_default=True,
    help="Whose probability leads get, where a binding manages confidence.",
)
@click.option(
    "--max-leads",
    "at_most",
    type=click.IntRange(min=1),
    default=AT_MOST,
    show_default=True,
    metavar="N",
    help="How many leads one plan may change; those that move most come first.",
)
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Save the plan for connector apply.",
)
@format_option
@click.pass_obj
def plan(
    app: App,
    name: str | None,
    offline: bool,
    allow: tuple[Allowance, ...],
    supposed: tuple[tuple[str, float], ...],
    undo: int | None,
    basis: str,
    at_most: int,
    file: Path | None,
    form: str | None,
) -> int:
    """Turn drift into changes, held changes and refusals, with what they would move.

    Writes nothing to the CRM. Changes that could do harm are held until they are allowed by name.
    A plan that is saved, or that undoes a run, is of one account.
    """
    processes = app.processes
    if supposed and (file is not None or undo is not None or allow):
        raise click.UsageError("--what-if writes nothing, so it goes alone")
    if file is not None or undo is not None:
        name = app.account(name).name

    def make(account: Account) -> Planning:
        reading = app.reading(account, offline=offline)
        with app.database() as db:
            if supposed:
                return plan_what_if(reading, processes, db, dict(supposed))
            if undo is not None:
                return plan_undo(reading, processes, db, undo, allow)
            made = plan_correction(reading, processes, db, allow)
            tell(made.work, reading, db)
            policy = LeadPolicy(Basis(basis), at_most)
            return plan_confidence(made, account, processes, db, app.config, policy)

    made = each_account(app, name, make)
    if file is not None:
        for only in made.good:
            save_plan(only, file, datetime.now(UTC))
    saved = str(file) if file else None

    answer = what_if_answer if supposed else partial(plan_answer, file=saved)
    made.tell(app.output, lambda only: answer(within(only, app.config.privacy)), form)
    tell_of_drafts(app.output, processes, app.accounts(name))
    return made.exit_code()
