"""`connector process`: the process files in mappings/."""

from dataclasses import replace
from pathlib import Path

import click

from connector.cli.app import App
from connector.cli.options import format_option
from connector.cli.process_import import import_process
from connector.cli.process_pin import pin
from connector.cli.process_start import start
from connector.errors import NotFound
from connector.model import Process


@click.group()
def process() -> None:
    """Start, list, check, import and edit process files."""


for _command in (start, import_process, pin):
    process.add_command(_command)


@process.command("list")
@format_option
@click.pass_obj
def list_processes(app: App, form: str | None) -> None:
    """List the processes and the pipelines they stand for."""
    from connector.report.processes import processes_document

    app.output.answer([processes_document([_from_here(each) for each in app.processes])], form)


@process.command()
@click.argument("key")
@click.option("--language", metavar="CODE", help="Show labels in this language.")
@format_option
@click.pass_obj
def show(app: App, key: str, language: str | None, form: str | None) -> None:
    """Show one process, stage by stage."""
    from connector.jobs.processes import find_process
    from connector.report.processes import process_document

    found = find_process(app.processes, key)
    app.output.answer([process_document(_from_here(found), language or found.language)], form)


def _from_here(process: Process) -> Process:
    """A process that names its file as people would, from the working folder if below it."""
    file, here = Path(process.file).absolute(), Path.cwd()
    return replace(process, file=str(file.relative_to(here) if file.is_relative_to(here) else file))


@process.command()
@click.pass_obj
def check(app: App) -> None:
    """Check every process file, and that each fits the accounts it is bound to."""
    number = len(app.processes)
    files = "process file" if number == 1 else "process files"
    app.output.say(f"{number} {files} in {app.config.mappings}: no faults")


@process.command()
@click.argument("drift")
@click.pass_obj
def adopt(app: App, drift: str) -> None:
    """Take the live value of a DRIFT, by its id as `connector drift` shows it, into the file."""
    from connector.jobs.processes import adopt as adopt_drift

    reading = app.reading(app.account(drift.partition(":")[0]), offline=False)
    found = {each.id: each for each in reading.drift(app.processes)}
    if drift not in found:
        raise NotFound(f"no drift {drift!r} now; connector drift lists those there are")
    for edit in adopt_drift(found[drift], app.processes, reading):
        app.output.say(str(edit))


@process.command()
@click.option("--config", "of_config", is_flag=True, help="Of config.toml instead.")
def schema(of_config: bool) -> None:
    """Print the JSON Schema of process files, for editors."""
    import json

    from connector.config import schema as config_schema
    from connector.process import schema as process_schema

    click.echo(json.dumps(config_schema() if of_config else process_schema(), indent=2))
