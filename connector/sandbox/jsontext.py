"""JSON as the emulated CRMs write it."""

import json
from typing import Any


def encoded(value: Any) -> bytes:
    """JSON as bytes; half of a surrogate pair, which UTF-8 has no bytes for, is escaped."""
    return json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace")
