"""The shapes of request bodies, and what does not fit them.

A shape is the types a value may have, a list with the shape of its items, or a dictionary with the
shapes of its keys. A key may be missing or null, and keys that no shape names are of no concern.
"""

from collections.abc import Iterator
from typing import Any

SCALAR = (str, int, float, bool)
WHOLE = (int, str)
NAMES = [str]

BATCH_READ = {"inputs": [{"id": SCALAR}], "properties": NAMES, "propertiesWithHistory": NAMES}
SEARCH = {
    "filterGroups": [
        {
            "filters": [
                {
                    "propertyName": str,
                    "operator": str,
                    "value": SCALAR,
                    "highValue": SCALAR,
                    "values": [SCALAR],
                }
            ]
        }
    ],
    "sorts": [(str, dict)],
    "properties": NAMES,
    "query": str,
    "limit": WHOLE,
    "after": WHOLE,
}
STAGE = {"stageId": SCALAR, "label": str, "displayOrder": int, "metadata": dict}
PIPELINE = {"pipelineId": SCALAR, "label": str, "displayOrder": int, "stages": [STAGE]}


def misfits(value: Any, shape: Any, place: str = "the body") -> Iterator[str]:
    """Where a value has another type than its shape says."""
    match shape:
        case dict() if isinstance(value, dict):
            for key in shape.keys() & {key for key, held in value.items() if held is not None}:
                yield from misfits(value[key], shape[key], key)
        case [inner] if isinstance(value, list):
            for item in value:
                yield from misfits(item, inner, place)
        case dict() | list():
            yield place
        case types if not isinstance(value, types):
            yield place
