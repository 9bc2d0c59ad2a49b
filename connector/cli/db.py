"""`connector db`: look after the database."""

import click

from connector.cli.lazy import LazyGroup

_COMMANDS = {
    "stats": ("connector.cli.db_stats:stats", "Count what the database holds."),
    "backup": ("connector.cli.db_backup:backup", "Copy it, whole, while other runs go on."),
    "check": ("connector.cli.db_check:check", "Prove that what it holds fits together."),
}


@click.group(cls=LazyGroup, places=_COMMANDS)
def db() -> None:
    """Look after the database: one SQLite file, which any SQLite tool opens."""
