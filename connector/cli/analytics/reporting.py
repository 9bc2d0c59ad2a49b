"""What every report of the history is asked with, and how it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import click

from connector.cli.app import App
from connector.cli.each import PARTLY_DONE
from connector.cli.instants import INSTANT
from connector.cli.options import account_option, json_option
from connector.cli.output import complain

if TYPE_CHECKING:
    from sqlite_utils import Database

    from connector.jobs.analytics.scope import Frame
    from connector.report.analytics.head import Head
    from connector.report.document import Document

Result = TypeVar("Result")


class Zone(click.ParamType[ZoneInfo]):
    """A time zone by its name."""

    name = "zone"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> ZoneInfo:
        """Find a zone, or say what one looks like."""
        try:
            return ZoneInfo(str(value))
        except (KeyError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone, such as Europe/Oslo", param, ctx)


_OPTIONS = (
    account_option,
    click.option("--pipeline", metavar="KEY", help="One process or pipeline id; all without it."),
    click.option(
        "--as-of",
        type=INSTANT,
        metavar="INSTANT",
        help="As the history stood just before: 2026-03-31 or 2026-03-31T12:00:00Z."
        " The last pull without it.",
    ),
    click.option("--period", metavar="NAME", help="2026, 2026H1, 2026Q3, 2026-07 or 2026W31."),
    click.option("--from", "start", type=INSTANT, metavar="INSTANT", help="Its first instant."),
    click.option(
        "--to", "end", type=INSTANT, metavar="INSTANT", help="The instant it ends before."
    ),
    click.option(
        "--compare",
        type=click.Choice(["previous", "last-year"]),
        help="Beside the period before, or the one a year ago.",
    ),
    click.option(
        "--timezone",
        "zone",
        type=Zone(),
        metavar="ZONE",
        help="Whose days; the first account's without it.",
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", "markdown", "json", "csv"]),
        help="How to answer; text without it, JSON with --json.",
    ),
    click.option(
        "--table", metavar="NAME", help="With --format csv: which table; the first without it."
    ),
    json_option,
)


_FRAME = ("pipeline", "as_of", "period", "start", "end", "compare", "zone")


@dataclass(frozen=True, slots=True)
class Question:
    """One report as it was asked on the command line."""

    app: App
    name: str | None
    form: str | None
    table: str | None
    asked: dict[str, Any]

    def look(
        self, read: "Callable[[Frame, Database], Result]", people: bool = False
    ) -> "Looked[Result]":
        """Read from the database, in the frame that was asked for; adoption by `people` too."""
        from connector.jobs.analytics.head import read_head
        from connector.jobs.analytics.scope import Asked, frame

        app = self.app
        with app.database() as db:
            try:
                asked = Asked(accounts=app.accounts(self.name), **self.asked)
                laid = frame(app.config, app.processes, db, asked)
            except ValueError as fault:
                raise click.UsageError(str(fault)) from fault
            return Looked(read_head(laid, db, people), read(laid, db))

    def stands_alone(self, report: str) -> None:
        """Refuse --compare where a report has nothing to set beside itself."""
        if self.asked["compare"]:
            raise click.UsageError(f"{report} compares nothing; leave --compare out")

    def tell(self, looked: "Looked[Result]", document: "Callable[[Head, Result], Document]") -> int:
        """Print the document, and end with 5 where accounts are missing in it."""
        answer = document(looked.head, looked.result)
        if self.form == "csv":
            self.app.output.table(answer, self.table)
        else:
            self.app.output.answer([answer], self.form)
        missing = looked.head.unpulled
        for name in missing:
            complain(f"{name} was never pulled and is missing here. Run: connector pull")
        return PARTLY_DONE if missing else 0

    def answer(
        self,
        read: "Callable[[Frame, Database], Result]",
        document: "Callable[[Head, Result], Document]",
        people: bool = False,
    ) -> int:
        """Read and print at once, as most reports do."""
        return self.tell(self.look(read, people), document)


@dataclass(frozen=True, slots=True)
class Looked(Generic[Result]):
    """What a report came to, and the head that stands above it."""

    head: "Head"
    result: Result


def by_option(*ways: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """--by, for a report that can be split in these ways."""
    return click.option("--by", type=click.Choice(ways), help="Split it.")


def report_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options all reports share, handed to the command as one `Question`."""

    @wraps(command)
    @click.pass_obj
    def asked(
        app: App, /, name: str | None, form: str | None, table: str | None, **rest: Any
    ) -> int:
        if table and form != "csv":
            raise click.UsageError("--table is for --format csv")
        frame = {key: rest.pop(key) for key in _FRAME}
        return command(Question(app, name, form, table, frame), **rest)

    for option in reversed(_OPTIONS):
        asked = option(asked)
    return asked
