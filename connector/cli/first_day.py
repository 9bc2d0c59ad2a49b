"""The questions of `connector init`, in their order, and what follows from the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from connector.cli.app import App
from connector.cli.asking import Asking
from connector.cli.keys import FOR_READING, FOR_WRITING, Held, KeyDesk
from connector.config import account_name, loopback_url, time_of_day
from connector.crm.hubspot import connect
from connector.errors import WrongAccount
from connector.jobs.first_day import new_processes, write_first_day
from connector.jobs.new_account import (
    LANGUAGES,
    Home,
    KeyPlace,
    NewAccount,
    language_of,
    name_of,
)
from connector.model import Pipeline, Process, Remote
from connector.report.clean import clean

_GREETING = """\
This connects a CRM account: it asks, then writes config.toml and process files. Nothing is written
to the CRM, and no file before all questions are answered; Ctrl-C leaves everything as it was."""


@dataclass(frozen=True, slots=True)
class Given:
    """The answers given by options; None is asked for."""

    crm: str | None
    token: KeyPlace | None
    write_token: KeyPlace | None
    account_id: str | None
    name: str | None
    language: str | None
    night: str | None
    no_night: bool
    want_pull: bool | None
    base_url: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """What a first day left: its config.toml, and the environment with keys that were pasted."""

    config: Path
    env: Mapping[str, str]
    unset: tuple[str, ...]


class FirstDay:
    """Asks for what the options leave open, and writes the answers down."""

    def __init__(self, app: App, given: Given):
        self._output = app.output
        self._asking = Asking(app.may_ask)
        self._env = app.env
        self._config = app.config_path
        self._given = given

    def prepare(self) -> Written:
        """Ask everything, then write config.toml, keys and process files."""
        given, asking = self._given, self._asking
        self._output.say(_GREETING)
        config = self._free_config()
        base_url = asking.text("Address", "--base-url", given.base_url, "", _address) or None
        asking.choice("Which CRM", "--crm", given.crm, ["hubspot"], "hubspot")
        desk = KeyDesk(asking, self._output, config.parent, self._env, base_url)
        reading = desk.ask(FOR_READING, given.token)
        pipelines = connect(reading.token, base_url=base_url).pipelines()
        self._confirm(reading.opens.remote, pipelines)
        writing = self._writing_key(desk, reading.opens.remote)
        account = self._account(reading, writing, base_url)
        language = self._language(reading.opens.remote)
        folder = config.parent / "mappings"
        processes = new_processes(pipelines, account.name, language, folder)
        held = [key for key in (reading, writing) if key]
        write_first_day(config, account, processes, _to_be_kept(held, config.parent))
        self._say_what_was_written(config, processes, held)
        pasted = {k.place.name: k.token for k in held if k.pasted and k.place.home is Home.ENV}
        return Written(config, {**self._env, **pasted}, tuple(pasted))
