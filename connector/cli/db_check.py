"""`connector db check`."""

import click

from connector.cli.app import App
from connector.cli.options import format_option
from connector.report.document import Column, CrmText, Document, Fact, Table
from connector.store import check as store_check

BREACHED = 1

_BREACHES = (Column("rule", "Rule"), Column("where", "Where"), Column("message", "What is wrong"))


@click.command()
@format_option
@click.pass_obj
def check(app: App, form: str | None) -> int:
    """Prove that the database fits together, and name what does not; ends with 1 where it does not.

    Visits tile each deal's life, the last change of a field is the deal's present value, no stay is
    negative, each pipeline has one live version, and SQLite finds the file whole.
    """
    with app.database() as db:
        breaches = store_check.check(db)
    rows = tuple((each.rule, CrmText(each.where), each.message) for each in breaches)
    document = Document(
        name="db-check",
        version=1,
        title="Database check",
        facts=(Fact("database", "Database", str(app.config.database)),),
        blocks=(Table("breaches", _BREACHES, rows, empty="Everything holds."),),
    )
    app.output.answer([document], form)
    return BREACHED if breaches else 0
