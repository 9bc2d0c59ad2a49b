"""Which live stage each stage of a process stands for: named by hand, found by label or order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from connector.errors import NotFound
from connector.model import Binding, Outcome, Pipeline, Process, ProcessStage
from connector.process import Edit, managed, pin
from connector.reconcile.matching import closes_by_status
from connector.reconcile.matching import match as match_stages


@dataclass(frozen=True, slots=True)
class Proposal:
    """Stage keys to stage ids, and the stages that have no live twin.

    `by_order` says that no label matched, so that only order and outcome speak for the pairs.
    """

    stages: Mapping[str, str]
    missing: tuple[ProcessStage, ...]
    by_order: bool


def propose_pins(
    process: Process, account: str, pipeline: Pipeline, language: str, named: Mapping[str, str]
) -> Proposal:
    """Pins for a process: those `named`, and for the other stages those found by label.

    Stages that stand for a status need no pin. With neither, stages are paired in their order, won
    with won and lost with lost. Raises `NotFound` where a name is wrong.
    """
    _known("stage of the process", named, [stage.key for stage in process.stages])
    _known("live stage", named.values(), [live.id for live in pipeline.stages])
    found = match_stages(process, Binding(account, pipeline.id, language), pipeline)
    free = [
        (stage.key, live.id)
        for stage, live in found.pairs
        if live.configured and live.id not in named.values()
    ]
    stages = dict(free) | dict(named)
    by_order = not stages
    if by_order:
        stages = _by_order(process, pipeline)
    missing = tuple(
        stage
        for stage in process.stages
        if stage.key not in stages
        and not (closes_by_status(pipeline) and stage.outcome is not Outcome.OPEN)
    )
    return Proposal(stages, missing, by_order)


def write_pins(
    process: Process, account: str, pipeline: Pipeline, language: str, proposal: Proposal
) -> tuple[Edit, ...]:
    """Put proposed pins into the process file; those already there are kept."""
    binding = Binding(account, pipeline.id, language, managed(pipeline), proposal.stages)
    return pin(Path(process.file), binding)


def _known(what: str, names: Iterable[str], there: list[str]) -> None:
    for name in names:
        if name not in there:
            raise NotFound(f"no {what} {name!r}; there is {', '.join(there)}")


def _by_order(process: Process, pipeline: Pipeline) -> dict[str, str]:
    return {
        stage.key: live.id
        for outcome in (Outcome.OPEN, Outcome.WON, Outcome.LOST)
        for stage, live in zip(
            (stage for stage in process.stages if stage.outcome is outcome),
            (live for live in pipeline.stages if live.configured and live.outcome is outcome),
            strict=False,
        )
    }
