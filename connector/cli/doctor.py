"""`connector doctor`."""

import shutil
from datetime import UTC, datetime

import click

from connector.cli.app import App
from connector.cli.options import format_option
from connector.errors import ConnectorError, NotAuthorised
from connector.jobs.doctor import examine
from connector.jobs.machine import Machine
from connector.report.doctor import doctor_document
from connector.report.findings import NOT_AUTHORISED, Finding, Level


@click.command()
@format_option
@click.pass_obj
def doctor(app: App, form: str | None) -> int:
    """Look at everything connector needs and say how to mend what is not in order.

    Changes nothing. A broken configuration does not stop it: what has no fault is looked at all the
    same. Ends with 1 where there is a problem, and with 4 where a key is refused or lacks a scope.
    """
    machine = Machine(lambda: datetime.now(UTC), lambda path: shutil.disk_usage(path).free)
    findings = tuple(examine(app.config_path, app.env, machine))
    app.output.answer([doctor_document(findings, str(app.config_path))], form)
    return _exit_code(findings)


def _exit_code(findings: tuple[Finding, ...]) -> int:
    problems = {each.code for each in findings if each.level is Level.PROBLEM}
    if problems & NOT_AUTHORISED:
        return NotAuthorised.exit_code
    return ConnectorError.exit_code if problems else 0
