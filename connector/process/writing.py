"""A process as the text of a process file that teaches its reader what can be written there."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from connector.errors import Fault, FileFaults
from connector.model import Binding, Criterion, Outcome, Process, ProcessStage
from connector.process.files import save
from connector.tomlfile import Value, literal

_COLUMN = 39

_GREETING = """\
# A sales process. The stages stand in their order, and their labels say what has happened when a
# deal is there. `connector process check` tells whether the file can be used.
"""

# Each stands beside the first key of its name, so that a long file explains everything once.
_LESSONS = {
    "language": "language of the plain labels below",
    "labels": "the same in further languages",
    "active": "true once the process is complete",
    "phase": "shared by all processes, for one view of the whole company",
    "probability": "how many of the deals that reach this stage are won, from 0 to 1",
    "mandatory": "every won deal passes it",
    "exit": "what must be true before a deal moves on",
    "max_days": "longer than this, and the deal needs a look",
    "next": "allowed moves; without this line: forward, won and lost",
    "ask": "here the seller asks for the decision",
    "manage": 'what apply may correct; also "order" and "create"',
    "stages": "stage key = stage id in the CRM",
}

Pairs = Iterable[tuple[str, Value | None]]


def write_process(process: Process, path: Path) -> None:
    """Write a new process file; raises `FileFaults` where there is one, or it would not load."""
    if path.exists():
        raise FileFaults((Fault(str(path), "", None, "exists already; remove it first"),))
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, process_text(process))


def process_text(process: Process) -> str:
    """The process file of a process."""
    lessons = dict(_LESSONS)
    blocks = [
        [_GREETING, *_lines(_head(process), lessons)],
        *(["[[stage]]", *_lines(_stage(stage), lessons)] for stage in process.stages),
        *(["[[bindings]]", *_lines(_binding(each), lessons)] for each in process.bindings),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def binding_text(binding: Binding) -> str:
    """One binding as the [[bindings]] of a process file."""
    return "\n".join(["[[bindings]]", *_lines(_binding(binding), dict(_LESSONS))]) + "\n"


def _head(process: Process) -> Pairs:
    default_for = process.default_for
    return (
        ("version", 1),
        ("key", process.key),
        ("label", process.label),
        ("language", process.language),
        ("labels", process.labels),
        ("active", None if process.active else False),
        ("note", process.note),
        ("default_for", "all" if "all" in default_for else default_for),
        ("applies_to", process.applies_to),
    )


def _stage(stage: ProcessStage) -> Pairs:
    return (
        ("key", stage.key),
        ("label", stage.label),
        ("labels", stage.labels),
        ("phase", stage.phase),
        ("probability", stage.probability),
        ("outcome", None if stage.outcome is Outcome.OPEN else stage.outcome.value),
        ("mandatory", stage.mandatory or None),
        ("buyer_action", stage.buyer_action),
        ("evidence", [{"property": each.property} for each in stage.evidence]),
        ("exit", [_criterion(each) for each in stage.exit]),
        ("guidance", stage.guidance),
        ("tasks", [_filled(title=task.title, due=task.due) for task in stage.tasks]),
        ("max_days", stage.max_days),
        ("next", stage.next),
        ("ask", stage.ask or None),
    )


def _criterion(criterion: Criterion) -> dict[str, str]:
    return _filled(
        key=criterion.key, text=criterion.text, property=criterion.property, kind=criterion.kind
    )


def _binding(binding: Binding) -> Pairs:
    return (
        ("account", binding.account),
        ("pipeline", binding.pipeline),
        ("language", binding.language),
        ("manage", sorted(binding.manage)),
        ("stages", binding.stages),
    )


def _filled(**values: str | None) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


def _lines(pairs: Pairs, lessons: dict[str, str]) -> Iterator[str]:
    """Lines for the keys that say something; a lesson is given once and taken from `lessons`."""
    for key, value in pairs:
        if value is None or value in ("", (), [], {}):
            continue
        line = f"{key} = {_value(value)}"
        lesson = lessons.pop(key, None)
        if lesson and len(line) < _COLUMN:
            yield f"{line:<{_COLUMN}}# {lesson}"
        else:
            yield from [f"# {lesson[0].upper()}{lesson[1:]}:", line] if lesson else [line]


def _value(value: Value) -> str:
    """Lists of tables get a line for each table, as no line should be read sideways."""
    match value:
        case [Mapping(), _, *_]:
            return "\n".join(["[", *(f"    {literal(each)}," for each in value), "]"])
    return literal(value)
