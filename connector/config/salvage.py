"""What of a faulty config.toml can still be used: one typing error should not hide the rest."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from connector.config.config import Config, checked, to_config
from connector.errors import FileFaults
from connector.tomlfile import Source, parse, read

# What an account is nothing without, and its address, lest its key be sent to another one.
_CORE = frozenset({"crm", "token", "user", "key", "base_url"})


def usable_config(path: Path, env: Mapping[str, str]) -> Config:
    """The keys and tables of config.toml that have no fault, and the defaults for all others."""
    source = _readable(path)
    values: dict[str, Any] = {"version": 1}
    for key, part in _parts(source.values):
        tried = values | {key: _joined(values.get(key), part)}
        with suppress(FileFaults):
            checked(replace(source, values=tried))
            values = tried
    return to_config(checked(replace(source, values=values)), path, env)


def _readable(path: Path) -> Source:
    try:
        return read(path)
    except FileFaults:
        return parse(str(path), "")


def _parts(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each key with its value, of tables and lists one entry at a time.

    Lists come last, because jobs name accounts.
    """
    for key, value in sorted(values.items(), key=lambda item: isinstance(item[1], list)):
        match value:
            case dict():
                yield from ((key, entry) for entry in _entries(value))
            case list():
                yield from ((key, [entry]) for entry in value)
            case _:
                yield key, value


def _entries(table: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The entries of a table; of an account first what it cannot be without, then key by key."""
    for name, entry in table.items():
        if not isinstance(entry, dict):
            yield {name: entry}
            continue
        yield {name: {key: value for key, value in entry.items() if key in _CORE}}
        yield from ({name: {key: value}} for key, value in entry.items() if key not in _CORE)


def _joined(before: Any, part: Any) -> Any:
    match before, part:
        case (dict(), dict()):
            return before | {key: _joined(before.get(key), value) for key, value in part.items()}
        case (list(), list()):
            return before + part
    return part
