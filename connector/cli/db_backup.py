"""`connector db backup`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from connector.cli.app import App
from connector.errors import NotFound
from connector.store.backup import back_up


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def backup(app: App, file: Path | None) -> None:
    """Copy the database to FILE, or to a file named after the time in a folder or beside it.

    The copy is whole while other runs go on. It is proved before it gets its name and never
    replaces a file. docs/backup.md says how to restore one.
    """
    database = app.config.database
    if not database.exists():
        raise NotFound(f"{database}: there is no database yet. Run: connector pull")
    copy = _named(file or database.parent, database)
    with app.database() as db:
        size = back_up(db, copy)
    app.output.say(f"{copy}: {size / 1e6:,.1f} MB, whole")


def _named(to: Path, database: Path) -> Path:
    if not to.is_dir():
        return to
    return to / f"{database.stem}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{database.suffix}"
