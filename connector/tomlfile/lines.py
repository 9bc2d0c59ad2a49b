"""On which line of a TOML text each key stands, for texts that tomllib has accepted."""

import re
import tomllib
from itertools import count

Place = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""(?P<string>\"{3}(?:[^\\]|\\.)*?\"{3,5}|'{3}.*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*')
      | (?P<skip>\#[^\n]*|\s+)
      | (?P<mark>[\[\]{}=,])
      | (?P<word>\d{4}-\d\d-\d\d[ ]\d\d:[^\s,\]}#]*|[^\s\[\]{}=,#"']+)""",
    re.VERBOSE | re.DOTALL,
)


def line_index(text: str) -> dict[Place, int]:
    """The line, from 1, of every key, table and list element of a valid TOML text."""
    return _Walk(text).lines


class _Walk:
    """One pass over the tokens; as the text is valid, only its nesting has to be followed."""

    def __init__(self, text: str):
        self.lines: dict[Place, int] = {}
        self._tables: dict[Place, int] = {}  # index of the newest table of each [[array]]
        self._tokens: list[tuple[str, int]] = []
        line = 1
        for token in _TOKEN.finditer(text):
            if token.lastgroup != "skip":
                self._tokens.append((token[0], line))
            line += token[0].count("\n")
        self._tokens.reverse()
        table: Place = ()
        while self._tokens:
            table = self._statement(table)

    def _statement(self, table: Place) -> Place:
        """Read a header or a `key = value`; answer the table that later keys belong to."""
        if self._tokens[-1][0] != "[":
            self._pair(table)
            return table
        _, line = self._tokens.pop()
        array = self._tokens[-1][0] == "["
        if array:
            self._tokens.pop()
        parts = self._key("]")
        if array:
            self._tokens.pop()
        return self._open(parts, array, line)

    def _open(self, parts: list[str], array: bool, line: int) -> Place:
        """Enter the table a header names, a new one where the header has double brackets."""
        place: Place = ()
        for depth, part in enumerate(parts, 1):
            place = (*place, part)
            self.lines.setdefault(place, line)
            if array and depth == len(parts):
                self._tables[place] = self._tables.get(place, -1) + 1
            if place in self._tables:
                place = (*place, self._tables[place])
                self.lines.setdefault(place, line)
        return place

    def _key(self, stop: str) -> list[str]:
        parts: list[str] = []
        while (token := self._tokens.pop()[0]) != stop:
            if token[0] in "\"'":
                parts.append(tomllib.loads(f"key = {token}")["key"])
            else:
                parts += [part for part in token.split(".") if part]
        return parts

    def _pair(self, table: Place) -> None:
        line = self._tokens[-1][1]
        place = table
        for part in self._key("="):
            place = (*place, part)
            self.lines.setdefault(place, line)
        self._value(place)

    def _value(self, place: Place) -> None:
        match self._tokens.pop()[0]:
            case "[":
                for index in count():
                    if self._closed("]"):
                        return
                    self.lines[(*place, index)] = self._tokens[-1][1]
                    self._value((*place, index))
            case "{":
                while not self._closed("}"):
                    self._pair(place)

    def _closed(self, bracket: str) -> bool:
        """Skip a comma; take the closing bracket where it is next."""
        if self._tokens[-1][0] == ",":
            self._tokens.pop()
        closed = self._tokens[-1][0] == bracket
        if closed:
            self._tokens.pop()
        return closed
