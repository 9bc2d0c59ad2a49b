"""`connector process start`."""

from pathlib import Path

import click

from connector.cli.app import App


@click.command()
@click.argument("key", required=False)
@click.option(
    "--into", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to."
)
@click.pass_obj
def start(app: App, key: str | None, into: Path | None) -> None:
    """Copy a process that comes with connector, to start from; without KEY list what there is."""
    from connector.jobs.processes import find_process, start_from
    from connector.process import load_processes, starters

    there = load_processes(starters())
    if key is None:
        for each in there:
            click.echo(f"{each.key}: {each.label}, {len(each.stages)} stages")
        return
    path = into or app.config.mappings / f"{key}.toml"
    start_from(find_process(there, key), path)
    app.output.say(f"wrote {path}. Next: connector process pin {key} ACCOUNT PIPELINE")
