"""Where words go: the answer to stdout, the talk to stderr."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from connector.report.document import Document


@dataclass(frozen=True, slots=True)
class Output:
    """How the user wants to be answered."""

    as_json: bool = False
    quiet: bool = False
    color: bool = True

    def answer(self, documents: Sequence["Document"], form: str | None = None) -> None:
        """Print documents as text, Markdown or JSON; --json is short for the last.

        JSON of several documents is an array of them, so that the answer stays one value.
        """
        written = [self._written(document, form) for document in documents]
        if self._json(form) and len(written) != 1:
            click.echo(f"[{','.join(written)}]", nl=False)
        else:
            click.echo("\n".join(written), nl=False, color=True)

    def table(self, document: "Document", name: str | None = None) -> None:
        """Print one table of a document as comma-separated values, the first one without a name."""
        from connector.report.as_csv import to_csv
        from connector.report.document import Table

        tables = {block.name: block for block in document.blocks if isinstance(block, Table)}
        chosen = tables.get(name) if name else next(iter(tables.values()), None)
        if chosen is None:
            known = ", ".join(tables) or "none"
            raise click.UsageError(f"this answer has no table {name or ''}; there is {known}")
        # As bytes, because a terminal's own line ends and encoding would spoil it.
        click.echo(to_csv(chosen).encode("utf-8"), nl=False)

    def is_kept(self, form: str | None) -> bool:
        """Whether the answer is for a program or a page, rather than for whoever is looking."""
        return form == "markdown" or self._json(form)

    def _json(self, form: str | None) -> bool:
        return form == "json" or (form is None and self.as_json)

    def _written(self, document: "Document", form: str | None) -> str:
        if self._json(form):
            from connector.report.as_json import to_json

            return to_json(document)
        if form == "markdown":
            from connector.report.as_markdown import to_markdown

            return to_markdown(document)
        from connector.report.as_text import PIPED_WIDTH, to_text

        if sys.stdout.isatty():
            return to_text(document, shutil.get_terminal_size().columns, self.color)
        return to_text(document, PIPED_WIDTH, color=False)

    def say(self, text: str) -> None:
        """Tell something besides the answer, in which a CRM's own words may stand."""
        if not self.quiet:
            _tell(text)


def complain(text: str) -> None:
    """Tell what went wrong, in which a CRM's own words may stand."""
    _tell(f"error: {text}")


def _tell(text: str) -> None:
    """Lines for stderr, so that nothing in them acts on a terminal."""
    for line in text.split("\n"):
        click.echo(line if line.isprintable() else _cleaned(line), err=True)


def _cleaned(line: str) -> str:
    from connector.report.clean import clean  # brings every report along, and is seldom needed

    return clean(line)
