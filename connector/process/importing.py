"""A live pipeline as a process that describes it exactly, pinned to it."""

import re
import unicodedata
from dataclasses import replace

from connector.model import Binding, Capability, Outcome, Pipeline, Process, ProcessStage, Stage

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "đ": "d", "ð": "d", "ł": "l"})
_CERTAIN = {Outcome.WON: 1.0, Outcome.LOST: 0.0}
_MANAGE = frozenset({Capability.LABEL, Capability.PROBABILITY})


def import_pipeline(
    pipeline: Pipeline, account: str, language: str, key: str | None = None
) -> Process:
    """The process a live pipeline already follows, so that there is no drift between the two.

    Labels are said to be in `language`; the process is named after the pipeline unless a key is
    given. A pipeline no process can describe (no won stage, an empty label, an unknown probability)
    gives a draft, inactive, whose note says what to decide before it is set active.
    """
    doubts: list[str] = []
    stages: list[ProcessStage] = []
    for stage in pipeline.stages:
        taken = [each.key for each in stages]
        stages.append(_stage(stage, _free(_slug(stage.label) or "stage", taken), doubts))
    stages = _distinct(stages, doubts)
    present = {stage.outcome for stage in stages}
    doubts += [f"it has no {outcome} stage" for outcome in Outcome if outcome not in present]
    pins = {made.key: stage.id for made, stage in zip(stages, pipeline.stages, strict=True)}
    manage = _MANAGE if pins else frozenset()
    return Process(
        key=key or _slug(pipeline.label) or "process",
        label=_label(pipeline.label, f"Pipeline {pipeline.id}", doubts),
        language=language,
        stages=tuple(stages),
        bindings=(Binding(account, pipeline.id, language, manage, pins),),
        active=not doubts,
        note=f"Decide before setting active = true: {'; '.join(doubts)}." if doubts else "",
    )


def _stage(stage: Stage, key: str, doubts: list[str]) -> ProcessStage:
    probability = _CERTAIN.get(stage.outcome, stage.probability)
    if probability is None or not 0 <= probability <= 1:
        probability = 0.5
        doubts.append(f"the probability of {key} is not known, 0.5 stands in for it")
    elif probability != stage.probability:
        doubts.append(f"{key} is {stage.outcome} but live at {stage.probability}")
    elif stage.outcome is Outcome.OPEN and probability in (0, 1):
        doubts.append(f"{key} is open at {probability}, which HubSpot reads as closed")
    label = _label(stage.label, f"Stage {stage.id}", doubts)
    return ProcessStage(key, label, probability, stage.outcome)


def _label(live: str, stand_in: str, doubts: list[str]) -> str:
    """The live label to the letter, spaces too, unless a file could not hold it."""
    label = live.encode(errors="replace").decode()
    if not label.strip():
        label = stand_in
    if label != live:
        doubts.append(f'"{label}" stands in for a label that is empty or not text')
    return label


def _distinct(stages: list[ProcessStage], doubts: list[str]) -> list[ProcessStage]:
    """Stages that a person, and a match by label, can tell apart."""
    seen: set[str] = set()
    distinct = []
    for stage in stages:
        label, number = stage.label, 1
        while label.strip().casefold() in seen:
            number += 1
            label = f"{stage.label.strip()} ({number})"
        if number > 1:
            doubts.append(f'"{label}" is one of several stages with the same label')
        seen.add(label.strip().casefold())
        distinct.append(replace(stage, label=label))
    return distinct


def _slug(label: str) -> str:
    """A label as a key: small letters a to z, digits and hyphens, Nordic letters without dots."""
    plain = unicodedata.normalize("NFKD", label.lower().translate(_LETTERS))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", ascii_only))


def _free(key: str, taken: list[str]) -> str:
    free, number = key, 1
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free
