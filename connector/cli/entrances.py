"""The ways into a CRM that `connector init` asks for, each with the keys its CRM has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import click

from connector.cli.asking import Asking
from connector.cli.keys import Held, KeyDesk, Opened, Purpose
from connector.config.values import currency, time_zone
from connector.crm.hubspot import connect as connect_hubspot
from connector.crm.hubspot.needs import Need
from connector.crm.hubspot.scopes import READING, WRITING, inspect
from connector.crm.nutshell import connect as connect_nutshell
from connector.crm.nutshell.sight import Sight, look
from connector.errors import NotAuthorised, WrongAccount
from connector.jobs.new_account import Home, KeyPlace, PortalKeys, UsersKey
from connector.model import Pipeline, Remote

_READING = """\
connector reads with a service key. Make one in HubSpot under Development > Keys, with just
  crm.objects.deals.read     deals, their history and their pipelines
  crm.objects.owners.read    the people deals belong to
Since 2026-10-26 no new private app can be made; the key of an old one works too."""
_WRITING = """\
For writing make a second key, which only connector apply uses, with just
  crm.schemas.deals.write    labels and probabilities of stages
  crm.schemas.deals.read     to read them back"""
_USERS_KEY = """\
Make a key in Nutshell under Setup > API keys. It acts as a user: it sees what that user sees and
goes dark when they leave, so best give connector a user of its own that may see everything."""


def _names(file: str, variable: str) -> Mapping[Home, str]:
    """Where a key would live: what its file and its variable are called."""
    return {Home.FILE: f"secrets/{file}", Home.ENV: variable, Home.COMMAND: f"pass {file}"}


_FOR_READING = "--token", _names("hubspot", "HUBSPOT_TOKEN"), _READING, READING
_APART = _names("hubspot-write", "HUBSPOT_WRITE_TOKEN")
_FOR_WRITING = "--write-token", _APART, _WRITING, WRITING


@dataclass(frozen=True, slots=True)
class Found:
    """The account behind a key with its pipelines, and what else to say of it, line by line."""

    remote: Remote
    pipelines: tuple[Pipeline, ...]
    told: tuple[str, ...]


class Entrance(Protocol):
    """One CRM's way in: `enter` asks for what opens it, `settle` for the rest."""

    place: str
    held: list[Held]

    def enter(self) -> Found:
        """Ask for the key for reading; what it opens."""

    def settle(self, remote: Remote) -> tuple[Remote, PortalKeys | UsersKey]:
        """Ask for what the account still needs, once it is known to be the right one."""


@dataclass(frozen=True, slots=True)
class GivenKeys:
    """What options say of keys and of what goes with them; None is asked for."""

    token: KeyPlace | None
    write_token: KeyPlace | None
    user: str | None
    key: KeyPlace | None
    time_zone: str | None
    currency: str | None

    @property
    def crm(self) -> str:
        """The CRM whose keys these are; HubSpot without any."""
        return "nutshell" if (self.user or self.key) and not self.token else "hubspot"

    def check(self, crm: str) -> None:
        """Raise `UsageError` where an option is for the keys of the other CRM."""
        flags: dict[str, dict[str, KeyPlace | str | None]] = {
            "hubspot": {"--token": self.token, "--write-token": self.write_token},
            "nutshell": {
                "--user": self.user,
                "--key": self.key,
                "--time-zone": self.time_zone,
                "--currency": self.currency,
            },
        }
        own = flags.pop(crm)
        for foreign in flags.values():
            for flag in (flag for flag, given in foreign.items() if given):
                raise click.UsageError(f"{flag} is not for {crm}, which takes {', '.join(own)}")


