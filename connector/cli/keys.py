"""Asking for a key: where it lives, what it must open, and whether it does."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from connector.cli.asking import Asking, checked
from connector.cli.output import Output, complain
from connector.config import Secret
from connector.config.secret import FromCommand, FromEnvironment, FromFile
from connector.errors import ConnectorError
from connector.jobs.first_day import is_ours
from connector.jobs.new_account import Home, KeyPlace
from connector.model import Remote

_PLACES = """
Where should it live? Never in config.toml, which only says where.
  file      a file that only you can read; init can write it (mode 0600)
  env       an environment variable
  command   what prints it, such as a password manager: {command}"""
_QUESTION = {Home.FILE: "File", Home.ENV: "Environment variable", Home.COMMAND: "Command"}

# What keys look like: HubSpot's begin so, Nutshell's are hexadecimal (INFERRED, 2026-11).
_KEY = re.compile("pat-.*|[0-9a-fA-F]{32,}")


@dataclass(frozen=True, slots=True)
class Opened:
    """The account a key opens, and what a person should know of it, line by line."""

    remote: Remote
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a key is for: its option, where it would live, and what `crm`'s users are told.

    `open` looks at a key, and raises `ConnectorError` where it does not open all it is for.
    """

    flag: str
    crm: str
    names: Mapping[Home, str]
    lesson: str
    open: Callable[[str], Opened]


@dataclass(frozen=True, slots=True)
class Held:
    """A key that opens what it must, where it lives, and whether it is still to be put there."""

    place: KeyPlace
    token: str = field(repr=False)
    pasted: bool
    opens: Opened

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
    """Asks for the keys of the file `config`."""

    def __init__(
        self,
        asking: Asking,
        output: Output,
        config: Path,
        env: Mapping[str, str],
    ):
        self._asking = asking
        self._output = output
        self._config = config
        self._folder = config.parent
        self._env = env
        self._places: set[KeyPlace] = set()

    def ask(self, purpose: Purpose, given: KeyPlace | None) -> Held:
        """A key that opens all it is for; asked for again until it does, where somebody is there.

        Raises what is wrong with it where nobody is.
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
                return Held(place, token, pasted is not None, purpose.open(token))
            except ConnectorError as error:
                if not self._asking.may_ask:
                    raise
                complain(str(error))
                pasted = self._again(purpose, place, pasted)

    def _place(self, purpose: Purpose) -> KeyPlace:
        if not self._asking.may_ask:
            raise click.UsageError(
                f"nobody to ask here: say where the key lives with {purpose.flag} file:PATH,"
                " env:NAME or command:LINE"
            )
        self._output.say(_PLACES.format(command=purpose.names[Home.COMMAND]))
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

    def _again(self, purpose: Purpose, place: KeyPlace, pasted: str | None) -> str | None:
        if pasted is not None:
            question = "Paste another key, or press Enter to try this one again"
            return self._asking.hidden(question, "") or pasted
        origin = place.origin(self._folder, self._env)
        self._asking.hidden(f"Mend that in {purpose.crm} or in the {origin}, then press Enter", "")
        return None


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
    if _KEY.fullmatch(name):
        raise ValueError("that looks like the key itself; say where it lives")
    if home is Home.ENV and not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("a variable's name has letters, digits and underscores only")
    if home is Home.COMMAND:
        shlex.split(name)  # says what is wrong with it by a ValueError of its own
    return name
