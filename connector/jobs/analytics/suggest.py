"""Suggest: the probabilities the history speaks for, and putting them into the process files."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlite_utils import Database

from connector.errors import NotFound
from connector.jobs.analytics.scope import Frame
from connector.metrics.periods import day_of, month_starts
from connector.metrics.stages.stage_probability import StageWins
from connector.metrics.stages.suggestion import FunnelSuggestions, Suggestion, Verdict, suggest
from connector.model import Decision, Process
from connector.process import Edit, decide_probability
from connector.store.deal_histories import deal_histories
from connector.store.history import first_change


def read_suggestions(
    frame: Frame, db: Database, processes: Sequence[Process]
) -> tuple[FunnelSuggestions, ...]:
    """The probability of every open stage by what became of its deals."""
    scope = frame.scope
    first = first_change(db, frame.accounts)
    months = [] if first is None else month_starts(first, scope.as_of, scope.zone)
    wins = [
        StageWins(number, funnel.steps, scope.as_of, months)
        for number, funnel in enumerate(scope.funnels)
    ]
    for deal in deal_histories(db, frame.selection()):
        for each in wins:
            each.take(deal)
    decisions = {
        (process.key, stage.key): stage.decision
        for process in processes
        for stage in process.stages
    }
    today = day_of(scope.as_of, scope.zone)
    suggested = []
    for funnel, each in zip(scope.funnels, wins, strict=True):
        stages = (
            suggest(stage, found, decisions.get((funnel.key, stage.key)), today)
            for found in each.results()
            for stage in [funnel.stages[found.step]]
        )
        suggested.append(FunnelSuggestions(funnel, each.rate, tuple(stages), each.binned))
    return tuple(suggested)


def write_suggestions(
    suggested: Iterable[FunnelSuggestions],
    processes: Sequence[Process],
    decided_by: str,
    reason: str | None,
    review_on: date,
    only: frozenset[str],
) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    """Put the suggested probabilities into the process files; each file with what is different.

    `only` names the stages to take over, all of them where it is empty. Raises `NotFound` where it
    names one that no change is suggested for.
    """
    files = {process.key: Path(process.file) for process in processes}
    changes = [
        (files[each.funnel.key], suggestion)
        for each in suggested
        if each.funnel.bound
        for suggestion in each.stages
        if suggestion.verdict is Verdict.CHANGE
    ]
    known = {suggestion.stage.key for _, suggestion in changes}
    if missing := only - known:
        raise NotFound(
            f"no change is suggested for {', '.join(sorted(missing))};"
            f" there is {', '.join(sorted(known)) or 'none'}"
        )
    for file, suggestion in changes:
        if not only or suggestion.stage.key in only:
            decision = Decision(decided_by, reason or _evidence(suggestion), review_on)
            yield (
                str(file),
                decide_probability(file, suggestion.stage.key, suggestion.probability, decision),
            )


def _evidence(suggestion: Suggestion) -> str:
    decided = suggestion.found.decided
    return f"{decided.won} of {decided.decided} decided deals that entered it were won"
