"""The tables and keys of a process file, as its reader and its JSON Schema know them."""

from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Discriminator, Field, Tag

from connector.tomlfile import Line, Table, Text, matching

KEBAB = r"[a-z0-9]+(-[a-z0-9]+)*"

Key = Annotated[
    str,
    *matching(KEBAB, 'should be small letters, digits and hyphens, like "meeting-booked"'),
]
Language = Annotated[
    str, *matching("[a-z]{2,3}(-[A-Z]{2})?", 'should be a language code, like "nb" or "en-GB"')
]
Due = Annotated[str, *matching("[0-9]+[hdw]", 'should be hours, days or weeks, like "4h" or "2d"')]

T = TypeVar("T")
Labels = Annotated[dict[Language, Line], Field(default_factory=dict)]
Some = Annotated[list[T], Field(default_factory=list)]


class EvidenceTable(Table):
    """A deal property that proves what the buyer did."""

    property: Text


class CriterionTable(Table):
    """One thing that must be true before a deal leaves the stage."""

    key: Key
    text: Text
    property: Text | None = None
    kind: Literal["seller", "proof", "information", "consent"] = "information"


class TaskTable(Table):
    """Work a seller does in the stage."""

    title: Text
    due: Due | None = None


class DecisionTable(Table):
    """Who last decided on the stage's probability, why, and until when that stands."""

    decided_by: Line
    reason: Line
    review_on: date


class StageTable(Table):
    """One [[stage]]; their order in the file is the order of the process."""

    key: Key
    label: Line
    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    outcome: Literal["open", "won", "lost"] = "open"
    labels: Labels
    phase: str = ""
    mandatory: bool = False
    buyer_action: str = ""
    evidence: Some[EvidenceTable]
    exit: Some[CriterionTable]
    guidance: str = ""
    tasks: Some[TaskTable]
    max_days: Annotated[int, Field(ge=1)] | None = None
    next: Annotated[list[Key], Field(min_length=1)] | None = None
    ask: bool = False
    cancelled: bool = False
    decision: DecisionTable | None = None


class BindingTable(Table):
    """One [[bindings]]: a pipeline of an account that the process stands for."""

    account: Text
    pipeline: Text
    language: Language
    manage: Some[Literal["label", "probability", "order", "create", "confidence"]]
    stages: Annotated[dict[Key, Text], Field(default_factory=dict)]


class AudienceTable(Table):
    """Whose new deals belong to the process unless somebody says otherwise."""

    owners: Some[Text]
    teams: Some[Text]
    regions: Some[Text]


def _audience_kind(value: Any) -> str:
    return "everybody" if isinstance(value, str) else "some"


Everybody = Annotated[
    str, *matching("all", 'should be "all" or a table, like { teams = ["Norge"] }')
]
Audience = Annotated[
    Annotated[Everybody, Tag("everybody")] | Annotated[AudienceTable, Tag("some")],
    Discriminator(_audience_kind),
]


KeyConversions = Annotated[
    list[Annotated[list[Key], Field(json_schema_extra={"minItems": 2, "maxItems": 2})]],
    Field(default_factory=list, json_schema_extra={"maxItems": 2}),
]


class ProcessTable(Table):
    """A process file as a whole."""

    version: Literal[1]
    key: Key
    label: Line
    language: Language
    labels: Labels
    active: bool = True
    note: str = ""
    default_for: Audience | None = None
    applies_to: Annotated[dict[Text, list[Text]], Field(default_factory=dict)]
    key_conversions: KeyConversions
    stage: Some[StageTable]
    bindings: Some[BindingTable]
