"""Documents for a terminal, through rich."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from connector.report.cells import lines, shown
from connector.report.document import Cell, Document, Fact, Note, Place, Table, Term, Tone
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
        console.print(Text(table.title, "bold"))
    if not table.rows and table.empty:
        console.print(Text(table.empty))
    for number, (heading, rows) in enumerate(sections(table)):
        if heading and number:
            console.print()
        if heading:
            console.print(Text(heading, "bold cyan"))
        _print_rows(console, table, rows)


def _print_rows(console: Console, table: Table, rows: Sequence[Row]) -> None:
    layout = _layout(table, rows, console.width)
    head = _grid(layout)
    head.add_row(*(Text(column.title, _QUIET) for column in columns(table, Place.CELL)))
    console.print(head)
    console.print(Text("─" * _width(layout), _QUIET))
    for under, run in groupby(rows, key=lambda row: cells(table, row, Place.UNDER)):
        grid = _grid(layout)
        for row in run:
            grid.add_row(*map(_text, cells(table, row, Place.CELL)))
        console.print(grid)
        for column, cell in zip(columns(table, Place.UNDER), under, strict=True):
            _print_under(console, column.title, cell)


def _print_under(console: Console, title: str, cell: Cell) -> None:
    line = Text.assemble((f"{title}: ", _QUIET), (shown(cell), _QUIET))
    console.print(Padding(line, (0, 0, 0, _GAP)))


@dataclass(frozen=True, slots=True)
class _Span:
    """The width of one column, and whether it holds figures."""

    width: int
    figures: bool


def _layout(table: Table, rows: Sequence[Row], available: int) -> list[_Span]:
    """What each column needs, the widest ones of words narrowed until all fit side by side."""
    filled = zip(*(cells(table, row, Place.CELL) for row in rows), strict=True)
    titled = zip(columns(table, Place.CELL), filled, strict=True)
    spans = [_Span(_need(column.title, body), numeric(body)) for column, body in titled]
    while _width(spans) > available:
        words = [span.width for span in spans if not span.figures and span.width > _NARROWEST]
        if not words:
            break
        widest = spans.index(_Span(max(words), figures=False))
        spans[widest] = _Span(max(words) - 1, figures=False)
    return spans


def _need(title: str, body: Row) -> int:
    words = title.split() + [line for cell in body for line in lines(cell)]
    return max(map(cell_len, words))


def _width(spans: Sequence[_Span]) -> int:
    return sum(span.width for span in spans) + _GAP * (len(spans) - 1)


def _grid(spans: Sequence[_Span]) -> Grid:
    grid = Grid.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
    for span in spans:
        grid.add_column(
            width=span.width,
            justify="right" if span.figures else "left",
            vertical="bottom",
            overflow="fold",
        )
    return grid


def _text(cell: Cell) -> Text:
    style = _STYLES[cell.tone] if isinstance(cell, Term) else ""
    return Text("\n".join(lines(cell)), style)
