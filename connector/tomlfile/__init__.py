"""Strict TOML for people: every fault of a file at once, with its line, key and what to do."""

from connector.tomlfile.lines import Place
from connector.tomlfile.shape import Table, matching, validate
from connector.tomlfile.source import Source, gather, nearest, parse, read, replace

__all__ = [
    "Place",
    "Source",
    "Table",
    "gather",
    "matching",
    "nearest",
    "parse",
    "read",
    "replace",
    "validate",
]
