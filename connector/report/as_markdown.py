"""Documents as GitHub-flavoured Markdown, for tickets, wikis and mail."""

import re
from collections.abc import Iterable, Iterator

from connector.report.cells import shown
from connector.report.document import (
    Cell,
    Checklist,
    Document,
    Fact,
    Items,
    Note,
    Place,
    Table,
    Tone,
)
from connector.report.layout import (
    Row,
    cells,
    columns,
    numeric,
    readable,
    sections,
    speaking,
    stretches,
)

_SEEN = (Place.CELL, Place.UNDER)
_MEANS_SOMETHING = re.compile(r"([\\`*_\[\]<>&|~#$!])")
_OPENS_A_BLOCK = re.compile(r"^(\d*)([-+=.)])")


def to_markdown(document: Document) -> str:
    """The document as Markdown in which no text of a CRM means anything."""
    parts = [f"# {_said(document.title)}", _facts(document.facts)]
    for block in speaking(document.blocks):
        match block:
            case Note():
                parts.append(_note(block))
            case Checklist():
                parts += _checklist(block)
            case Table():
                parts += _table(block)
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(facts: tuple[Fact, ...]) -> str:
    return "\n".join(f"- {_escaped(fact.title)}: {_said(fact.cell)}" for fact in readable(facts))


def _note(note: Note) -> str:
    said = _said(note.text)
    warns = note.tone in (Tone.CAUTION, Tone.BAD)
    return f"**{said}**" if warns else _opening(said)


def _opening(said: str) -> str:
    """Words at the beginning of a block that open none of another kind."""
    return _OPENS_A_BLOCK.sub(r"\1\\\2", said)


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"## {_escaped(table.title)}"
    if not table.rows:
        yield _escaped(table.empty)
    for heading, rows in sections(table).items():
        if heading:
            yield f"### {_escaped(heading)}"
        yield _grid(table, rows)


def _checklist(table: Checklist) -> Iterator[str]:
    if table.title:
        yield f"## {_escaped(table.title)}"
    if not table.rows:
        yield _escaped(table.empty)
    for heading, rows in stretches(table):
        if heading:
            yield f"### {_escaped(heading)}"
        yield "\n".join(line for row in rows for line in _task(table, row))


def _task(table: Checklist, row: Row) -> Iterator[str]:
    """A task GitHub draws a box for, with a list inside it of what there is to know."""
    yield f"- [ ] {' '.join(map(_said, cells(table, row, Place.CELL)))}"
    below = zip(columns(table, Place.UNDER), cells(table, row, Place.UNDER), strict=True)
    for column, cell in below:
        match cell:
            case None:
                pass
            case Items(several):
                yield f"  - {_escaped(column.title)}:"
                for number, each in enumerate(several, 1):
                    # An item of nothing would be taken for more of the line before it.
                    yield f"    {number}. {_opening(_said(each)) or '–'}"
            case _:
                yield f"  - {_escaped(column.title)}: {_said(cell)}"


def _grid(table: Table, rows: list[Row]) -> str:
    titles = [column.title for column in columns(table, *_SEEN)]
    seen = [cells(table, row, *_SEEN) for row in rows]
    rule = ["--:" if numeric(column) else ":--" for column in zip(*seen, strict=True)]
    body = [map(_said, row) for row in seen]
    return "\n".join(map(_line, [map(_escaped, titles), rule, *body]))


def _line(row: Iterable[str]) -> str:
    return f"| {' | '.join(row)} |"


def _said(cell: Cell) -> str:
    return _escaped(shown(cell))


def _escaped(text: str) -> str:
    # Blanks at the edges go, because four of them open a block of code.
    return _MEANS_SOMETHING.sub(r"\\\1", text.strip())
