"""`connector drift`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from connector.cli.app import App
from connector.cli.drafts import tell_of_drafts
from connector.cli.each import Answers, Failure, each_account
from connector.cli.lazy import LazyGroup
from connector.cli.options import account_option, json_option, offline_option
from connector.config import Account
from connector.jobs.answers import drift_answer, history_of
from connector.jobs.drift import Found, find_drift

if TYPE_CHECKING:
    from connector.report.as_junit import FailedSuite, Suite

DRIFT_FOUND = 3

_COMMANDS = {
    "accept": ("connector.cli.drift_accept:accept", "Live with one drift until a day."),
    "accepted": ("connector.cli.drift_accept:accepted", "List what is accepted."),
    "reopen": ("connector.cli.drift_accept:reopen", "End an acceptance."),
}


@click.group(cls=LazyGroup, places=_COMMANDS, invoke_without_command=True)
@account_option
@offline_option
@click.option(
    "--since",
    type=click.Choice(["last"]),
    help="Only what is new or back again since the last live reading. Every live reading counts,"
    " also a night job's or one without --since: what it saw is no longer new.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "junit"]),
    help="How to answer; text without it, JSON with --json, junit for CI.",
)
@json_option
@click.option("--exit-code", is_flag=True, help=f"End with {DRIFT_FOUND} where drift is shown.")
@click.pass_context
def drift(
    context: click.Context,
    name: str | None,
    offline: bool,
    since: str | None,
    form: str | None,
    exit_code: bool,
) -> int:
    """Show how the live pipelines differ from the processes bound to them.

    Each drift says whether it is new, still open or back again, going by earlier live readings,
    which are remembered. Accepted drift is listed apart and counts as none.
    """
    if context.invoked_subcommand is not None:
        if name or offline or since or form or exit_code:
            raise click.UsageError(f"leave the options before {context.invoked_subcommand} out")
        return 0
    app: App = context.obj
    processes = app.processes

    def find(account: Account) -> Found:
        reading = app.reading(account, offline=offline)
        with app.database() as db:
            found = find_drift(reading, processes, db, record=not offline)
        return found.only_new() if since else found

    found = each_account(app, name, find)
    _answer(app, found, form)
    tell_of_drafts(app.output, processes, app.accounts(name))
    drifting = any(each.sifted.open for each in found.good)
    return found.exit_code(done=DRIFT_FOUND if exit_code and drifting else 0)


def _answer(app: App, found: Answers[Found], form: str | None) -> None:
    if form != "junit":
        found.tell(app.output, drift_answer, form)
        return
    from connector.report.as_junit import to_junit

    # Bytes, because the document says it is UTF-8 wherever it is written to.
    click.echo(to_junit(_suite(app, each) for each in found.all), nl=False)


def _suite(app: App, found: Found | Failure) -> "Suite | FailedSuite":
    from connector.report.as_junit import FailedSuite
    from connector.report.drift_suite import drift_suite

    if isinstance(found, Failure):
        why = type(found.error).__name__
        return FailedSuite(found.account, datetime.now(UTC), why, str(found.error))
    reading = found.reading
    return drift_suite(
        found.sifted.open,
        reading.account,
        reading.remote,
        reading.pipelines,
        app.processes,
        reading.at,
        history_of(found),
    )
