"""The reports of the processes there are, and of one of them stage by stage."""

from collections.abc import Sequence
from dataclasses import replace

from connector.model import Binding, Outcome, Process, ProcessStage
from connector.report.document import (
    Cell,
    Column,
    Count,
    Days,
    Document,
    Fact,
    Place,
    Share,
    Table,
    Term,
)

_PROCESSES = (
    Column("key", "Process"),
    Column("label", "Label"),
    Column("language", "Language"),
    Column("stages", "Stages"),
    Column("active", "Active"),
    Column("bindings", "Stands for"),
    Column("file", "File"),
)
_STAGES = (
    Column("key", "Stage"),
    Column("label", "Label"),
    Column("probability", "Probability"),
    Column("outcome", "Outcome"),
    Column("mandatory", "Mandatory"),
    Column("max_days", "At most"),
    Column("buyer_action", "What the buyer has done"),
)
_BINDINGS = (
    Column("account", "Account"),
    Column("pipeline", "Pipeline id"),
    Column("language", "Language"),
    Column("manage", "Manages"),
    Column("pins", "Pinned stages"),
)
_SECONDS_PER_DAY = 86_400


def processes_document(processes: Sequence[Process]) -> Document:
    """Every process in a line."""
    rows = tuple(_process_row(process) for process in processes)
    empty = "No process files yet. connector process import ACCOUNT --all writes them."
    return Document(
        name="processes",
        version=1,
        title="Processes",
        facts=(),
        blocks=(Table("processes", _PROCESSES, rows, empty=empty),),
    )


def process_document(process: Process, language: str) -> Document:
    """One process with its stages, their labels in a language, and its bindings."""
    stages = tuple(_stage_row(stage, language) for stage in process.stages)
    bindings = tuple(_binding_row(binding, process) for binding in process.bindings)
    return Document(
        name="process",
        version=1,
        title=process.label_in(language),
        facts=(Fact("key", "Key", process.key), Fact("file", "File", process.file)),
        blocks=(
            Table("stages", _filled(_STAGES, stages), stages, "Stages"),
            Table("bindings", _BINDINGS, bindings, "Stands for", "Bound to no pipeline yet."),
        ),
    )


def _filled(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> tuple[Column, ...]:
    """The columns, of which people see only those where a row says something."""
    return tuple(
        column if any(row[index] is not None for row in rows) else replace(column, place=Place.DATA)
        for index, column in enumerate(columns)
    )


def _process_row(process: Process) -> tuple[Cell, ...]:
    bound = ", ".join(f"{each.account}:{each.pipeline}" for each in process.bindings)
    return (
        process.key,
        process.label,
        process.language,
        Count(len(process.stages)),
        process.active,
        bound or None,
        process.file,
    )


def _stage_row(stage: ProcessStage, language: str) -> tuple[Cell, ...]:
    return (
        stage.key,
        stage.label_in(language),
        Share(stage.probability),
        None if stage.outcome is Outcome.OPEN else Term(stage.outcome, stage.outcome),
        stage.mandatory,
        None if stage.max_days is None else Days(stage.max_days * _SECONDS_PER_DAY),
        stage.buyer_action or None,
    )


def _binding_row(binding: Binding, process: Process) -> tuple[Cell, ...]:
    return (
        binding.account,
        binding.pipeline,
        binding.language,
        ", ".join(sorted(binding.manage)) or None,
        f"{len(binding.stages)} of {len(process.stages)}",
    )
