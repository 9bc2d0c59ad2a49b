"""The questions of `connector init`, in their order, and what follows from the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from connector.cli.app import App
from connector.cli.asking import Asking
from connector.cli.entrances import Entrance, Found, GivenKeys, HubSpotEntrance, NutshellEntrance
from connector.cli.keys import Held, KeyDesk
from connector.config.values import account_name, time_of_day
from connector.errors import WrongAccount
from connector.jobs.first_day import new_processes, write_first_day
from connector.jobs.new_account import (
    DATABASE,
    LANGUAGES,
    MAPPINGS,
    Home,
    NewAccount,
    PortalKeys,
    UsersKey,
    language_of,
    name_of,
)
from connector.jobs.processes import named
from connector.model import Process, Remote
from connector.report.clean import clean

CRMS = ("hubspot", "nutshell")

_GREETING = """\
This connects a CRM account: it asks, then writes config.toml and process files. Nothing is written
to the CRM, and no file before all questions are answered; Ctrl-C leaves everything as it was."""


@dataclass(frozen=True, slots=True)
class Given:
    """The answers given by options; None is asked for."""

    crm: str | None
    keys: GivenKeys
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
    has_job: bool


class FirstDay:
    """Asks for what the options leave open, and writes the answers down."""

    def __init__(self, app: App, given: Given):
        self._output = app.output
        self._asking = Asking(app.may_ask)
        self._env = app.env
        self._wanted = app.config_path
        self._given = given

    def prepare(self) -> Written:
        """Ask everything, then write config.toml, keys and process files."""
        self._output.say(_GREETING)
        config = self._free_config()
        entrance = self._entrance(config)
        found = entrance.enter()
        self._confirm(found, entrance.place)
        remote, keys = entrance.settle(found.remote)
        account = self._account(remote, keys)
        processes = new_processes(
            found.pipelines, account.name, self._language(remote), config.parent / MAPPINGS
        )
        held = entrance.held
        write_first_day(config, account, processes, _to_be_kept(held, config.parent))
        self._say_what_was_written(config, processes, held)
        self._say_what_is_shared(config, account)
        pasted = {key.place.name: key.token for key in held if key.in_environment}
        return Written(config, {**self._env, **pasted}, tuple(pasted), account.night is not None)

    def wants_pull(self) -> bool:
        """Whether to read everything right away."""
        return self._asking.yes("Pull now?", self._given.want_pull, default=True)

    def say_what_next(self, written: Written) -> None:
        """The last words: what to do before and in the next run."""
        for variable in written.unset:
            self._output.say(f"The key is not stored: set {variable} before the next run.")
        named = "" if written.config.name == "config.toml" else f" --config {written.config}"
        self._output.say(
            "Next: edit mappings/ until they say what the process should be, then\n"
            f"  connector{named} drift     what differs from it\n"
            f"  connector{named} doctor    whether everything is in order"
        )
        if written.has_job:
            run = f"  connector{named} run       keep the night job going (docs/scheduling.md)"
            self._output.say(run)

    def _free_config(self) -> Path:
        """Where config.toml goes; a file that is there is never overwritten."""
        path = self._wanted
        while path.exists():
            if not self._asking.may_ask:
                raise click.UsageError(
                    f"{path} is there and is never overwritten; name another file with --config"
                )
            self._output.say(f"{path} is there and is never overwritten.")
            name = self._asking.text("Another name", "--config", None, f"{path.stem}-2.toml")
            path = path.with_name(name)
        return path

    def _entrance(self, config: Path) -> Entrance:
        given = self._given
        crm = self._asking.choice("\nWhich CRM?", given.crm, CRMS, given.keys.crm)
        given.keys.check(crm)
        desk = KeyDesk(self._asking, self._output, config, self._env)
        entrance = NutshellEntrance if crm == "nutshell" else HubSpotEntrance
        return entrance(self._asking, desk, given.keys, given.base_url)

    def _confirm(self, found: Found, place: str) -> None:
        """Show the account the key opens, and go on only if it is the right one."""
        remote = found.remote
        self._output.say("")
        self._output.say(clean(f"The key opens {_named(remote, place)}"))
        for line in found.told:
            self._output.say(clean(f"  {line}"))
        for pipeline in found.pipelines:
            stages = sum(stage.configured for stage in pipeline.stages)
            ending = "" if stages == 1 else "s"
            self._output.say(clean(f"  pipeline {named(pipeline)}: {stages} stage{ending}"))
        if self._given.account_id is None:
            if not self._asking.agreed(f"Is this the right {place}?", f"--account-id {remote.id}"):
                raise WrongAccount(f"Nothing was written. Use a key of the right {place}.")
        elif self._given.account_id != remote.id:
            raise WrongAccount(
                f"The key opens {_named(remote, place)}, not {self._given.account_id}."
                " Use the right key, or correct --account-id."
            )

    def _account(self, remote: Remote, keys: PortalKeys | UsersKey) -> NewAccount:
        return NewAccount(
            name=self._asking.text(
                "\nYour own name for this account",
                "--name",
                self._given.name,
                name_of(remote),
                account_name,
            ),
            remote=remote,
            keys=keys,
            base_url=self._given.base_url,
            night=self._night(remote),
        )

    def _night(self, remote: Remote) -> str | None:
        """When the night job begins, or None for no job."""
        given = self._given.night
        wanted = False if self._given.no_night else True if given else None
        if not self._asking.yes(
            "Pull, look for drift and report every night?", wanted, default=True
        ):
            return None
        question = f"When, by the clock of {clean(remote.time_zone)}"
        return self._asking.text(question, "--night", given, "03:10", time_of_day)

    def _language(self, remote: Remote) -> str:
        question = "In which language are the stages?"
        return self._asking.choice(question, self._given.language, LANGUAGES, language_of(remote))

    def _say_what_was_written(
        self, config: Path, processes: Sequence[Process], held: Sequence[Held]
    ) -> None:
        self._output.say(f"\nWrote {config}")
        for key in held:
            if key.pasted and key.place.home is Home.FILE:
                self._output.say(f"  {key.place.name}: the key, for your eyes only")
        for process in processes:
            file = Path(process.file).relative_to(config.parent)
            self._output.say(f"  {file}: {process.label}{'' if process.active else ', a draft'}")
        for note in dict.fromkeys(each.note for each in processes if not each.active):
            self._output.say(f"  {note}")

    def _say_what_is_shared(self, config: Path, account: NewAccount) -> None:
        """That an older configuration has the same database, and could name this account too."""
        older = self._wanted if self._wanted != config else config.with_name("config.toml")
        if older == config or older.parent != config.parent or not older.exists():
            return
        self._output.say(
            f"\n{older} may well share {DATABASE} and {MAPPINGS} with {config.name}, and each knows"
            " only its own accounts.\n"
            f"One file can name both: add this to {older.name}, then remove {config.name}:\n\n"
            f"{account.account_text()}\n"
        )


def _named(remote: Remote, place: str) -> str:
    known = f"{place} {remote.id}"
    return known if remote.id in remote.name else f"{remote.name}, {known}"


def _to_be_kept(held: Sequence[Held], folder: Path) -> dict[Path, str]:
    """Pasted keys that go into a file, by that file."""
    return {
        folder / Path(key.place.name).expanduser(): key.token
        for key in held
        if key.pasted and key.place.home is Home.FILE
    }
