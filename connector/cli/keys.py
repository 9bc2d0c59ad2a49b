"""Asking for a key: where it lives, what it must open, and whether it does."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from connector.cli.asking import Asking, checked
from connector.cli.output import Output, complain
from connector.config import Secret
from connector.config.secret import FromCommand, FromEnvironment, FromFile
from connector.crm.hubspot.needs import Need
from connector.crm.hubspot.scopes import READING, WRITING, Key, inspect
from connector.errors import ConnectorError, NotAuthorised
from connector.jobs.first_day import is_ours
from connector.jobs.new_account import Home, KeyPlace

_PLACES = """
Where should it live? Never in config.toml, which only says where.
  file      a file that only you can read; init can write it (mode 0600)
  env       an environment variable
  command   what prints it, such as a password manager: pass hubspot"""
_QUESTION = {Home.FILE: "File", Home.ENV: "Environment variable", Home.COMMAND: "Command"}


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a key is for: its option, what it needs, where it would live, what HubSpot is told."""

    flag: str
    needs: tuple[Need, ...]
    names: Mapping[Home, str]
    lesson: str


FOR_READING = Purpose(
    "--token",
    READING,
    {Home.FILE: "secrets/hubspot", Home.ENV: "HUBSPOT_TOKEN", Home.COMMAND: "pass hubspot"},
    """\
connector reads with a service key. Make one in HubSpot under Development > Keys, with just
  crm.objects.deals.read     deals, their history and their pipelines
  crm.objects.owners.read    the people deals belong to
Since 2026-10-26 no new private app can be made; the key of an old one works too.""",
)
FOR_WRITING = Purpose(
    "--write-token",
    WRITING,
    {
        Home.FILE: "secrets/hubspot-write",
        Home.ENV: "HUBSPOT_WRITE_TOKEN",
        Home.COMMAND: "pass hubspot-write",
    },
    """\
For writing make a second key, which only connector apply uses, with just
  crm.schemas.deals.write    labels and probabilities of stages
  crm.schemas.deals.read     to read them back""",
)


@dataclass(frozen=True, slots=True)
class Held:
    """A key that opens what it must, where it lives, and whether it is still to be put there."""

    place: KeyPlace
    token: str = field(repr=False)
    pasted: bool
    opens: Key

    @property
    def in_environment(self) -> bool:
        """Whether it is known to this run only, as the variable it belongs into is not set."""
        return self.pasted and self.place.home is Home.ENV


class KeyPlaceType(click.ParamType[KeyPlace]):
    """HOME:NAME, such as file:secrets/hubspot."""

    name = "place"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> KeyPlace:
        """Read a place, or say what one looks like without repeating what may be a key."""
        home, _, name = str(value).partition(":")
        if home not in set(Home) or not name:
            self.fail("say where the key lives: file:PATH, env:NAME or command:LINE", param, ctx)
        try:
            return KeyPlace(Home(home), named(Home(home), name))
        except ValueError as error:
            self.fail(str(error), param, ctx)


KEY_PLACE = KeyPlaceType()


class KeyDesk:
    """Asks for the keys of the file `config`; `base_url` None is the real HubSpot."""

    def __init__(
        self,
        asking: Asking,
        output: Output,
        config: Path,
        env: Mapping[str, str],
        base_url: str | None,
    ):
        self._asking = asking
        self._output = output
        self._config = config
        self._folder = config.parent
        self._env = env
        self._base_url = base_url
        self._places: set[KeyPlace] = set()

    def ask(self, purpose: Purpose, given: KeyPlace | None) -> Held:
        """A key that opens all it is for; asked for again until it does, where somebody is there.

        Raises `NotAuthorised`, naming the missing scopes, where nobody is.
        """
        self._output.say(f"\n{purpose.lesson}")
        place = given or self._place(purpose)
        checked(lambda name: self._not_ours(place.home, name), place.name)
        if place in self._places:
            raise click.UsageError(f"{purpose.flag}: the other key lives there; keep them apart")
        self._places.add(place)
        pasted = self._pasted(place)
        while True:
            try:
                token = self._kept(place) if pasted is None else pasted
                return Held(place, token, pasted is not None, self._opened(token, purpose))
            except ConnectorError as error:
                if not self._asking.may_ask:
                    raise
                complain(str(error))
                pasted = self._again(place, pasted)

    def _place(self, purpose: Purpose) -> KeyPlace:
        if not self._asking.may_ask:
            raise click.UsageError(
                f"nobody to ask here: say where the key lives with {purpose.flag} file:PATH,"
                " env:NAME or command:LINE"
            )
        self._output.say(_PLACES)
        home = Home(
            self._asking.choice("Where", None, [str(home) for home in Home], str(Home.FILE))
        )
        name = self._asking.text(
            _QUESTION[home],
            purpose.flag,
            None,
            purpose.names[home],
            lambda answer: self._not_ours(home, named(home, answer)),
        )
        return KeyPlace(home, name)

    def _not_ours(self, home: Home, name: str) -> str:
        """The name of a place, if the key would not share its file with what init writes."""
        if home is Home.FILE and is_ours(self._folder / Path(name).expanduser(), self._config):
            raise ValueError(f"{name} is what connector writes itself; name a file for the key")
        return name

    def _pasted(self, place: KeyPlace) -> str | None:
        """The key as pasted, because its place has none yet."""
        if not self._asking.may_ask or not _is_free(place.origin(self._folder, self._env)):
            return None
        return self._asking.hidden("Paste the key (it is not shown)")

    def _kept(self, place: KeyPlace) -> str:
        """The key that its place has."""
        origin = place.origin(self._folder, self._env)
        token = Secret("the key", origin).reveal()
        self._output.say(f"The key is taken from {origin}.")
        if isinstance(origin, FromFile) and origin.open_to_others:
            self._output.say(
                f"Others on this machine have rights to it. Run: chmod 600 {origin.path}"
            )
        return token

    def _again(self, place: KeyPlace, pasted: str | None) -> str | None:
        if pasted is not None:
            question = "Paste another key, or press Enter to try this one again"
            return self._asking.hidden(question, "") or pasted
        origin = place.origin(self._folder, self._env)
        self._asking.hidden(f"Mend that in HubSpot or in the {origin}, then press Enter", "")
        return None

    def _opened(self, token: str, purpose: Purpose) -> Key:
        key = inspect(token, purpose.needs, self._base_url)
        if key.missing:
            lacking = ", ".join(need[0] for need in key.missing)
            raise NotAuthorised(
                f"The key opens {key.remote.name} but lacks {lacking}. Add it in HubSpot under"
                " Development > Keys, or make a key that has it."
            )
        return key


def _is_free(origin: FromEnvironment | FromFile | FromCommand) -> bool:
    """Whether a key can still be put there."""
    match origin:
        case FromEnvironment():
            return not origin.read()
        case FromFile(path):
            return not path.exists()
        case FromCommand():
            return False


def named(home: Home, name: str) -> str:
    """The name of a place, if it can be one; a key put there by mistake is not repeated."""
    if name.startswith("pat-"):
        raise ValueError("that looks like the key itself; say where it lives")
    if home is Home.ENV and not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("a variable's name has letters, digits and underscores only")
    if home is Home.COMMAND:
        shlex.split(name)  # says what is wrong with it by a ValueError of its own
    return name
