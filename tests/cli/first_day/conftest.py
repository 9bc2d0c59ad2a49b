"""An empty folder, a small portal in a sandbox, and a person at a real terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.cli.main import main
from connector.sandbox import Portal, Sandbox, VirtualClock
from connector.sandbox.hubspot.records import Stage

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
READING = frozenset({"oauth", "crm.objects.deals.read", "crm.objects.owners.read"})
WRITING = frozenset({"oauth", "crm.schemas.deals.read", "crm.schemas.deals.write"})
READ_KEY, WRITE_KEY, LACKING_KEY = "pat-eu1-reads", "pat-eu1-writes", "pat-eu1-lacks-owners"

# Makes the terminal the child's own, so that Ctrl-C and hidden questions work as for people.
_LAUNCH = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.executable, [sys.executable, '-m', 'connector', *sys.argv[1:]])"
)


@pytest.fixture
def portal() -> Portal:
    """Two pipelines and a handful of deals, and keys with the scopes their names say."""
    portal = Portal(name="Fjordkraft Pumper AS")
    portal.keys = {
        READ_KEY: READING,
        WRITE_KEY: WRITING,
        LACKING_KEY: READING - {"crm.objects.owners.read"},
    }
    spring = NOW - timedelta(days=200)
    born = round(spring.timestamp() * 1000)
    labels = ("Møte avtalt", "0.2"), ("Tilbud", "0.6"), ("Vunnet", "1.0"), ("Tapt", "0.0")
    for pipeline in ("Nysalg", "Service"):
        stages = [
            Stage(f"{pipeline}-{n}", label, n, chance, born, born)
            for n, (label, chance) in enumerate(labels)
        ]
        portal.add_pipeline(pipeline, stages, id=pipeline.lower(), at=spring)
    portal.people.add_owner("Kari", "Berg", email="kari@fjordkraft.example", at=spring)
    for number in range(5):
        deal = {"dealname": f"Avtale {number}", "dealstage": "Nysalg-0", "pipeline": "nysalg"}
        portal.add_deal(deal, spring + timedelta(days=number))
    return portal


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def sandbox(portal: Portal, clock: VirtualClock) -> Iterator[Sandbox]:
    with Sandbox(portal, clock=clock) as sandbox:
        yield sandbox


def writes(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Every request so far that could have changed something in the CRM."""
    asking = ("/search", "/batch/read", "/access-token-info")
    return [
        (method, path)
        for method, path in sandbox.requests
        if method != "GET" and not path.endswith(asking)
    ]


@pytest.fixture
def written_to() -> Callable[[Sandbox], list[tuple[str, str]]]:
    return writes


@dataclass
class Shell:
    """Runs `connector` in an empty folder as a script would, and keeps what it printed."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    def run(self, *arguments: str) -> int:
        self.capture.readouterr()
        code = main(["--config", str(self.folder / "config.toml"), *arguments])
        self.out, self.err = self.capture.readouterr()
        return code

    def files(self) -> list[str]:
        """The files a person would see, by their paths in the folder."""
        found = (path.relative_to(self.folder) for path in self.folder.rglob("*"))
        return sorted(str(path) for path in found if path.suffix != ".lock")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.setenv("READ_KEY", READ_KEY)
    monkeypatch.setenv("WRITE_KEY", WRITE_KEY)
    monkeypatch.setenv("LACKING_KEY", LACKING_KEY)
    return Shell(tmp_path, capsys)


@dataclass
class Terminal:
    """`connector` on a pseudo-terminal of 100 columns, and what the screen shows."""

    folder: Path
    master: int
    process: subprocess.Popen[bytes]
    screen: str = ""
    read_up_to: int = field(default=0)

    def sees(self, text: str) -> None:
        """Wait until the screen shows a text behind what was seen before."""
        deadline = time.monotonic() + 90
        while text not in self.screen[self.read_up_to :]:
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.screen}"
            if not self._read(0.1) and self.process.poll() is not None:
                raise AssertionError(f"it ended before {text!r}:\n{self.screen}")
        self.read_up_to = self.screen.index(text, self.read_up_to) + len(text)

    def types(self, text: str) -> None:
        os.write(self.master, text.encode())

    def answers(self, question: str, text: str = "") -> None:
        """Answer a question once it is asked, with Enter for its default."""
        self.sees(question)
        self.types(f"{text}\n")

    def interrupts(self) -> None:
        """Press Ctrl-C, as slowly as people are: once nothing more comes."""
        while self._read(0.1):
            pass
        self.types("\x03")

    def ends(self) -> int:
        """Wait for the end; returns the exit code."""
        while self._read(90):
            pass
        return self.process.wait(90)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], seconds)
        try:
            came = os.read(self.master, 65_536) if ready else b""
        except OSError:  # how Linux tells that the other side has hung up
            return False
        self.screen += came.decode().replace("\r\n", "\n")
        return bool(came)

    def shown(self, url: str) -> str:
        """The screen with all that differs from run to run taken out."""
        text = self.screen.replace(url, "http://127.0.0.1:PORT")
        return re.sub(r"\d+ requests, \d+\.\d s", "N requests, N s", text)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts `connector` in an empty folder, where environment variables are as given."""
    opened: list[Terminal] = []

    def start(*arguments: str, **env: str) -> Terminal:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, *arguments],
            cwd=tmp_path,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "dumb", "COLUMNS": "100", "NO_COLOR": "1", **env},
        )
        os.close(slave)
        opened.append(Terminal(tmp_path, master, process))
        return opened[-1]

    yield start
    for each in opened:
        each.process.kill()
        each.process.wait()
        os.close(each.master)
