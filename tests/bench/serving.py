"""Start the bench's server, and tell it what happens between two pulls."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests the server saw: all, those its ten-second window counts, those it refused."""

    all: int
    counting: int
    refused: int


class Crm:
    """The server as a case sees it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.url: str = self._answer()

    def traffic(self) -> Traffic:
        """What was asked since this was last called."""
        return Traffic(**self._tell("traffic"))

    def held(self) -> dict[str, int]:
        """How many deals there are, and how many changes of the six fields."""
        held: dict[str, int] = self._tell("held")
        return held

    def change(self, deals: int) -> None:
        """Let a day pass in which so many deals change."""
        self._tell("change", deals)

    def relabel(self) -> None:
        """Let a day pass in which an edit of the pipelines touches the date of every deal."""
        self._tell("relabel")

    def _tell(self, *command: str | int) -> Any:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the bench's server ended; its fault stands above")
        return json.loads(line)


@contextmanager
def serving(deals: int = 0, **options: float | str) -> Iterator[Crm]:
    """A server of so many deals; the options are those of tests/bench/server.py."""
    given = [f"--{name}={value}" for name, value in {"deals": deals, **options}.items()]
    command = [sys.executable, "-m", "tests.bench.server", *given]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield Crm(process)
        finally:
            process.terminate()
