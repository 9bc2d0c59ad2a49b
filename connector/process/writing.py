"""A process as the text of a process file that teaches its reader what can be written there."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from connector.model import Binding, Criterion, Decision, Outcome, Process, ProcessStage
from connector.process.files import save_new
from connector.tomlfile import Value, literal

_COLUMN = 39

_GREETING = """\
# A sales process. The stages stand in their order, and their labels say what has happened when a
# deal is there. `connector process check` tells whether the file can be used.
"""

# Each stands beside the first key of its name, so that a long file explains everything once.
_HEAD_LESSONS = {
    "language": "language of the plain labels below",
    "labels": "the same in further languages",
    "active": "true once the process is complete",
    "default_for": "owners, teams or regions whose deals belong here; or all",
    "applies_to": "deal property = the values that belong here",
    "key_conversions": "at most two moves; they lead the report",
}
_STAGE_LESSONS = {
    "phase": "shared by all processes, for one view of all",
    "probability": "how many of the deals here are won, 0 to 1",
    "outcome": "closes the deals here as won or lost",
    "mandatory": "every won deal passes it",
    "exit": "what must be true before a deal moves on",
    "max_days": "longer than this, and the deal needs a look",
    "next": "allowed moves; without this: forward, won, lost",
    "ask": "here the seller asks for the decision",
    "cancelled": "called off: win rates may leave these out",
    "decision": "who set the probability, why, and until when it stands",
}
_BINDING_LESSONS = {
    "language": "whose labels are compared there",
    "manage": 'what apply may correct; also "order", "create", "confidence"',
}

Pairs = Iterable[tuple[str, Value | None]]


def write_process(process: Process, path: Path) -> None:
    """Write a new process file; raises `FileFaults` where there is one, or it would not load."""
    save_new(path, process_text(process))


def process_text(process: Process) -> str:
    """The process file of a process."""
    stage_lessons = dict(_STAGE_LESSONS)
    blocks = [_block(_GREETING, _head(process), dict(_HEAD_LESSONS))]
    blocks += [_block("[[stage]]", _stage(stage), stage_lessons) for stage in process.stages]
    return "\n".join([*blocks, *map(binding_text, process.bindings)])


def binding_text(binding: Binding) -> str:
    """One binding as the [[bindings]] of a process file."""
    block = _block("[[bindings]]", _binding(binding), dict(_BINDING_LESSONS))
    if not binding.pinned:
        return block
    header = "\n[bindings.stages]                      # stage key = stage id in the CRM"
    return block + _block(header, binding.stages.items(), {})


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
        ("key_conversions", process.key_conversions),
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
        ("cancelled", stage.cancelled or None),
        ("decision", decision_values(stage.decision) if stage.decision else None),
    )


def decision_values(decision: Decision) -> dict[str, Value]:
    """A decision as the table of a process file."""
    return {
        "decided_by": decision.decided_by,
        "reason": decision.reason,
        "review_on": decision.review_on,
    }


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
    )


def _filled(**values: str | None) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


def _block(header: str, pairs: Pairs, lessons: dict[str, str]) -> str:
    return "\n".join([header, *_lines(pairs, lessons)]) + "\n"


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
