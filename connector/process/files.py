"""Process files to processes: read, check shape and rules, and answer in the project's nouns."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from connector.errors import Fault, FileFaults
from connector.model import (
    Binding,
    Capability,
    Criterion,
    Decision,
    Evidence,
    Outcome,
    Process,
    ProcessStage,
    Task,
)
from connector.process.rules import check_file, check_together
from connector.process.shape import (
    AudienceTable,
    BindingTable,
    DecisionTable,
    ProcessTable,
    StageTable,
)
from connector.tomlfile import Source, gather, parse, read, replace, validate


def load_processes(folder: Path) -> tuple[Process, ...]:
    """Every process of a folder, by file name, or all the faults of all its files."""
    if not folder.is_dir():
        message = "there is no such folder; connector process import ACCOUNT --all makes it"
        raise FileFaults((Fault(str(folder), "", None, message),))
    files = gather(lambda path: checked(read(path)), sorted(folder.glob("*.toml")))
    faults = tuple(check_together(files))
    if faults:
        raise FileFaults(faults)
    return tuple(_process(source, table) for source, table in files)


def load_process(path: Path) -> Process:
    """The process of one file, or all the faults of the file."""
    return _process(*checked(read(path)))


def save(path: Path, text: str) -> Process:
    """Put a process file in place, or raise the faults with which its folder would not load."""
    source, table = checked(parse(str(path), text))
    others: list[tuple[Source, ProcessTable]] = []
    for other in set(path.parent.glob("*.toml")) - {path}:
        with suppress(FileFaults):  # a file that is broken anyway does not stand in the way
            others.append(checked(read(other)))
    faults = tuple(check_together([*others, (source, table)]))
    if faults:
        raise FileFaults(faults)
    replace(path, text)
    return _process(source, table)


def save_new(path: Path, text: str) -> Process:
    """Put a new process file in place; raises `FileFaults` where there is one already."""
    if path.exists():
        raise FileFaults((Fault(str(path), "", None, "exists already; remove it first"),))
    return save(path, text)


def taken_keys(folder: Path) -> frozenset[str]:
    """The keys and file names of a folder's processes; of a broken file only its name."""
    files = tuple(folder.glob("*.toml"))
    keys = {file.stem.casefold() for file in files}
    for file in files:
        with suppress(FileFaults):
            keys.add(load_process(file).key)
    return frozenset(keys)


def schema() -> dict[str, Any]:
    """The JSON Schema of a process file, for editors."""
    return ProcessTable.model_json_schema()


def starters() -> Path:
    """The folder of the processes that come with connector, to start from."""
    package = Path(__file__).parents[1]
    installed = package / "mappings"
    return installed if installed.is_dir() else package.parent / "mappings"


def checked(source: Source) -> tuple[Source, ProcessTable]:
    """A source with its table, or all its faults by itself."""
    table = validate(source, ProcessTable)
    faults = source.faults(check_file(table))
    if faults:
        raise FileFaults(faults)
    return source, table


def _process(source: Source, table: ProcessTable) -> Process:
    return Process(
        key=table.key,
        label=table.label,
        language=table.language,
        stages=tuple(map(_stage, table.stage)),
        labels=table.labels,
        bindings=tuple(map(_binding, table.bindings)),
        active=table.active,
        note=table.note,
        default_for=_default_for(table.default_for),
        applies_to={name: tuple(values) for name, values in table.applies_to.items()},
        file=source.file,
        key_conversions=tuple((start, onto) for start, onto in table.key_conversions),
    )


def _default_for(audience: str | AudienceTable | None) -> dict[str, tuple[str, ...]]:
    """The audience by kind; `{"all": ()}` for everybody, empty for nobody."""
    match audience:
        case None:
            return {}
        case AudienceTable():
            return {kind: tuple(names) for kind, names in audience if names}
    return {audience: ()}


def _stage(table: StageTable) -> ProcessStage:
    return ProcessStage(
        key=table.key,
        label=table.label,
        probability=float(table.probability),
        outcome=Outcome(table.outcome),
        labels=table.labels,
        phase=table.phase,
        mandatory=table.mandatory,
        buyer_action=table.buyer_action,
        evidence=tuple(Evidence(each.property) for each in table.evidence),
        exit=tuple(Criterion(c.key, c.text, c.property, c.kind) for c in table.exit),
        guidance=table.guidance,
        tasks=tuple(Task(task.title, task.due) for task in table.tasks),
        max_days=table.max_days,
        next=tuple(table.next or ()),
        ask=table.ask,
        cancelled=table.cancelled,
        decision=_decision(table.decision),
    )


def _decision(table: DecisionTable | None) -> Decision | None:
    if table is None:
        return None
    return Decision(table.decided_by, table.reason, table.review_on)


def _binding(table: BindingTable) -> Binding:
    return Binding(
        account=table.account,
        pipeline=table.pipeline,
        language=table.language,
        manage=frozenset(map(Capability, table.manage)),
        stages=table.stages,
    )
