"""`connector process pin`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from connector.cli.app import App
from connector.errors import NotFound

if TYPE_CHECKING:
    from connector.jobs.pins import Proposal
    from connector.model import Pipeline


def _pairs(_: click.Context, option: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    if not all(key and stage_id for key, _, stage_id in pairs):
        raise click.BadParameter("say KEY=ID, such as meeting-booked=appointmentscheduled")
    return {key: stage_id for key, _, stage_id in pairs}


@click.command()
@click.argument("key")
@click.argument("account")
@click.argument("pipeline")
@click.option(
    "--stage",
    "named",
    multiple=True,
    metavar="KEY=ID",
    callback=_pairs,
    help="The live stage of one stage, by id; for each whose label differs.",
)
@click.option("--language", metavar="CODE", help="The language of the live labels.")
@click.option("--yes", is_flag=True, help="Write the pins without asking.")
@click.pass_obj
def pin(
    app: App,
    key: str,
    account: str,
    pipeline: str,
    named: Mapping[str, str],
    language: str | None,
    yes: bool,
) -> None:
    """Bind process KEY to a live PIPELINE, naming its stage ids as found by label.

    Where no label is the same, stages are paired in their order, won with won and lost with lost.
    Only in a pinned binding can labels be corrected and stages be created.
    """
    from connector.jobs.pins import propose_pins, write_pins
    from connector.jobs.processes import find_pipeline, find_process

    wanted = find_process(app.processes, key)
    live = find_pipeline(app.reading(app.account(account), offline=False), pipeline)
    spoken = language or wanted.language
    proposal = propose_pins(wanted, account, live, spoken, named)
    if not proposal.stages:
        raise NotFound(f"{live.label} has no stage that could be one of {key}")
    _show(app, proposal, live, spoken)
    app.confirm(f"Write these pins into {wanted.file}?", yes, "--yes")
    for edit in write_pins(wanted, account, live, spoken, proposal):
        app.output.say(str(edit))


def _show(app: App, proposal: "Proposal", pipeline: "Pipeline", language: str) -> None:
    from connector.report.clean import clean

    if proposal.by_order:
        app.output.say("No label is the same. Going by order and outcome alone:")
    labels = {stage.id: stage.label for stage in pipeline.stages}
    for key, stage_id in proposal.stages.items():
        click.echo(clean(f"{key} = {stage_id} ({labels[stage_id]})"))
    for missing in proposal.missing:
        why = "" if proposal.by_order else f" is called {missing.label_in(language)!r}"
        click.echo(f"{missing.key}: no live stage{why}; --stage {missing.key}=ID names one")
