"""`connector process`: the process files in mappings/."""

import click

from connector.cli.app import App
from connector.cli.options import format_option
from connector.cli.process_import import import_process
from connector.errors import NotFound

@click.group()
def process() -> None:
    """List, check, import and edit process files."""


process.add_command(import_process)


@process.command("list")
@format_option
@click.pass_obj
def list_processes(app: App, form: str | None) -> None:
    """List the processes and the pipelines they stand for."""
    from connector.report import processes_document

    app.output.answer([processes_document(app.processes)], form)


@process.command()
@click.argument("key")
@click.option("--language", metavar="CODE", help="Show labels in this language.")
@format_option
@click.pass_obj
def show(app: App, key: str, language: str | None, form: str | None) -> None:
    """Show one process, stage by stage."""
    from connector.jobs.processes import find_process
    from connector.report import process_document

    found = find_process(app.processes, key)
    app.output.answer([process_document(found, language or found.language)], form)


@process.command()
@click.pass_obj
def check(app: App) -> None:
    """Check every process file, and that each fits the accounts it is bound to."""
    app.output.say(f"{len(app.processes)} process files in {app.config.mappings}: no faults")


@process.command()
@click.argument("key")
@click.argument("account")
@click.argument("pipeline")
@click.option("--language", metavar="CODE", help="The language of the live labels.")
@click.option("--yes", is_flag=True, help="Write the pins without asking.")
@click.pass_obj
def pin(app: App, key: str, account: str, pipeline: str, language: str | None, yes: bool) -> None:
    """Bind process KEY to a live PIPELINE, naming its stage ids as found by label.

    Only in a pinned binding can labels be corrected and stages be created.
    """
    from connector.jobs.processes import find_pipeline, find_process, propose_pins, write_pins

    wanted = find_process(app.processes, key)
    live = find_pipeline(app.reading(app.account(account), offline=False), pipeline)
    spoken = language or wanted.language
    proposal = propose_pins(wanted, account, live, spoken)
    for stage_key, stage_id in proposal.stages.items():
        click.echo(f"{stage_key} = {stage_id}")
    for missing in proposal.missing:
        click.echo(f"{missing.key}: no live stage is called {missing.label_in(spoken)!r}")
    if not proposal.stages:
        raise NotFound(f"no stage of {live.label} has a label of {key} in {spoken!r}")
    app.confirm(f"Write these pins into {wanted.file}?", yes, "--yes")
    for edit in write_pins(wanted, account, live, spoken, proposal):
        app.output.say(str(edit))


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
