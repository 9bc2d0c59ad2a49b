"""Small changes to a TOML text that leave every other character of it alone.

They are made in the text itself. A document model (tomlkit 0.15, 2026-11) puts new keys behind the
comment of the table that follows, and moves tables of one array together.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from connector.tomlfile.marks import Mark, Place, comment_lines, marks

Value = str | bool | float | date | Sequence["Value"] | Mapping[str, "Value"]


def literal(value: Value) -> str:
    """A value as TOML on one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            # JSON's escapes are TOML's, which also wants one for DEL.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case int() | float():
            return repr(value)
        case date():
            return value.isoformat()
        case Mapping():
            pairs = ", ".join(f"{bare(key)} = {literal(each)}" for key, each in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
    return f"[{', '.join(map(literal, value))}]"


def bare(key: str) -> str:
    """A key as TOML, in quotes only where it needs them."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else literal(key)


def put(text: str, place: Place, value: Value, after: str = "") -> str:
    """Give a key a value; a new key of a table goes on a line of its own, behind key `after`."""
    found = marks(text)
    if place in found:
        return _cut_in(text, found[place], literal(value))
    table, key = place[:-1], str(place[-1])
    if table and table not in found:
        return put(text, table, {key: value}, after)
    pair = f"{bare(key)} = {literal(value)}"
    if (*table, after) in found:
        return _line_below(text, found[*table, after], pair)
    around = found[table]
    if text[around.start] == "{":
        inner = text[around.start + 1 : around.end - 1].strip()
        return _cut_in(text, around, f"{{ {inner}, {pair} }}" if inner else f"{{ {pair} }}")
    if text[around.start] != "[":  # made by dotted keys, so this one is dotted too
        pair = f"{bare(str(table[-1]))}.{pair}"
    return _line_below(text, _last_key(text, found, table), pair)


def append(text: str, block: str) -> str:
    """Put a block of lines behind the text, a blank line between."""
    joined = f"{text.rstrip()}\n\n{block}"
    return re.sub(r"\r?\n", "\r\n", joined) if "\r\n" in text else joined


def reorder(text: str, array: str, order: Sequence[int]) -> str:
    """Move the [[array]] tables of a text, each with the comment lines that touch it.

    `order` holds the present indexes in their new order. What stands between tables, blank lines
    and comments with a blank line on either side, stays where it is.
    """
    pieces = list(_pieces(text if text.endswith("\n") else f"{text}\n", array))
    bodies = {owner: body for owner, body in pieces if owner is not None}
    moved = iter(order)
    return "".join(body if owner is None else bodies[next(moved)] for owner, body in pieces)


def _pieces(text: str, array: str) -> Iterator[tuple[int | None, str]]:
    """The text cut into whole lines: the array's tables by index, and None for what is between."""
    lines = re.split(r"(?<=\n)", text)
    done = 0
    comments = set(comment_lines(text))
    for index, extent in _extents(text, array).items():
        first, last = _with_comments(lines, comments, *extent)
        yield None, "".join(lines[done : first - 1])
        yield index, "".join(lines[first - 1 : last])
        done = last
    yield None, "".join(lines[done:])


def _extents(text: str, array: str) -> dict[int, tuple[int, int]]:
    """The first and the last line of every table of an array."""
    extents: dict[int, tuple[int, int]] = {}
    for place, mark in marks(text).items():
        match place:
            case (str(name), int(index), *_) if name == array:
                first, last = extents.get(index, (mark.line, mark.line))
                extents[index] = first, max(last, text.count("\n", 0, mark.end) + 1)
    return extents


def _with_comments(
    lines: Sequence[str], comments: Collection[int], first: int, last: int
) -> tuple[int, int]:
    """Lines grown by the comments above them, and by those below with nothing right below these."""
    while first - 1 in comments:
        first -= 1
    below = last + 1
    while below in comments:
        below += 1
    ends = below > len(lines) or not lines[below - 1].strip()
    return first, below - 1 if ends else last


def _last_key(text: str, found: Mapping[Place, Mark], table: Place) -> Mark:
    """The last key of a table that is no table with a header itself, or else the table's header."""
    keys = [mark for place, mark in found.items() if place[:-1] == table]
    return next((mark for mark in reversed(keys) if text[mark.start] != "["), found[table])


def _cut_in(text: str, mark: Mark, new: str) -> str:
    return text[: mark.start] + new + text[mark.end :]


def _line_below(text: str, mark: Mark, line: str) -> str:
    """Insert a line below the one a value ends on, indented like the one its key stands on."""
    above = text.split("\n")[mark.line - 1]
    indent = above[: len(above) - len(above.lstrip())]
    newline = "\r\n" if "\r\n" in text else "\n"
    at = mark.end + len(text[mark.end :].split("\n", 1)[0].rstrip("\r"))
    return f"{text[:at]}{newline}{indent}{line}{text[at:]}"
