"""Small changes to a TOML text that leave every other character of it alone.

They are made in the text itself. A document model (tomlkit 0.15, 2026-11) puts new keys behind the
comment of the table that follows, and moves tables of one array together.
"""

import json
import re
from collections.abc import Mapping, Sequence

from connector.tomlfile.marks import Mark, Place, comment_lines, marks

Value = str | bool | float | Sequence["Value"] | Mapping[str, "Value"]


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
        case Mapping():
            pairs = ", ".join(f"{_key(key)} = {literal(each)}" for key, each in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
    return f"[{', '.join(map(literal, value))}]"


def put(text: str, place: Place, value: Value, after: str = "") -> str:
    """Give a key a value; a new key of a table goes on a line of its own, behind key `after`."""
    found = marks(text)
    if place in found:
        return _cut_in(text, found[place], literal(value))
    table, key = place[:-1], str(place[-1])
    if table and table not in found:
        return put(text, table, {key: value}, after)
    pair = f"{_key(key)} = {literal(value)}"
    if (*table, after) in found:
        return _line_below(text, found[*table, after], pair)
    around = found[table]
    match text[around.start]:
        case "{":
            inner = text[around.start + 1 : around.end - 1].strip()
            pairs = f"{inner}, {pair}" if inner else pair
            return _cut_in(text, around, f"{{ {pairs} }}")
        case "[":
            return _line_below(text, around, pair)
    # The table is made by dotted keys; stand below the last of them.
    siblings = [mark for sibling, mark in found.items() if sibling[:-1] == table]
    return _line_below(text, siblings[-1], f"{_key(str(table[-1]))}.{pair}")


def append(text: str, block: str) -> str:
    """Put a block of lines behind the text, a blank line between."""
    joined = f"{text.rstrip()}\n\n{block}"
    return re.sub(r"\r?\n", "\r\n", joined) if "\r\n" in text else joined


def reorder(text: str, array: str, order: Sequence[int]) -> str:
    """Move the [[array]] tables of a text, each with the comment lines directly above it.

    `order` holds the present indexes in their new order.
    """
    pieces = _pieces(text, array)
    moved = iter(order)
    bodies = {owner: body.rstrip("\r\n") for owner, body in pieces if owner is not None}
    # The blank lines between tables belong to the places, not to the tables.
    return "".join(
        body if owner is None else bodies[next(moved)] + body[len(body.rstrip("\r\n")) :]
        for owner, body in pieces
    )


def _pieces(text: str, array: str) -> list[tuple[int | None, str]]:
    """The text cut before each table of the array and behind its last key; None owns the rest."""
    lines = re.split(r"(?<=\n)", text)
    comments = set(comment_lines(text))
    cuts: list[tuple[int | None, int]] = [(None, 0)]
    for place, mark in sorted(marks(text).items(), key=lambda item: item[1].start):
        owner = place[1] if place[0] == array and len(place) > 1 else None
        if owner == cuts[-1][0] or place == (array,):
            continue
        line = mark.line - 1
        while line in comments:
            line -= 1
        cuts.append((int(owner) if owner is not None else None, line))
    ends = [line for _, line in cuts[1:]] + [len(lines)]
    return [
        (owner, "".join(lines[line:end])) for (owner, line), end in zip(cuts, ends, strict=True)
    ]


def _cut_in(text: str, mark: Mark, new: str) -> str:
    return text[: mark.start] + new + text[mark.end :]


def _line_below(text: str, mark: Mark, line: str) -> str:
    """Insert a line below the one a value ends on, indented like the one its key stands on."""
    above = text.split("\n")[mark.line - 1]
    indent = above[: len(above) - len(above.lstrip())]
    newline = "\r\n" if "\r\n" in text else "\n"
    at = mark.end + len(text[mark.end :].split("\n", 1)[0].rstrip("\r"))
    return f"{text[:at]}{newline}{indent}{line}{text[at:]}"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else literal(key)
