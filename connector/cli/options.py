"""Options several commands share."""

import click

account_option = click.option(
    "--account", "name", metavar="NAME", help="An account of config.toml; all, or the only one."
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    help="How to answer; text without it, JSON with --json.",
)
offline_option = click.option(
    "--offline", is_flag=True, help="Ask the database instead of the CRM: the last pull."
)
