"""Where words go: the answer to stdout, the talk to stderr."""

import shutil
import sys
from dataclasses import dataclass

import click

from connector.report.document import Document


@dataclass(frozen=True, slots=True)
class Output:
    """How the user wants to be answered."""

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool = True

    def answer(self, document: Document, form: str | None = None) -> None:
        """Print a document as text, Markdown or JSON; --json is short for the last."""
        click.echo(self.written(document, form), color=True)

    def written(self, document: Document, form: str | None = None) -> str:
        """The document in the form asked for."""
        from connector.report import PIPED_WIDTH, to_json, to_markdown, to_text

        match form or ("json" if self.as_json else "text"):
            case "json":
                return to_json(document)
            case "markdown":
                return to_markdown(document)
            case _ if sys.stdout.isatty():
                return to_text(document, shutil.get_terminal_size().columns, self.color)
            case _:
                return to_text(document, PIPED_WIDTH, color=False)

    def say(self, text: str) -> None:
        """Tell something besides the answer."""
        if not self.quiet:
            click.echo(text, err=True)
