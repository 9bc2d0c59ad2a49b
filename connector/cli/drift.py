"""`connector drift`."""

import click

from connector.cli.app import App
from connector.cli.options import account_option, format_option, offline_option
from connector.report import drift_document

DRIFT_FOUND = 3


@click.command()
@account_option
@offline_option
@format_option
@click.option("--exit-code", is_flag=True, help=f"End with {DRIFT_FOUND} where there is drift.")
@click.pass_obj
def drift(app: App, name: str | None, offline: bool, form: str | None, exit_code: bool) -> int:
    """Show how the live pipelines differ from the processes bound to them."""
    readings = [app.reading(account, offline=offline) for account in app.accounts(name)]
    found = [reading.drift(app.processes) for reading in readings]
    app.output.answer(
        [
            drift_document(drifts, each.account, each.remote, each.pipelines, each.at)
            for drifts, each in zip(found, readings, strict=True)
        ],
        form,
    )
    return DRIFT_FOUND if exit_code and any(found) else 0
