"""Documents for a terminal, through rich."""

from collections.abc import Sequence
from io import StringIO
from itertools import groupby

from rich.align import VerticalAlignMethod
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from connector.report.cells import lines, shown
from connector.report.document import (
    Cell,
    Checklist,
    Document,
    Fact,
    Items,
    Note,
    Place,
    Table,
    Term,
    Tone,
)
from connector.report.layout import (
    Row,
    cells,
    columns,
    readable,
    sections,
    speaking,
    stretches,
)
from connector.report.spans import GAP, Span, fitted, pieces, width

_STYLES = {Tone.PLAIN: "", Tone.GOOD: "green", Tone.CAUTION: "yellow", Tone.BAD: "red"}
_QUIET = "dim"
_BOX = "[ ]"


# How wide text is where no terminal tells.
PIPED_WIDTH = 100


def to_text(document: Document, width: int = PIPED_WIDTH, color: bool = False) -> str:
    """The document as lines of at most so many cells, with ANSI colours if wanted."""
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
    console.print(Text(shown(document.title), "bold"))
    console.print(_facts(document.facts))
    for block in speaking(document.blocks):
        console.print()
        match block:
            case Note():
                console.print(Text(shown(block.text), _STYLES[block.tone]))
            case Checklist():
                _print_checklist(console, block)
            case Table():
                _print_table(console, block)


def _facts(facts: Sequence[Fact]) -> Grid:
    grid = Grid.grid(padding=(0, GAP, 0, 0))
    for fact in readable(facts):
        grid.add_row(Text(fact.title, _QUIET), _text(fact.cell))
    return grid


def _print_table(console: Console, table: Table) -> None:
    if table.title:
        console.print(Text(table.title, "bold"))
    if not table.rows:
        console.print(Text(table.empty))
        return
    for number, piece in enumerate(pieces(table, console.width)):
        if number:
            console.print()
        _print_piece(console, piece)


def _print_piece(console: Console, table: Table) -> None:
    spans = fitted(table, console.width)
    head = _grid(spans, "bottom")
    head.add_row(*(Text(column.title, _QUIET) for column in columns(table, Place.CELL)))
    console.print(head)
    console.print(Text("─" * width(spans), _QUIET))
    for number, (heading, rows) in enumerate(sections(table).items()):
        if heading and number:
            console.print()
        if heading:
            console.print(Text(heading, "bold cyan"))
        _print_rows(console, table, rows, spans)


def _print_rows(console: Console, table: Table, rows: Sequence[Row], spans: Sequence[Span]) -> None:
    """Rows that say the same under them stand together, so that it is said once."""
    below = columns(table, Place.UNDER)
    runs = groupby(rows, key=lambda row: cells(table, row, Place.UNDER))
    for number, (under, run) in enumerate(runs):
        if number and len(below) > 1:
            console.print()
        grid = _grid(spans)
        for row in run:
            grid.add_row(*map(_text, cells(table, row, Place.CELL)))
        console.print(grid)
        for column, cell in zip(below, under, strict=True):
            if cell is None:
                continue
            line = Text.assemble((f"{column.title}: ", _QUIET), shown(cell))
            console.print(Padding(line, (0, 0, 0, GAP)))


def _print_checklist(console: Console, table: Checklist) -> None:
    if table.title:
        console.print(Text(table.title, "bold"))
    if not table.rows:
        console.print(Text(table.empty))
    for number, (heading, rows) in enumerate(stretches(table)):
        if number:
            console.print()
        if heading:
            console.print(Text(heading, "bold cyan"))
        for row in rows:
            _print_task(console, table, row)


def _print_task(console: Console, table: Checklist, row: Row) -> None:
    """A box and what to do beside it, with what there is to know below."""
    grid = Grid.grid(padding=(0, 1, 0, 0), pad_edge=False)
    grid.add_row(Text(_BOX), Text(" ".join(map(shown, cells(table, row, Place.CELL)))))
    below = zip(columns(table, Place.UNDER), cells(table, row, Place.UNDER), strict=True)
    for column, cell in below:
        match cell:
            case None:
                pass
            case Items(several):
                grid.add_row("", Text(f"{column.title}:", _QUIET))
                for number, each in enumerate(several, 1):
                    grid.add_row("", Text(f"{number:>3}. {shown(each)}"))
            case _:
                grid.add_row("", Text.assemble((f"{column.title}: ", _QUIET), shown(cell)))
    console.print(grid)


def _grid(spans: Sequence[Span], vertical: VerticalAlignMethod = "top") -> Grid:
    grid = Grid.grid(padding=(0, GAP, 0, 0), pad_edge=False)
    for span in spans:
        grid.add_column(
            width=span.width,
            justify="right" if span.figures else "left",
            vertical=vertical,
            overflow="fold",
        )
    return grid


def _text(cell: Cell) -> Text:
    style = _STYLES[cell.tone] if isinstance(cell, Term) else ""
    return Text("\n".join(lines(cell)), style)
