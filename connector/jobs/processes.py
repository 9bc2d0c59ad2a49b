"""Process files from live pipelines, and live values taken over into process files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from connector.errors import NotFound
from connector.jobs.reading import Reading
from connector.model import Binding, Pipeline, PipelineState, Process
from connector.process import (
    Edit,
    adopt_label,
    adopt_order,
    adopt_pipeline_label,
    adopt_probability,
    import_pipeline,
    save_new,
    taken_keys,
    write_process,
)
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.matching import match as match_stages


def find_pipeline(reading: Reading, wanted: str) -> Pipeline:
    """The live pipeline of this id or label; raises `NotFound` with those there are."""
    for pipeline in reading.pipelines:
        if wanted in (pipeline.id, pipeline.label):
            return pipeline
    known = ", ".join(f"{each.id} ({named(each)})" for each in reading.pipelines)
    raise NotFound(f"{reading.account} has no pipeline {wanted!r}; there is {known}")


def named(pipeline: Pipeline) -> str:
    """A pipeline by its label, and what it is where no deals run through it."""
    if pipeline.state is PipelineState.ACTIVE:
        return pipeline.label
    return f"{pipeline.label}, {pipeline.state}"


def find_process(processes: Sequence[Process], key: str) -> Process:
    """The process of this key; raises `NotFound` with those there are."""
    for process in processes:
        if process.key == key:
            return process
    known = ", ".join(each.key for each in processes) or "none yet"
    raise NotFound(f"no process {key!r}; there is {known}")


def import_live(
    pipeline: Pipeline,
    account: str,
    language: str,
    folder: Path,
    into: Path | None = None,
    key: str | None = None,
) -> Process:
    """Write the process a live pipeline already follows, into a file of the folder or another."""
    process = import_pipeline(pipeline, account, language, key, taken_keys(folder))
    path = into or folder / f"{process.key}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_process(process, path)
    return replace(process, file=str(path))


def start_from(starter: Process, path: Path) -> None:
    """Copy the file of a process, comments and all; raises `FileFaults` where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_new(path, Path(starter.file).read_text("utf-8"))


def adopt(drift: Drift, processes: Sequence[Process], reading: Reading) -> tuple[Edit, ...]:
    """Take the live value of a drift into its process file; raises `NotFound` where none can be."""
    process = find_process(processes, drift.process) if drift.process else None
    if process is not None:
        path, key, language = Path(process.file), drift.key or "", _binding(process, drift).language
        match drift.kind, drift.live:
            case DriftKind.LABEL, str(label):
                return adopt_label(path, key, label, language)
            case DriftKind.PIPELINE_LABEL, str(label):
                return adopt_pipeline_label(path, label, language)
            case DriftKind.PROBABILITY, float(probability):
                return adopt_probability(path, key, probability)
            case DriftKind.ORDER, tuple(ids):
                return adopt_order(path, _keys(process, drift, reading, ids))
    raise NotFound(
        f"{drift.id}: there is no live value of this kind to take over. For an outcome adopt the"
        " stage's probability; for a missing or unknown stage edit the process file."
    )


def _binding(process: Process, drift: Drift) -> Binding:
    place = (drift.account, drift.pipeline)
    return next(each for each in process.bindings if (each.account, each.pipeline) == place)


def _keys(process: Process, drift: Drift, reading: Reading, ids: Sequence[str]) -> list[str]:
    pairs = match_stages(
        process, _binding(process, drift), find_pipeline(reading, drift.pipeline)
    ).pairs
    key_of = {live.id: stage.key for stage, live in pairs}
    return [key_of[stage_id] for stage_id in ids]
