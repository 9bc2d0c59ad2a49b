"""`connector db stats`."""

import click

from connector.cli.app import App
from connector.cli.options import format_option
from connector.report.document import Column, Count, Document, Fact, Table
from connector.store import history
from connector.store.history import AccountStats

_ACCOUNTS = (
    Column("account", "Account"),
    Column("deals", "Deals"),
    Column("archived", "Archived"),
    Column("merged", "Merged"),
    Column("changes", "Changes"),
    Column("visits", "Visits"),
    Column("pulls", "Pulls"),
    Column("stages", "Stages"),
    Column("quarantined", "Set aside"),
)
_CHANGES = (Column("account", "Account"), Column("field", "Field"), Column("changes", "Changes"))


@click.command()
@format_option
@click.pass_obj
def stats(app: App, form: str | None) -> None:
    """Count what the database holds, by account."""
    with app.database() as db:
        found = history.stats(db)
    app.output.answer([_document(found, str(app.config.database))], form)


def _document(found: tuple[AccountStats, ...], file: str) -> Document:
    changes = tuple(
        (each.account, field, Count(number))
        for each in found
        for field, number in each.changes.items()
    )
    empty = "Nothing yet. Run: connector pull"
    return Document(
        name="db-stats",
        version=1,
        title="What the database holds",
        facts=(Fact("database", "Database", file),),
        blocks=(
            Table("accounts", _ACCOUNTS, tuple(map(_row, found)), empty=empty),
            Table("changes", _CHANGES, changes, "Changes by field"),
        ),
    )


def _row(each: AccountStats) -> tuple[str | Count, ...]:
    return (
        each.account,
        Count(each.live),
        Count(each.archived),
        Count(each.merged),
        Count(sum(each.changes.values())),
        Count(each.visits),
        Count(each.pulls),
        Count(each.stages),
        Count(each.quarantined),
    )
