"""A running count on the terminal for long work; nothing where nobody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.cli.output import Output

if TYPE_CHECKING:
    from rich.progress import Progress


class Unwatched:
    """A count that nobody sees."""

    def __call__(self, more: int) -> None:
        """So many more are done."""

    def expect(self, total: int) -> None:
        """There will be so many in all."""


class Watched(Unwatched):
    """A count on the terminal, with its rate and, once a total is known, the time that remains."""

    def __init__(self, progress: "Progress", title: str, unit: str, beside: Callable[[], str]):
        self._progress = progress
        self._unit = unit
        self._beside = beside
        self._done, self._total = 0, 0
        self._task = progress.add_task(title, total=None, words="", beside="")

    def __call__(self, more: int) -> None:
        """So many more are done."""
        self._done += more
        self._progress.update(
            self._task, completed=self._done, words=self._words(), beside=self._beside()
        )

    def expect(self, total: int) -> None:
        """There will be so many in all."""
        self._total = total
        self._progress.update(self._task, total=total, words=self._words())

    def _words(self) -> str:
        of = f" of {self._total:,}" if self._total else ""
        seconds = self._progress.tasks[self._task].elapsed or 0.0
        rate = f", {self._done / seconds:,.0f} a second" if seconds > 1 else ""
        return f"{self._done:,}{of} {self._unit}{rate}"


@contextmanager
def counting(
    output: Output, title: str, unit: str, beside: Callable[[], str] = lambda: ""
) -> Iterator[Unwatched]:
    """Yields what is told how many more are done; `beside` gives words to show behind the count."""
    if output.quiet or not sys.stderr.isatty():
        yield Unwatched()
        return
    from rich.console import Console
    from rich.progress import (
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[words]}", markup=False),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[beside]}", markup=False),
    )
    console = Console(stderr=True, no_color=not output.color)
    with Progress(*columns, console=console, transient=True) as progress:
        yield Watched(progress, title, unit, beside)
