"""Whether the values of a TOML file have the shape a model asks for, said in TOML's own words."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from connector.errors import FileFaults
from connector.tomlfile.marks import Place
from connector.tomlfile.source import Source, acts, nearest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class Table(BaseModel):
    """A table of a TOML file that takes its own keys and no other ones, and converts nothing."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


T = TypeVar("T", bound=Table)

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "date_type": "a date, like 2026-12-31",
    "model_attributes_type": "a table",
}
_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "greater_than": ("gt", "above"),
}
_PLAIN = {
    "missing": "is missing",
    "union_tag_not_found": "is missing",
    "too_short": "should not be empty",
    "finite_number": "should be a number",
}
_FOUND: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a table"),
    ((date, datetime, time), "a date or time"),
)


def validate(source: Source, model: type[T]) -> T:
    """The file's values as the model, or all the faults of their shape."""
    try:
        return model.model_validate(source.values)
    except ValidationError as error:
        broken = (_broken(source, model, each) for each in error.errors(include_url=False))
        raise FileFaults(source.faults(broken)) from None


def matching(pattern: str, message: str) -> tuple[AfterValidator, Any]:
    """Annotations for text that must match a pattern as a whole, with its own words where not."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise PydanticCustomError("pattern", "{words}", {"words": message})
        return text

    return AfterValidator(check), Field(json_schema_extra={"pattern": f"^(?:{pattern})$"})


def _seen_whole(text: str) -> str:
    """Text in which nothing is hidden: it is compared, written to a CRM and shown to people."""
    for character in filter(acts, text):
        named = f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
        words = f"holds {named}, which cannot be seen; take it out"
        raise PydanticCustomError("unseen", "{words}", {"words": words})
    return text


Text = Annotated[str, *matching(r"[\s\S]*\S[\s\S]*", "should not be blank")]
Line = Annotated[Text, AfterValidator(_seen_whole)]


def _broken(source: Source, model: type[Table], error: "ErrorDetails") -> tuple[Place, str]:
    place = _place(source.values, error)
    if error["type"] == "extra_forbidden":
        hint = nearest(str(place[-1]), _known(model, error["loc"]))
        return place, f"is not a known key{hint}"
    return place, _message(error)


def _place(values: Any, error: "ErrorDetails") -> Place:
    """Where in the file an error is; pydantic's marks for the branches of a choice are left out."""
    place: Place = ()
    for part in error["loc"]:
        match values, part:
            case (list(), int(index)):
                place, values = (*place, index), values[index]
            case (dict(), str(key)) if key in values:
                place, values = (*place, key), values[key]
    match error["type"]:
        case "missing":
            return (*place, error["loc"][-1])
        case "union_tag_invalid" | "union_tag_not_found":
            return (*place, error["ctx"]["discriminator"].strip("'"))
    return place


def _message(error: "ErrorDetails") -> str:
    context: Mapping[str, Any] = error.get("ctx", {})
    match error["type"]:
        case kind if kind in _PLAIN:
            return _PLAIN[kind]
        case kind if kind in _EXPECTED:
            return _wrong_type(_EXPECTED[kind], error["input"])
        case kind if kind in _LIMITS:
            name, words = _LIMITS[kind]
            return f"should be {words} {context[name]:g}"
        case "literal_error":
            return _choice(error["input"], context["expected"])
        case "union_tag_invalid":
            return _choice(context["tag"], context["expected_tags"])
    return error["msg"]


def _choice(found: object, expected: str) -> str:
    """Words for a value outside the few there are; pydantic lists those in single quotes."""
    choices = re.findall(r"'([^']+)'", expected)
    *others, last = [f'"{choice}"' for choice in choices] or [expected]
    named = f"{', '.join(others)} or {last}" if others else last
    hint = nearest(found, choices) if isinstance(found, str) else ""
    return f"should be {named}{hint if 'mean' in hint else ''}"


def _wrong_type(expected: str, value: object) -> str:
    found = next((words for kind, words in _FOUND if isinstance(value, kind)), "something else")
    hint = ""
    if expected == "text" and isinstance(value, int | float):
        hint = "; put it in quotes"
    elif isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?|true|false", value):
        hint = "; take the quotes away"
    return f"should be {expected}, is {found}{hint}"


def _known(model: type[Table], location: tuple[int | str, ...]) -> set[str]:
    """The keys of the table an error lies in, found by walking the model along the location."""
    tables = [model]
    for part in location[:-1]:
        into = [table.model_fields[part] for table in tables if part in table.model_fields]
        if into:
            tables = [table for field in into for table in _tables(field.annotation)]
        else:
            tables = [table for table in tables if _tagged(table, part)] or tables
    return {name for table in tables for name in table.model_fields}


def _tables(annotation: Any) -> Iterator[type[Table]]:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        yield annotation
    for inner in get_args(annotation):
        yield from _tables(inner)


def _tagged(table: type[Table], tag: int | str) -> bool:
    """Whether a table is the branch of a choice that a tag stands for."""
    return any(get_args(field.annotation) == (tag,) for field in table.model_fields.values())
