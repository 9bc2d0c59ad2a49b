"""A TOML file as read: its values, and where in the file each of them stands."""

import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar
from unicodedata import category

from connector.errors import Fault, FileFaults
from connector.tomlfile.marks import Mark, Place, marks
from connector.tomlfile.splice import bare

# Controls, invisible formats (bidi overrides, zero widths, tags), lone surrogates, line breaks.
_ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

T = TypeVar("T")
Item = TypeVar("Item")

_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

_PLAINER = {  # tomllib's words, for people who do not know its parts
    "Illegal character '\\n'": "a text is not closed on this line; add the closing quote",
    "Unterminated string": "a text is not closed; add the closing quotes",
    "Cannot overwrite a value": "this key stands here for the second time",
    "Expected '=' after a key in a key/value pair": "expected `key = value`",
    "Invalid value": "there is no value here; text needs quotes, true and false small letters",
}


@dataclass(frozen=True, slots=True)
class Source:
    """The values of one TOML file with the place of each; `file` is the name people know it by."""

    file: str
    text: str
    values: Mapping[str, Any]
    marks: Mapping[Place, Mark]

    def fault(self, place: Place, message: str) -> Fault:
        """A fault at a place, or at the nearest table around it that the file has."""
        line = next((self.marks[p].line for p in _outward(place) if p in self.marks), None)
        message += self._bystander(place)
        return Fault(self.file, visible(_dotted(place)), line, visible(message))

    def faults(self, broken: Iterable[tuple[Place, str]]) -> tuple[Fault, ...]:
        """The faults at several places, in the order of the file."""
        return tuple(sorted(starmap(self.fault, broken), key=lambda fault: fault.line or 0))

    def _bystander(self, place: Place) -> str:
        """Which of a list's tables is meant, by its own key: easier to find than by counting."""
        match place:
            case (str(array), int(index), *rest) if rest != ["key"]:
                table = self.values[array][index]
                key = table.get("key") if isinstance(table, dict) else None
                return f" ({array} {key})" if isinstance(key, str) else ""
        return ""


def read(path: Path) -> Source:
    """Read a TOML file, or raise the reason why it is none as `FileFaults`."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _unusable(path, "there is no such file") from None
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from None
    if raw.startswith(b"\xef\xbb\xbf"):
        raise _unusable(path, "begins with a byte order mark; save it as UTF-8 without BOM")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _unusable(path, "is not UTF-8 from here on; save it as UTF-8", line) from None
    return parse(str(path), text)


def parse(file: str, text: str) -> Source:
    """Take a TOML text apart; `file` is only its name in faults."""
    try:
        return Source(file, text, tomllib.loads(text), marks(text))
    except ValueError as error:  # numbers of more than 4300 digits are no TOMLDecodeError
        reason, line = _said(str(error), text)
        message = f"is not TOML: {reason}"
    except RecursionError:
        message, line = "is nested too deeply", None
    raise FileFaults((Fault(file, "", line, message),))


def replace(path: Path, text: str) -> None:
    """Put a text in a file's place at once: whoever reads meanwhile sees the old or the new one."""
    target = path.resolve()
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write(fresh, text)
            if target.exists():
                shutil.copymode(target, fresh)
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(path, f"cannot be written: {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    with path.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def gather(action: Callable[[Item], T], items: Iterable[Item]) -> tuple[T, ...]:
    """Do something with every item, and raise the faults of all of them together."""
    done: list[T] = []
    faults: list[Fault] = []
    for item in items:
        try:
            done.append(action(item))
        except FileFaults as error:
            faults += error.faults
    if faults:
        raise FileFaults(tuple(faults))
    return tuple(done)


def nearest(word: str, words: Iterable[str]) -> str:
    """The end of a message about an unknown word: the one probably meant, or all there are."""
    known = sorted(words)
    close = get_close_matches(word, known, 1)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; known here: {', '.join(known)}" if known else ""


def acts(character: str) -> bool:
    """Whether a character does something where it is printed instead of being seen."""
    return not character.isprintable() and category(character) in _ACTING


def visible(text: str) -> str:
    """A text with a visible mark for every character that could act on a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _said(message: str, text: str) -> tuple[str, int]:
    """What tomllib said, apart from where; the end of a text is its last line with words."""
    position = _POSITION.search(message)
    line = position[1] if position else None
    reason = _POSITION.sub("", message)
    return _PLAINER.get(reason, reason), int(line or text.rstrip().count("\n") + 1)


def _unusable(path: Path, message: str, line: int | None = None) -> FileFaults:
    return FileFaults((Fault(str(path), "", line, message),))


def _outward(place: Place) -> Iterable[Place]:
    return (place[:length] for length in range(len(place), 0, -1))


def _dotted(place: Place) -> str:
    """A place as people write and count it: the second stage's label is `stage[2].label`."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{bare(part)}" for part in place)
    return "".join(parts).removeprefix(".")
