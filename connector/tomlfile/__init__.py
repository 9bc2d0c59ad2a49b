"""Strict TOML for people: every fault of a file at once, with its line, key and what to do."""

from connector.tomlfile.marks import Place
from connector.tomlfile.shape import Line, Table, Text, matching, validate
from connector.tomlfile.source import Source, acts, gather, nearest, parse, read, replace, visible
from connector.tomlfile.splice import Value, append, literal, put, reorder

__all__ = [
    "Line",
    "Place",
    "Source",
    "Table",
    "Text",
    "Value",
    "acts",
    "append",
    "gather",
    "literal",
    "matching",
    "nearest",
    "parse",
    "put",
    "read",
    "reorder",
    "replace",
    "validate",
    "visible",
]
