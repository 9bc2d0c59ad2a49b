"""A running count on the terminal for long work; nothing where nobody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from connector.cli.output import Output

if TYPE_CHECKING:
    from rich.progress import Progress


class Watched:
    """A count on the terminal, with its rate and, once a total is known, the time that remains."""

    def __init__(
        self,
        progress: "Progress",
        title: str,
        unit: str,
        expected: Callable[[], int | None],
        beside: Callable[[], str],
    ):
        self._progress = progress
        self._unit = unit
        self._expected = expected
        self._beside = beside
        self._done = 0
        self._task = progress.add_task(title, total=None, words="", beside="")

    def __call__(self, more: int) -> None:
        """So many more are done."""
        self._done += more
        total = max(self._expected() or 0, self._done)
        self._progress.update(
            self._task,
            completed=self._done,
            total=total if self._expected() else None,
            words=self._words(total),
            beside=self._beside(),
        )

    def _words(self, total: int) -> str:
        of = f" of {total:,}" if total > self._done else ""
        return f"{self._done:,}{of} {self._unit}{self._pace(total)}"

    def _pace(self, total: int) -> str:
        seconds = self._progress.tasks[self._task].elapsed or 0.0
        if seconds <= 1 or not self._done:
            return ""
        rate = self._done / seconds
        left = timedelta(seconds=round((total - self._done) / rate))
        to_go = f", {left} to go" if left else ""
        return f", {rate:,.0f} a second{to_go}"


@contextmanager
def counting(
    output: Output,
    title: str,
    unit: str,
    *,
    expected: Callable[[], int | None] = lambda: None,
    beside: Callable[[], str] = lambda: "",
) -> Iterator[Callable[[int], None]]:
    """Yields what is told how many more are done.

    `expected` says how many there will be in all, once that is known; `beside` gives words to show
    behind the count.
    """
    if output.quiet or not sys.stderr.isatty():
        yield lambda more: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn
    from rich.table import Column

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[words]}", markup=False),
        # Alone in being wrapped: on a narrow terminal the rest stays whole.
        TextColumn("{task.fields[beside]}", markup=False, table_column=Column()),
    )
    console = Console(stderr=True, no_color=not output.color)
    with Progress(*columns, console=console, transient=True) as progress:
        yield Watched(progress, title, unit, expected, beside)
