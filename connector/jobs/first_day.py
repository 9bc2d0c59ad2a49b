"""A first day: the files of a new account, written together or not at all."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from connector.config.config import checked
from connector.config.secret import FromFile
from connector.errors import Fault, FileFaults
from connector.jobs.new_account import DATABASE, MAPPINGS, NewAccount
from connector.model import Pipeline, PipelineState, Process
from connector.process import import_pipeline, load_processes, taken_keys, write_process
from connector.tomlfile import parse
from connector.tomlfile import replace as put_in_place


def new_processes(
    pipelines: Sequence[Pipeline], account: str, language: str, folder: Path
) -> tuple[Process, ...]:
    """The processes that live pipelines follow, each for a new file of the folder.

    Pipelines that a process of the folder already stands for are left out, and so are drafts and
    retired ones.
    """
    there = load_processes(folder) if folder.is_dir() else ()
    bound = {(each.account, each.pipeline) for process in there for each in process.bindings}
    taken = set(taken_keys(folder))
    made = []
    for pipeline in pipelines:
        in_use = pipeline.state is PipelineState.ACTIVE
        if in_use and (account, pipeline.id) not in bound:
            process = import_pipeline(pipeline, account, language, taken=taken)
            taken.add(process.key)
            made.append(replace(process, file=str(folder / f"{process.key}.toml")))
    return tuple(made)


def is_ours(path: Path, config: Path) -> bool:
    """Whether a path is of config.toml, its database or its process files."""
    folder, place = config.parent.resolve(), path.resolve()
    mappings = folder / MAPPINGS
    if place == config.resolve() or place.is_relative_to(mappings):
        return True
    return place.parent == folder and place.name.startswith(DATABASE)


def write_first_day(
    config: Path, account: NewAccount, processes: Sequence[Process], keys: Mapping[Path, str]
) -> tuple[Path, ...]:
    """Write everything, config.toml last, and return what was written.

    Raises `FileFaults` before the first write where config.toml would have any. Stopped or failed
    on the way, it takes back what it wrote; it never overwrites a file.
    """
    text = account.config_text()
    checked(parse(str(config), text))
    files = [*keys, *(Path(process.file) for process in processes), config]
    with _taken_back_on_failure(files):
        for path, secret in keys.items():
            FromFile(path).keep(secret)
        for process in processes:
            Path(process.file).parent.mkdir(parents=True, exist_ok=True)
            write_process(process, Path(process.file))
        config.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(config, text)
    return tuple(files)


@contextmanager
def _taken_back_on_failure(files: Sequence[Path]) -> Iterator[None]:
    """Files that come to be together: refused where one is there, gone where not all come."""
    faults = [Fault(str(path), "", None, "exists already") for path in files if path.exists()]
    times = Counter(path.resolve() for path in files)
    faults += [
        Fault(str(path), "", None, "would hold two things; give each a file of its own")
        for path in times
        if times[path] > 1
    ]
    if faults:
        raise FileFaults(tuple(faults))
    folders = {folder for path in files for folder in path.parents if not folder.exists()}
    try:
        yield
    except BaseException:
        # What was never made cannot be taken back, nor a folder somebody else put something into.
        for path in files:
            with suppress(OSError):
                path.unlink()
        for folder in sorted(folders, reverse=True):
            with suppress(OSError):
                folder.rmdir()
        raise
