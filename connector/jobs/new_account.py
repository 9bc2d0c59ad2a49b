"""A new account in words: where its keys live, and the config.toml that names it."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import ClassVar

from connector.config.secret import FromCommand, FromEnvironment, FromFile
from connector.model import Remote
from connector.tomlfile import literal

DATABASE, MAPPINGS = "connector.db", "mappings"
LANGUAGES = ("nb", "sv", "fi", "en")

_COLUMN = 39
_LANGUAGES = {"Europe/Oslo": "nb", "Europe/Stockholm": "sv", "Europe/Helsinki": "fi"}


class Home(StrEnum):
    """Where a key can live; never in config.toml."""

    FILE = "file"
    ENV = "env"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where one key lives: in the file, variable or command called `name`."""

    home: Home
    name: str

    def toml(self) -> str:
        """The place as config.toml says it."""
        named = tuple(shlex.split(self.name)) if self.home is Home.COMMAND else self.name
        return literal({self.home.value: named})

    def origin(
        self, folder: Path, env: Mapping[str, str]
    ) -> FromEnvironment | FromFile | FromCommand:
        """The place itself, for a config.toml in `folder`."""
        match self.home:
            case Home.ENV:
                return FromEnvironment(self.name, env)
            case Home.FILE:
                return FromFile(folder / Path(self.name).expanduser())
            case Home.COMMAND:
                return FromCommand(tuple(shlex.split(self.name)))


@dataclass(frozen=True, slots=True)
class PortalKeys:
    """The keys of a HubSpot portal: one for reading, and perhaps one for writing."""

    token: KeyPlace
    write_token: KeyPlace | None = None
    crm: ClassVar[str] = "HubSpot"
    place: ClassVar[str] = "portal"

    def lines(self) -> Iterator[str]:
        """The keys as config.toml says them."""
        yield from _where_keys_live("hubspot")
        yield f"token = {self.token.toml()}"
        yield "# Only `connector apply` uses this one, so that reading can do without writing."
        if self.write_token:
            yield f"write_token = {self.write_token.toml()}"
        else:
            yield '# write_token = { env = "HUBSPOT_WRITE_TOKEN" }'


@dataclass(frozen=True, slots=True)
class UsersKey:
    """The key of a Nutshell user, and what no API of Nutshell's tells (2026-11)."""

    user: str
    key: KeyPlace
    time_zone: str
    currency: str
    crm: ClassVar[str] = "Nutshell"
    place: ClassVar[str] = "instance"

    def lines(self) -> Iterator[str]:
        """The key as config.toml says it."""
        yield _taught("user", self.user, "the key sees what this user sees")
        yield from _where_keys_live("nutshell")
        yield f"key = {self.key.toml()}"
        yield _taught("time_zone", self.time_zone, "Nutshell does not tell this,")
        yield _taught("currency", self.currency, "nor this")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as config.toml will name it; `night` is when its job begins by its own clock."""

    name: str
    remote: Remote
    keys: PortalKeys | UsersKey
    base_url: str | None = None
    night: str | None = None

    def config_text(self) -> str:
        """A config.toml that teaches its reader what can be written there."""
        return "\n".join(chain(self._head(), self._account(), self._job())) + "\n"

    def account_text(self) -> str:
        """Its table alone, for a config.toml that is there."""
        return "\n".join(self._account()).strip()

    def _head(self) -> Iterator[str]:
        yield "# What connector works with. `connector doctor` tells whether it is in order."
        yield "# Paths are relative to this file. A key connector does not know is a fault."
        yield ""
        yield "version = 1"
        yield _taught("database", DATABASE, "everything connector remembers, in one file")
        yield _taught("mappings", MAPPINGS, "the folder of your sales processes")

    def _account(self) -> Iterator[str]:
        yield ""
        yield f"{f'[accounts.{self.name}]':<{_COLUMN}}# your own name for the account"
        yield f"crm = {literal(self.remote.crm)}"
        yield from self.keys.lines()
        yield _taught("account_id", self.remote.id, f"refuse every other {self.keys.place}")
        if self.base_url:
            real = f"on this machine; without it: {self.keys.crm}"
            yield _taught("base_url", self.base_url, real)

    def _job(self) -> Iterator[str]:
        if self.night:
            yield ""
            yield f"{'[[jobs]]':<{_COLUMN}}# what `connector run` does every night"
            yield 'name = "nightly"'
            yield _taught("at", self.night, "once every date, also when clocks change")
            yield f"timezone = {literal(self.remote.time_zone)}"
            yield 'do = ["pull", "drift", "report"]'


def _where_keys_live(crm: str) -> Iterator[str]:
    yield "# Keys never stand in this file; it only says where they live:"
    yield f'#   {{ env = "NAME" }}, {{ file = "path" }} or {{ command = ["pass", "{crm}"] }}'


def _taught(key: str, value: str, lesson: str) -> str:
    return f"{f'{key} = {literal(value)}':<{_COLUMN}}# {lesson}"


def name_of(remote: Remote) -> str:
    """A name for an account, from the first word of the CRM's that has letters a key may have."""
    words = re.findall("[a-z0-9]+", remote.name.casefold())
    return next((word for word in words if not word.isdigit()), remote.crm)


def language_of(remote: Remote) -> str:
    """The language its stages are probably called in, going by the account's time zone."""
    return _LANGUAGES.get(remote.time_zone, "en")
