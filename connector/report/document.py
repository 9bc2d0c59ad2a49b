"""What a report says, before anybody decides how it looks: facts, tables and notes of typed cells.

Writers know only these types, so a further format or language never touches a report.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from string import Formatter


class Tone(StrEnum):
    """How a reader should feel about something; a writer may show it as a colour."""

    PLAIN = "plain"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency, named by its ISO code."""

    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, from 0 to 1."""

    value: float


@dataclass(frozen=True, slots=True)
class Score:
    """A figure without a unit, read to three decimals."""

    value: float


@dataclass(frozen=True, slots=True)
class Days:
    """A length of time in seconds; with `more_than`, all that is known is that it is longer."""

    seconds: float
    more_than: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """A number of things; one that was estimated is a fraction, which only people read rounded."""

    value: float


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment, to be read in a time zone."""

    at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Term:
    """One of our own words: the code machines read and the words people do."""

    code: str
    words: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class CrmText:
    """Text somebody typed into a CRM; it may hold anything and must never act where it is shown."""

    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that is not there, and the words that say why."""

    why: str


@dataclass(frozen=True, slots=True)
class Interval:
    """Two cells of one kind with everything between them."""

    low: "Cell"
    high: "Cell"


@dataclass(frozen=True, slots=True)
class Items:
    """Several cells in order, such as the stages of a pipeline."""

    cells: tuple["Cell", ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Our words and the cells inside them, read as one line."""

    parts: tuple["Cell", ...]


# A plain `bool` is a yes or a no, a plain `str` holds words of our own, and None is a value that is
# missing without a story.
Cell = (
    bool
    | str
    | Money
    | Share
    | Score
    | Days
    | Count
    | Instant
    | Term
    | CrmText
    | Missing
    | Interval
    | Items
    | Phrase
    | None
)


def phrase(template: str, **cells: Cell) -> Phrase:
    """Words with cells inside, from a template such as "rename it to {desired}"."""
    parts: list[Cell] = []
    for words, name, _, _ in Formatter().parse(template):
        parts += [words] if name is None else [words, cells[name]]
    return Phrase(tuple(parts))


class Place(StrEnum):
    """Where people see a column; in JSON every column is a key of its row."""

    CELL = "cell"
    HEADING = "heading"
    UNDER = "under"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, or the name of a fact.

    A HEADING is said once above the rows that share it, an UNDER is too long for a column and gets
    a line of its own below its row, and DATA is for machines only.
    """

    key: str
    title: str = ""
    place: Place = Place.CELL


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that holds for the whole report; in DATA for machines only."""

    key: str
    title: str
    cell: Cell
    place: Place = Place.CELL


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, one cell a column; where there are none, people read `empty` or nothing.

    `data_rows` are for machines only, as DATA is among columns.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    empty: str = ""
    data_rows: tuple[tuple[Cell, ...], ...] = ()


class Checklist(Table):
    """Rows to be ticked off from top to bottom: a line for what the CELL columns say, and UNDERs.

    Rows stand in the order they are given; a heading is said again where it comes back. Several
    cells in one UNDER are a numbered list.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence to the reader."""

    text: Cell
    tone: Tone = Tone.PLAIN


Block = Table | Note


@dataclass(frozen=True, slots=True)
class Document:
    """One report; `version` rises whenever a reader of its JSON could notice a change."""

    name: str
    version: int
    title: str
    facts: tuple[Fact, ...]
    blocks: tuple[Block, ...]
