"""A live pipeline as a process that describes it exactly, pinned to it."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, count

from connector.model import (
    Binding,
    Capability,
    Outcome,
    Pipeline,
    PipelineState,
    Process,
    ProcessStage,
    Stage,
)
from connector.tomlfile import acts

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "đ": "d", "ð": "d", "ł": "l"})
_NO_DEALS = {
    PipelineState.DRAFT: "the pipeline is a draft in the CRM",
    PipelineState.RETIRED: "the pipeline is retired in the CRM",
}
_GUESSED = (
    "the CRM keeps no probabilities with stages, and those here only rise (connector report suggest"
    " tells which ones the history speaks for)"
)
_CERTAIN = {Outcome.WON: 1.0, Outcome.LOST: 0.0}


def import_pipeline(
    pipeline: Pipeline,
    account: str,
    language: str,
    key: str | None = None,
    taken: Collection[str] = (),
) -> Process:
    """The process a live pipeline already follows, so that there is no drift between the two.

    Labels are said to be in `language`; the process is named after the pipeline, by a key not
    `taken`, unless a key is given. A pipeline no process can describe (no won stage, a label that
    is empty or cannot be seen whole, an unknown probability) gives a draft, inactive, whose note
    says what to decide before it is set active. Where the CRM keeps no probabilities with stages,
    those of the process are proposals; a stage that stands for a status needs no pin.
    """
    stages: list[ProcessStage] = []
    proposed = _proposed(pipeline)
    for live in pipeline.stages:
        stages.append(_stage(live, stages, proposed))
    paired = zip(stages, pipeline.stages, strict=True)
    pins = {made.key: live.id for made, live in paired if live.configured}
    label = _readable(pipeline.label) or f"Pipeline {pipeline.id}"
    doubts = [*_doubts(stages, pipeline), *_relabelled("the process", label, pipeline.label)]
    return Process(
        key=key or _untaken(_slug(label) or "process", "-", taken),
        label=label,
        language=language,
        stages=tuple(stages),
        bindings=(Binding(account, pipeline.id, language, managed(pipeline), pins),),
        active=not doubts,
        note=f"Decide before setting active = true: {'; '.join(doubts)}." if doubts else "",
    )


def managed(pipeline: Pipeline) -> frozenset[Capability]:
    """What a new binding manages: the labels and probabilities that the CRM keeps."""
    kept = {Capability.LABEL: any(live.configured for live in pipeline.stages)}
    kept[Capability.PROBABILITY] = any(live.weighted for live in pipeline.stages)
    return frozenset(capability for capability, is_kept in kept.items() if is_kept)


def _proposed(pipeline: Pipeline) -> Mapping[str, float]:
    """Probabilities that do nothing but rise, for open stages that have none, by stage id."""
    bare = [live for live in pipeline.stages if live.outcome is Outcome.OPEN and not live.weighted]
    return {live.id: round(step / (len(bare) + 1), 2) for step, live in enumerate(bare, 1)}


def _stage(
    live: Stage, before: Sequence[ProcessStage], proposed: Mapping[str, float]
) -> ProcessStage:
    """A stage that differs in key and label from those before it."""
    label = _readable(live.label) or f"Stage {live.id}"
    return ProcessStage(
        key=_untaken(_slug(live.label) or "stage", "-", {stage.key for stage in before}),
        label=_untaken(label, " ", {stage.label.strip().casefold() for stage in before}),
        probability=proposed.get(live.id, _probability(live)),
        outcome=live.outcome,
        cancelled=live.cancelled,
    )


def _untaken(text: str, separator: str, taken: Collection[str]) -> str:
    """A text, or else it with the lowest number, so that people and CRMs can tell it apart."""
    numbered = (f"{text.strip()}{separator}{number}" for number in count(2))
    return next(each for each in chain([text], numbered) if each.strip().casefold() not in taken)


def _probability(live: Stage) -> float:
    """What the outcome demands, or the live value, or a half where that is none."""
    if live.outcome is not Outcome.OPEN:
        return _CERTAIN[live.outcome]
    if live.probability is None or not 0 <= live.probability <= 1:
        return 0.5
    return live.probability


def _doubts(stages: Sequence[ProcessStage], pipeline: Pipeline) -> Iterator[str]:
    """Everything in which the stages are not as live, or not as a process needs them."""
    if pipeline.state is not PipelineState.ACTIVE:
        yield _NO_DEALS[pipeline.state]
    if _proposed(pipeline):
        yield _GUESSED
    for made, live in zip(stages, pipeline.stages, strict=True):
        if live.weighted:
            yield from _reweighted(made, live)
        if live.configured:
            yield from _relabelled(made.key, made.label, live.label)
    present = {stage.outcome for stage in stages}
    yield from (f"there is no {outcome} stage" for outcome in Outcome if outcome not in present)


def _reweighted(made: ProcessStage, live: Stage) -> Iterator[str]:
    if made.probability != live.probability:
        found = "unknown" if live.probability is None else live.probability
        yield f"{made.key} has {made.probability} here, and its live probability is {found}"
    elif made.outcome is Outcome.OPEN and made.probability in (0, 1):
        yield f"{made.key} is open at {made.probability}, which HubSpot reads as closed"


def _relabelled(what: str, label: str, live: str) -> Iterator[str]:
    if label != live:
        why = "is empty, taken or not to be seen whole"
        yield f"{what} has a label of our making, as its live one {why}"


def _readable(label: str) -> str:
    """The live label to the letter, spaces too, or nothing where a file could not hold it."""
    return label if label.strip() and not any(map(acts, label)) else ""


def _slug(label: str) -> str:
    """A label as a key: small letters a to z, digits and hyphens, Nordic letters without dots."""
    plain = unicodedata.normalize("NFKD", label.lower().translate(_LETTERS))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", ascii_only))
