"""Changes to a process file that somebody else wrote: their comments and their order stay.

Every edit answers what is different in the file, and raises `FileFaults` instead of leaving a file
that would not load.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.errors import FileFaults
from connector.model import Binding, Decision
from connector.process.files import checked, save
from connector.process.writing import binding_text, decision_values
from connector.tomlfile import Source, append, nearest, parse, put, read, reorder, visible


@dataclass(frozen=True, slots=True)
class Edit:
    """One value of a file that is another now; None where the file had or has none."""

    key: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return visible(f"{self.key}: {_shown(self.before)} -> {_shown(self.after)}")


def pin(path: Path, binding: Binding) -> tuple[Edit, ...]:
    """Add the stage ids of a binding to the pins there are; of one that is not there, everything.

    Where the process is bound to the pipeline already, the language and what is managed stay.
    """
    source, _ = checked(read(path))
    text = source.text
    index = _binding_index(source, binding.account, binding.pipeline)
    if index is None:
        text = append(text, binding_text(binding))
    else:
        for key, stage_id in binding.stages.items():
            text = put(text, ("bindings", index, "stages", key), stage_id, after="language")
    return _saved(path, source, text)


def adopt_label(path: Path, stage: str, label: str, language: str) -> tuple[Edit, ...]:
    """Take a live label for a stage, in the language of the binding it was seen in."""
    source, _ = checked(read(path))
    place = ("stage", _stage_index(source, stage))
    return _saved(path, source, _relabelled(source, place, label, language))


def adopt_pipeline_label(path: Path, label: str, language: str) -> tuple[Edit, ...]:
    """Take a live pipeline's label for the process, in the language of the binding."""
    source, _ = checked(read(path))
    return _saved(path, source, _relabelled(source, (), label, language))


def adopt_probability(path: Path, stage: str, probability: float) -> tuple[Edit, ...]:
    """Take a live probability for a stage, with the outcome it means: 1 won, 0 lost, else open."""
    source, _ = checked(read(path))
    index = _stage_index(source, stage)
    outcome = {1.0: "won", 0.0: "lost"}.get(probability, "open")
    text = put(source.text, ("stage", index, "probability"), probability)
    if source.values["stage"][index].get("outcome", "open") != outcome:
        text = put(text, ("stage", index, "outcome"), outcome, after="probability")
    return _saved(path, source, text)


def decide_probability(
    path: Path, stage: str, probability: float, decision: Decision
) -> tuple[Edit, ...]:
    """Give an open stage the probability somebody decided on, and keep who, why and until when."""
    source, _ = checked(read(path))
    index = _stage_index(source, stage)
    text = put(source.text, ("stage", index, "probability"), probability)
    place = ("stage", index, "decision")
    if "decision" not in source.values["stage"][index]:
        return _saved(path, source, put(text, place, decision_values(decision), "probability"))
    for key, value in decision_values(decision).items():
        text = put(text, (*place, key), value)
    return _saved(path, source, text)


def adopt_order(path: Path, stages: Sequence[str]) -> tuple[Edit, ...]:
    """Take a live order of stages; stages the CRM does not have keep their places."""
    source, _ = checked(read(path))
    indexes = [_stage_index(source, stage) for stage in stages]
    places = dict(zip(sorted(indexes), indexes, strict=True))
    order = [places.get(index, index) for index in range(len(source.values["stage"]))]
    return _saved(path, source, _reordered(source, order))


def _reordered(source: Source, order: Sequence[int]) -> str:
    """The text with stages moved; checked, as stages written on one line cannot be."""
    text = reorder(source.text, "stage", order)
    wanted = [source.values["stage"][index] for index in order]
    with suppress(FileFaults):
        if parse(source.file, text).values == {**source.values, "stage": wanted}:
            return text
    message = "cannot be reordered; write every stage as one [[stage]] block"
    raise FileFaults((source.fault(("stage",), message),))


def _relabelled(source: Source, place: tuple[str | int, ...], label: str, language: str) -> str:
    if language == source.values["language"]:
        return put(source.text, (*place, "label"), label)
    after = "label" if place else "language"
    return put(source.text, (*place, "labels", language), label, after)


def _binding_index(source: Source, account: str, pipeline: str) -> int | None:
    for index, binding in enumerate(source.values.get("bindings", [])):
        if (binding["account"], binding["pipeline"]) == (account, pipeline):
            return index
    return None


def _stage_index(source: Source, key: str) -> int:
    keys = [stage["key"] for stage in source.values.get("stage", [])]
    if key not in keys:
        message = f'no stage "{key}"{nearest(key, keys)}'
        raise FileFaults((source.fault(("stage",), message),))
    return keys.index(key)


def _saved(path: Path, source: Source, text: str) -> tuple[Edit, ...]:
    save(path, text)
    before, after = dict(_flat(source.values)), dict(_flat(parse(source.file, text).values))
    return tuple(
        Edit(key, before.get(key), after.get(key))
        for key in before | after
        if before.get(key) != after.get(key)
    )


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value by a key path that names stages and bindings instead of counting them."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from _flat(inner, f"{key}.{name}" if key else name)
        case [{"key": _}, *_] if key == "stage":
            yield "stage order", [stage["key"] for stage in value]
            for stage in value:
                yield from _flat(stage, f"stage[{stage['key']}]")
        case [{"pipeline": _}, *_]:
            for binding in value:
                yield from _flat(binding, f"{key}[{binding['account']}/{binding['pipeline']}]")
        case _:
            yield key, value


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case [*parts]:
            return ", ".join(map(str, parts))
    return str(value)
