"""Values as JSON text that SQLite can hold, and back."""

import json
from hashlib import blake2b
from typing import TypeVar

import msgspec

Value = TypeVar("Value")


def encode(value: object) -> bytes:
    """The value as JSON in UTF-8; half a surrogate pair, which UTF-8 cannot hold, becomes "?"."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
        return text.encode("utf-8", "replace")


def decode(body: bytes | str, kind: type[Value]) -> Value:
    """The value that was encoded."""
    return msgspec.json.decode(body, type=kind)


def storable(value: Value) -> Value:
    """The value as it will be when it comes back from the database."""
    if isinstance(value, str) and value.isascii():
        return value
    return decode(encode(value), type(value))


def digest(body: bytes) -> int:
    """A number that tells two bodies apart, small enough for an integer of SQLite."""
    return int.from_bytes(blake2b(body, digest_size=8).digest(), signed=True)
