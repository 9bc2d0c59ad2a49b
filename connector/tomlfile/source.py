"""A TOML file as read: its values, and where in the file each of them stands."""

import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from connector.errors import Fault, FileFaults
from connector.tomlfile.marks import Mark, Place, marks

T = TypeVar("T")
Item = TypeVar("Item")

_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


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
        return Fault(self.file, _dotted(place), line, message + self._bystander(place))

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
    except tomllib.TOMLDecodeError as error:
        reason, line = _said(str(error), text)
        message = f"is not TOML: {reason}"
    except RecursionError:
        message, line = "is nested too deeply", None
    raise FileFaults((Fault(file, "", line, message),))


def replace(path: Path, text: str) -> None:
    """Put a text in a file's place at once: whoever reads meanwhile sees the old or the new one."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
        fresh = Path(new.name)
        try:
            new.write(text.encode())
            new.flush()
            os.fsync(new.fileno())
            new.close()
            # A temporary file is private; the one it replaces may be shared.
            fresh.chmod(path.stat().st_mode if path.exists() else 0o644)
            fresh.replace(path)
        except BaseException:
            new.close()
            fresh.unlink(missing_ok=True)
            raise


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


def _said(message: str, text: str) -> tuple[str, int]:
    """What tomllib said, apart from where; the end of a text is its last line with words."""
    position = _POSITION.search(message)
    line = position[1] if position else None
    return _POSITION.sub("", message), int(line or text.rstrip().count("\n") + 1)


def _unusable(path: Path, message: str, line: int | None = None) -> FileFaults:
    return FileFaults((Fault(str(path), "", line, message),))


def _outward(place: Place) -> Iterable[Place]:
    return (place[:length] for length in range(len(place), 0, -1))


def _dotted(place: Place) -> str:
    """A place as people write and count it: the second stage's label is `stage[2].label`."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")
