"""A running count on the terminal for long work; nothing where nobody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connector.cli.output import Output


@contextmanager
def counting(output: Output, title: str, unit: str) -> Iterator[Callable[[int], None]]:
    """Yields a function that is told how many more are done."""
    if output.quiet or not sys.stderr.isatty():
        yield lambda more: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn(f"{{task.completed:,.0f}} {unit}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True, no_color=not output.color)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda more: progress.advance(task, more)
