"""Where in a TOML text each key and value stands, for texts that tomllib has accepted."""

import re
import tomllib
from dataclasses import dataclass
from itertools import count

Place = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""(?P<string>\"{3}(?:[^\\]|\\.)*?\"{3,5}|'{3}.*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*')
      | (?P<comment>\#[^\n]*)
      | (?P<space>\s+)
      | (?P<mark>[\[\]{}=,])
      | (?P<word>\d{4}-\d\d-\d\d[ ]\d\d:[^\s,\]}#]*|[^\s\[\]{}=,#"']+)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """The line a key stands on, from 1, and where its value begins and ends in the text.

    A table made by a header spans that header; one made by a dotted key spans the key.
    """

    line: int
    start: int
    end: int


def marks(text: str) -> dict[Place, Mark]:
    """Every key, table and list element of a valid TOML text, in the order of the text."""
    return _Walk(text).marks


def comment_lines(text: str) -> list[int]:
    """The lines, from 1, that hold nothing but a comment."""
    starts = (token.start() for token in _TOKEN.finditer(text) if token.lastgroup == "comment")
    alone = (start for start in starts if not text[text.rfind("\n", 0, start) + 1 : start].strip())
    return [text.count("\n", 0, start) + 1 for start in alone]


class _Walk:
    """One pass over the tokens; as the text is valid, only its nesting has to be followed."""

    def __init__(self, text: str):
        self.marks: dict[Place, Mark] = {}
        self._newest: dict[Place, int] = {}  # index of the newest table of each [[array]]
        self._tokens: list[tuple[str, Mark]] = []
        line = 1
        for token in _TOKEN.finditer(text):
            if token.lastgroup not in ("comment", "space"):
                self._tokens.append((token[0], Mark(line, *token.span())))
            line += token[0].count("\n")
        self._tokens.reverse()
        table: Place = ()
        while self._tokens:
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Place:
        """Read `[table]` or `[[table]]`; answer the place that later keys belong to."""
        opening = self._pop()
        array = self._peek() == "["
        if array:
            self._pop()
        parts = [part for part, _ in self._key("]")]
        if array:
            self._pop()
        span = Mark(opening.line, opening.start, self._end)
        place: Place = ()
        for depth, part in enumerate(parts, 1):
            place = (*place, part)
            self.marks.setdefault(place, span)
            if array and depth == len(parts):
                self._newest[place] = self._newest.get(place, -1) + 1
            if place in self._newest:
                place = (*place, self._newest[place])
                self.marks.setdefault(place, span)
        return place

    def _pair(self, table: Place) -> None:
        """Read `key = value`."""
        place, line = table, self._tokens[-1][1].line
        for part, mark in self._key("="):
            place = (*place, part)
            self.marks.setdefault(place, mark)
        self._value(place, line)

    def _key(self, stop: str) -> list[tuple[str, Mark]]:
        parts: list[tuple[str, Mark]] = []
        while (token := self._peek()) != stop:
            mark = self._pop()
            if token[0] in "\"'":
                parts.append((tomllib.loads(f"key = {token}")["key"], mark))
            else:
                parts += [(part, mark) for part in token.split(".") if part]
        self._pop()
        return parts

    def _value(self, place: Place, line: int) -> None:
        first, opening = self._peek(), self._pop()
        self.marks[place] = opening  # before its parts, which may be many lines long
        if first == "[":
            for index in count():
                if self._closed("]"):
                    break
                self._value((*place, index), self._tokens[-1][1].line)
        elif first == "{":
            while not self._closed("}"):
                self._pair(place)
        self.marks[place] = Mark(line, opening.start, self._end)

    def _closed(self, bracket: str) -> bool:
        """Skip a comma; take the closing bracket where it is next."""
        if self._peek() == ",":
            self._pop()
        if self._peek() != bracket:
            return False
        self._pop()
        return True

    def _peek(self) -> str:
        return self._tokens[-1][0]

    def _pop(self) -> Mark:
        mark = self._tokens.pop()[1]
        self._end = mark.end
        return mark