class HubSpotEntrance:
    """A portal: a key for reading, and perhaps another one for writing."""

    place = "portal"

    def __init__(self, asking: Asking, desk: KeyDesk, given: GivenKeys, base_url: str | None):
        self.held: list[Held] = []
        self._asking = asking
        self._desk = desk
        self._given = given
        self._base_url = base_url

    def enter(self) -> Found:
        """A key that reads deals and owners."""
        reading = self._desk.ask(self._purpose(*_FOR_READING), self._given.token)
        self.held.append(reading)
        pipelines = connect_hubspot(reading.token, base_url=self._base_url).pipelines()
        return Found(reading.opens.remote, pipelines, reading.opens.told)

    def settle(self, remote: Remote) -> tuple[Remote, PortalKeys]:
        """The key for writing, if one is wanted now; it must open the same portal."""
        reading = self.held[0].place
        given = self._given.write_token
        question = "\nAdd a key for writing too? Reading, drift and plans do without"
        if given is None and not self._asking.yes(question, None, default=False):
            return remote, PortalKeys(reading)
        writing = self._desk.ask(self._purpose(*_FOR_WRITING), given)
        opened = writing.opens.remote
        if opened.id != remote.id:
            raise WrongAccount(
                f"The key for reading opens portal {remote.id}, the one for writing"
                f" {opened.id} ({opened.name}). Use keys of one portal."
            )
        self.held.append(writing)
        return remote, PortalKeys(reading, writing.place)

    def _purpose(
        self, flag: str, names: Mapping[Home, str], lesson: str, needs: tuple[Need, ...]
    ) -> Purpose:
        return Purpose(flag, "HubSpot", names, lesson, lambda token: self._open(token, needs))

    def _open(self, token: str, needs: tuple[Need, ...]) -> Opened:
        key = inspect(token, needs, self._base_url)
        if key.missing:
            lacking = ", ".join(need[0] for need in key.missing)
            raise NotAuthorised(
                f"The key opens {key.remote.name} but lacks {lacking}. Add it in HubSpot under"
                " Development > Keys, or make a key that has it."
            )
        remote = key.remote
        return Opened(remote, (f"{remote.kind}, {remote.time_zone}, {remote.currency}",))


class NutshellEntrance:
    """An instance: a user, their key, and the time zone and currency that no API tells."""

    place = "instance"

    def __init__(self, asking: Asking, desk: KeyDesk, given: GivenKeys, base_url: str | None):
        self.held: list[Held] = []
        self._asking = asking
        self._desk = desk
        self._given = given
        self._base_url = base_url
        self._user = ""

    def enter(self) -> Found:
        """A user and a key that acts as them."""
        self._user = self._asking.text(
            "\nThe e-mail of the Nutshell user whom connector acts as",
            "--user",
            self._given.user,
            check=_filled,
        )
        names = _names("nutshell", "NUTSHELL_API_KEY")
        purpose = Purpose("--key", "Nutshell", names, _USERS_KEY, self._open)
        held = self._desk.ask(purpose, self._given.key)
        self.held.append(held)
        crm = connect_nutshell(self._user, held.token, base_url=self._base_url)
        return Found(held.opens.remote, crm.pipelines(), held.opens.told)

    def settle(self, remote: Remote) -> tuple[Remote, UsersKey]:
        """The time zone, by which days are told, and the currency of leads."""
        given = self._given
        zone = self._asking.text(
            "\nThe account's time zone", "--time-zone", given.time_zone, _here(), time_zone
        )
        money = self._asking.text(
            "Its currency", "--currency", given.currency, remote.currency, currency
        )
        keys = UsersKey(self._user, self.held[0].place, zone, money)
        return replace(remote, time_zone=zone, currency=money), keys

    def _open(self, key: str) -> Opened:
        sight = look(self._user, key, self._base_url)
        return Opened(sight.remote, tuple(_seen(self._user, sight)))


def _seen(email: str, sight: Sight) -> Sequence[str]:
    """Who the key acts as, and what they seem not to see."""
    who = f"as {sight.user.name}, {email}" if sight.user else f"as {email}, no user of that e-mail"
    lines = [f"{who}: it sees what they see"]
    if sight.restricted:
        lines.append("they may not see every lead, so reports would lack some")
    if sight.closed:
        lines.append(f"no access to {', '.join(sight.closed)}")
    return lines


def _filled(text: str) -> str:
    if not text:
        raise ValueError("name a user by e-mail")
    return text


def _here() -> str:
    """The time zone of this machine, or UTC where it does not tell."""
    from tzlocal import get_localzone_name

    return get_localzone_name() or "UTC"
