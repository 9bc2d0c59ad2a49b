"""The changes of a plan as rows: one for each value of a stage that takes a new one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from connector.model import CreateStage, EditStage, Pipeline, StageChange, StageValues
from connector.report.document import Cell, Column, CrmText, Missing, Phrase, Place, Share, Term
from connector.report.layout import Row
from connector.report.names import Names

VALUE_COLUMNS = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    Column("stage", place=Place.DATA),
    Column("stage_label", "Stage"),
    Column("field", "What"),
    Column("from", "From"),
    Column("to", "To"),
)

_FIELDS = {
    "label": Term("label", "label"),
    "probability": Term("probability", "probability"),
    "slot": Term("position", "position"),
}
_TEMPORARY_LABEL = Term("temporary-label", "temporary label")
_NEW_STAGE = Missing("new stage")

_Slots = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Slots:
    """Slots by pipeline id and stage id: as they are live, and just before a change is written.

    `new` are the labels of the stages that changes before it create.
    """

    live: _Slots
    now: _Slots
    new: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def after(self, change: StageChange) -> "Slots":
        """The slots once a change is written."""
        place, values = (change.pipeline, change.stage), change.after
        now = self.now if values.slot is None else {**self.now, place: values.slot}
        new = self.new
        if isinstance(change, CreateStage) and values.label is not None:
            new = {**new, place: values.label}
        return Slots(self.live, now, new)


def live_slots(live: Iterable[Pipeline]) -> Slots:
    """The slots of all stages before the first change."""
    slots = {
        (pipeline.id, stage.id): stage.slot
        for pipeline in live
        for stage in pipeline.stages
        if stage.slot is not None
    }
    return Slots(slots, slots)


def slots_along(changes: Iterable[StageChange], slots: Slots) -> Iterator[Slots]:
    """The slots as they are just before each of the changes is written, given those at first."""
    for change in changes:
        yield slots
        slots = slots.after(change)


def value_rows(
    change: StageChange, names: Names, slots: Slots, temporary: bool = False
) -> tuple[Row, ...]:
    """A row for each value the change gives, in the columns of `VALUE_COLUMNS`.

    A position is told from where the stage is live to where the change puts it.
    """
    place = (
        CrmText(change.pipeline),
        names.pipeline(change.pipeline),
        CrmText(change.stage),
        _stage_name(change, names),
    )
    names = replace(names, stages={**names.stages, **slots.new})
    return tuple(
        (
            *place,
            _TEMPORARY_LABEL if temporary and name == "label" else term,
            _before(change, name, names, slots.live),
            _value(change.after, change, name, names, slots.now),
        )
        for name, term in _FIELDS.items()
        if getattr(change.after, name) is not None
    )


def _stage_name(change: StageChange, names: Names) -> CrmText:
    if isinstance(change, CreateStage) and change.after.label:
        return CrmText(change.after.label)
    return names.stage(change.pipeline, change.stage)


def _before(change: StageChange, name: str, names: Names, slots: _Slots) -> Cell:
    match change:
        case CreateStage():
            return _NEW_STAGE
        case EditStage(before=before):
            return _value(before, change, name, names, slots)


def _value(
    values: StageValues, change: StageChange, name: str, names: Names, slots: _Slots
) -> Cell:
    match getattr(values, name):
        case None:
            return None
        case int(slot) if name == "slot":
            return _position(slot, change, names, slots)
        case str(label):
            return CrmText(label)
        case probability:
            return Share(probability)


def _position(slot: int, change: StageChange, names: Names, slots: _Slots) -> Cell:
    """A slot in words: numbers may have gaps, so only the stage before it means anything."""
    before = {
        stage: taken
        for (pipeline, stage), taken in slots.items()
        if pipeline == change.pipeline and stage != change.stage and taken < slot
    }
    if not before:
        return "first"
    return Phrase(("after ", names.stage(change.pipeline, max(before, key=before.__getitem__))))
