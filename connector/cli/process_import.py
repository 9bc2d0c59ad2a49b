"""`connector process import`."""

from collections.abc import Sequence
from pathlib import Path

import click

from connector.cli.app import App
from connector.cli.each import PARTLY_DONE
from connector.cli.output import complain
from connector.errors import FileFaults
from connector.model import Pipeline, PipelineState, Process


@click.command("import")
@click.argument("account")
@click.argument("pipeline", required=False)
@click.option("--all", "every", is_flag=True, help="Every pipeline that has no process yet.")
@click.option(
    "--into", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to."
)
@click.option("--key", help="The process's key; made from the pipeline's label without it.")
@click.option("--language", default="en", show_default=True, help="The language of its labels.")
@click.pass_obj
def import_process(
    app: App,
    account: str,
    pipeline: str | None,
    every: bool,
    into: Path | None,
    key: str | None,
    language: str,
) -> int:
    """Write process files from the live PIPELINE (id or label) of an ACCOUNT, pins included.

    --all leaves out drafts and retired pipelines, which some CRMs have.

    Afterwards there is no drift; edit the file to say what the process should be instead.
    """
    from connector.jobs.processes import find_pipeline, import_live

    if every == (pipeline is not None) or (every and (into or key)):
        raise click.UsageError("name one PIPELINE, with --into and --key if you like, or say --all")
    if pipeline is None:
        return _import_all(app, account, language)
    live = find_pipeline(app.reading(app.account(account), offline=False), pipeline)
    _tell(app, import_live(live, account, language, app.config.mappings, into, key))
    app.output.say("1 imported. Next: connector drift")
    return 0


def _import_all(app: App, account: str, language: str) -> int:
    from connector.jobs.first_day import new_processes

    live = app.reading(app.account(account), offline=False).pipelines
    if not live:
        app.output.say(f"{account} has no live pipelines; there is nothing to import")
        return 0
    made = new_processes(live, account, language, app.config.mappings)
    _tell_idle(app, live)
    written = _write_each(app, made)
    app.output.say(f"{written} imported. Next: connector drift")
    if written == len(made):
        return 0
    return PARTLY_DONE if written else FileFaults.exit_code


def _tell_idle(app: App, live: Sequence[Pipeline]) -> None:
    from connector.report.clean import clean

    for pipeline in live:
        if pipeline.state is not PipelineState.ACTIVE:
            left_out = f"{pipeline.label} ({pipeline.state}) was left out"
            app.output.say(clean(f"{left_out}; to import it, name it: {pipeline.id}"))


def _write_each(app: App, processes: Sequence[Process]) -> int:
    """Write the files of processes, however many of them fail; returns how many there are now."""
    from connector.process import write_process

    written = 0
    app.config.mappings.mkdir(parents=True, exist_ok=True)
    for process in processes:
        try:
            write_process(process, Path(process.file))
        except FileFaults as error:
            complain(str(error))
        else:
            written += 1
            _tell(app, process)
    return written


def _tell(app: App, process: Process) -> None:
    from connector.report.clean import clean

    app.output.say(clean(f"{process.label}: wrote {process.file}"))
    if not process.active:
        app.output.say(clean(f"  It is a draft. {process.note}"))
