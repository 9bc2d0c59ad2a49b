"""Options several commands share."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., object])


def _answer_in_json(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        context.obj.output = replace(context.obj.output, as_json=True)


json_option = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=_answer_in_json,
    help="Answer in JSON, as connector --json does.",
)


def format_option(command: Decorated) -> Decorated:
    """--format, and --json, which says the same as the one before the command."""
    form = click.option(
        "--format",
        "form",
        type=click.Choice(["text", "markdown", "json"]),
        help="How to answer; text without it, JSON with --json.",
    )
    return form(json_option(command))


account_option = click.option(
    "--account", "name", metavar="NAME", help="One account of config.toml; all without it."
)
offline_option = click.option(
    "--offline", is_flag=True, help="Ask the database instead of the CRM: the last pull."
)
