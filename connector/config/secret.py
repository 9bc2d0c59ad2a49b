"""Secrets by where they live; nothing but `Secret.reveal` ever holds one."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connector.errors import ConnectorError

_PATIENCE = 60.0  # seconds a command gets, as a password manager may ask its user first


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """A secret in an environment variable."""

    variable: str
    environment: Mapping[str, str] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"environment variable {self.variable}"

    def read(self) -> str | None:
        """The variable's value, if it is set."""
        return self.environment.get(self.variable)


@dataclass(frozen=True, slots=True)
class FromFile:
    """A secret that is the whole content of a file."""

    path: Path

    def __str__(self) -> str:
        return f"file {self.path}"

    def read(self) -> str | None:
        """The file's content, if it can be read as text."""
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    @property
    def open_to_others(self) -> bool:
        """Whether others on this machine have rights to it; Windows keeps those elsewhere."""
        return os.name != "nt" and bool(self.path.stat().st_mode & 0o077)

    def keep(self, secret: str) -> None:
        """Put a secret into the file, which must be new and is for nobody but its owner."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(made, "w", encoding="utf-8") as file:  # noqa: PTH123 - Path opens no descriptors
            file.write(f"{secret}\n")


@dataclass(frozen=True, slots=True)
class FromCommand:
    """A secret a command prints, such as a password manager's."""

    command: tuple[str, ...]

    def __str__(self) -> str:
        return f"command `{self.command[0]}`"

    def read(self) -> str | None:
        """What the command prints, if it can be run and ends well; no shell is involved."""
        try:
            done = subprocess.run(  # noqa: S603 - the command is the user's own, from config.toml
                self.command, stdout=subprocess.PIPE, timeout=_PATIENCE, check=True, text=True
            )
        except (OSError, UnicodeDecodeError, subprocess.SubprocessError):
            return None
        return done.stdout


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's key in config.toml and where it lives."""

    key: str
    origin: FromEnvironment | FromFile | FromCommand

    def reveal(self) -> str:
        """Fetch the secret; raises `ConnectorError` naming its origin where there is none."""
        found = self.origin.read()
        if found is None:
            raise ConnectorError(f"{self.key}: {self.origin} gave no secret; {self._remedy()}")
        secret = found.strip()
        if not secret:
            raise ConnectorError(f"{self.key}: {self.origin} is empty; {self._remedy()}")
        if not secret.isprintable():
            raise ConnectorError(f"{self.key}: {self.origin} should give one line and nothing else")
        return secret

    def _remedy(self) -> str:
        match self.origin:
            case FromEnvironment(variable):
                return f"set {variable} before running connector"
            case FromFile():
                return "put the secret into it, as its only line"
            case FromCommand():
                return "run it by hand to see why"
