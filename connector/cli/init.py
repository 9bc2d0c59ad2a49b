"""`connector init`."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from connector.cli.app import App
from connector.cli.asking import checked
from connector.cli.drift import drift
from connector.cli.entrances import GivenKeys
from connector.cli.first_day import CRMS, FirstDay, Given
from connector.cli.keys import KEY_PLACE
from connector.cli.pull import pull
from connector.config.values import currency, loopback_url, time_of_day, time_zone
from connector.jobs.new_account import LANGUAGES


def _fits(check: Callable[[str], str]) -> Callable[..., str | None]:
    """An option's text as `check` has it, whatever else is asked or left out."""
    return lambda context, option, text: text and checked(check, text)


@click.command()
@click.option("--crm", type=click.Choice(CRMS), help="Which CRM.")
@click.option(
    "--token",
    type=KEY_PLACE,
    metavar="PLACE",
    help="HubSpot: where the key for reading lives: file:PATH, env:NAME or command:LINE.",
)
@click.option(
    "--write-token",
    type=KEY_PLACE,
    metavar="PLACE",
    help="HubSpot: where the key for writing lives.",
)
@click.option("--user", metavar="EMAIL", help="Nutshell: the user whom connector acts as.")
@click.option(
    "--key", type=KEY_PLACE, metavar="PLACE", help="Nutshell: where that user's key lives."
)
@click.option(
    "--time-zone",
    metavar="NAME",
    callback=_fits(time_zone),
    help="Nutshell: the time zone of its days, like Europe/Oslo.",
)
@click.option(
    "--currency", metavar="CODE", callback=_fits(currency), help="Nutshell: the currency of leads."
)
@click.option("--account-id", metavar="ID", help="The account it must be; no need to confirm it.")
@click.option("--name", metavar="NAME", help="Your own name for the account.")
@click.option("--language", type=click.Choice(LANGUAGES), help="The language of the stages.")
@click.option(
    "--night",
    metavar="HH:MM",
    callback=_fits(time_of_day),
    help="When the night job begins, by the account's clock.",
)
@click.option("--no-night", is_flag=True, help="No night job.")
@click.option("--pull/--no-pull", "want_pull", default=None, help="Read everything right away.")
@click.option(
    "--base-url",
    metavar="URL",
    callback=_fits(loopback_url),
    help="A sandbox on this machine instead of the CRM.",
)
@click.pass_context
def init(context: click.Context, /, **options: Any) -> int:
    """Connect an account: a key, config.toml, process files, a first pull and a first drift.

    Asks for everything on a terminal. What an option says is not asked for; with --no-input the
    other questions take the answer shown in brackets. Writes nothing to the CRM, and overwrites no
    file.
    """
    if options["night"] and options["no_night"]:
        raise click.UsageError("say --night or --no-night, not both")
    app: App = context.obj
    keys = GivenKeys(**{field.name: options.pop(field.name) for field in fields(GivenKeys)})
    day = FirstDay(app, Given(keys=keys, **options))
    written = day.prepare()
    context.obj = App(written.config, app.output, may_ask=app.may_ask, env=written.env)
    code = 0
    if day.wants_pull():
        code = context.invoke(pull) or context.invoke(drift)
    day.say_what_next(written)
    return code
