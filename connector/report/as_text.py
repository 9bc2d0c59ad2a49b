"""Documents for a terminal, through rich."""

from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from connector.report.cells import lines, shown
from connector.report.document import Cell, Column, Document, Fact, Note, Place, Table, Term, Tone
from connector.report.layout import Row, cells, columns, numeric, sections

_GAP = 2
_NARROWEST = 8
_STYLES = {Tone.PLAIN: "", Tone.GOOD: "green", Tone.CAUTION: "yellow", Tone.BAD: "red"}
_QUIET = "dim"


def render(document: Document, width: int, color: bool) -> str:
    """The document as lines of at most `width` cells, with ANSI colours if wanted."""
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
    )
    with console.capture() as capture:
        _print(console, document)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().rstrip().split("\n"))


def _print(console: Console, document: Document) -> None:
    console.print(Text(document.title, "bold"))
    console.print(_facts(document.facts))
    for block in document.blocks:
        console.print()
        match block:
            case Note():
                console.print(Text(shown(block.text), _STYLES[block.tone]))
            case Table():
                _print_table(console, block)


def _facts(facts: Sequence[Fact]) -> Grid:
    grid = Grid.grid(padding=(0, _GAP, 0, 0))
    for fact in facts:
        grid.add_row(Text(fact.title, _QUIET), _text(fact.cell))
    return grid


def _print_table(console: Console, table: Table) -> None:
    if table.title:
        console.print(Text(table.title, "bold underline"))
    if not table.rows and table.empty:
        console.print(Text(table.empty))
    seen = columns(table, Place.CELL)
    for heading, rows in sections(table):
        inset = _GAP if heading else 0
        if heading:
            console.print(Text(heading, "bold"))
        body = [cells(table, row, Place.CELL) for row in rows]
        sizes = _widths(seen, body, console.width - inset)
        for part in _parts(table, rows, seen, sizes):
            console.print(Padding(part, (0, 0, 0, inset)))


def _parts(
    table: Table, rows: Sequence[Row], seen: Sequence[Column], sizes: Sequence[int]
) -> Iterator[Grid | Text]:
    right = [numeric(column) for column in zip(*(cells(table, row, Place.CELL) for row in rows))]
    head = _grid(sizes, right)
    head.add_row(*(Text(column.title, _QUIET) for column in seen))
    yield head
    yield Text("─" * (sum(sizes) + _GAP * (len(sizes) - 1)), _QUIET)
    for under, run in groupby(rows, key=lambda row: cells(table, row, Place.UNDER)):
        grid = _grid(sizes, right)
        for row in run:
            grid.add_row(*map(_text, cells(table, row, Place.CELL)))
        yield grid
        for cell in under:
            if cell is not None:
                yield Text(shown(cell), _QUIET)


def _grid(sizes: Sequence[int], right: Sequence[bool]) -> Grid:
    grid = Grid.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
    for size, figures in zip(sizes, right, strict=True):
        grid.add_column(width=size, justify="right" if figures else "left", overflow="fold")
    return grid


def _text(cell: Cell) -> Text:
    style = _STYLES[cell.tone] if isinstance(cell, Term) else ""
    return Text("\n".join(lines(cell)), style)


def _widths(seen: Sequence[Column], body: Sequence[Row], available: int) -> list[int]:
    """What each column needs, the widest ones narrowed until all fit side by side."""
    columns_ = zip(*body, strict=True)
    needs = [
        max(max(map(cell_len, lines(cell))) for cell in (column.title, *filled))
        for column, filled in zip(seen, columns_, strict=True)
    ]
    room = available - _GAP * (len(needs) - 1)
    while sum(needs) > room and max(needs) > _NARROWEST:
        needs[needs.index(max(needs))] -= 1
    return needs
