"""The drift of an account as a test suite: every pipeline and every stage is a case."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.model import Pipeline, PipelineState, Process, Remote, Stage
from connector.reconcile.acceptance import Accepted
from connector.reconcile.drift import Drift
from connector.reconcile.matching import bound
from connector.report.as_junit import Case, Suite, Verdict
from connector.report.cells import shown
from connector.report.drift_standing import History, standing_cells
from connector.report.drift_words import SEVERITIES, kind_term, side
from connector.report.names import Names, names_in

_PIPELINE = "(pipeline)"


@dataclass(frozen=True, slots=True)
class _Place:
    """Something that was compared: a pipeline, or with a `stage` one of its stages."""

    pipeline: str
    stage: str | None


def drift_suite(
    drifts: Sequence[Drift],
    account: str,
    remote: Remote,
    live: Sequence[Pipeline],
    processes: tuple[Process, ...],
    read_at: datetime,
    history: History,
) -> Suite:
    """Everything that was compared in one account.

    A case fails by its drifts, one failure for all of them because some readers see the first only.
    It is skipped where all its drifts are accepted.
    """
    words = _Words(names_in(live), history, remote.time_zone)
    compared = {binding.pipeline for _, binding in bound(processes, account)}
    places = dict(_live_places(live, compared))
    for drift in (*drifts, *(each.drift for each in history.accepted)):
        places.setdefault(_place(drift), (drift.pipeline_label, _name(drift)))
    return Suite(
        account,
        read_at,
        (("crm", remote.crm), ("account_id", remote.id), ("account_name", remote.name)),
        tuple(
            Case(
                f"{account}.{pipeline}",
                name,
                words.verdict(
                    [drift for drift in drifts if _place(drift) == place],
                    [each for each in history.accepted if _place(each.drift) == place],
                ),
            )
            for place, (pipeline, name) in places.items()
        ),
    )


def _live_places(
    live: Iterable[Pipeline], compared: set[str]
) -> Iterator[tuple[_Place, tuple[str, str]]]:
    """The pipelines that stand under a process, and their stages that were compared, by name."""
    for pipeline in live:
        if pipeline.id in compared:
            yield _Place(pipeline.id, None), (pipeline.label, _PIPELINE)
            for stage in _compared(pipeline):
                yield _Place(pipeline.id, stage.id), (pipeline.label, f"{stage.label} [{stage.id}]")


def _compared(pipeline: Pipeline) -> tuple[Stage, ...]:
    """The stages people made; of a retired pipeline none are compared."""
    retired = pipeline.state is PipelineState.RETIRED
    return () if retired else tuple(stage for stage in pipeline.stages if stage.configured)


def _place(drift: Drift) -> _Place:
    return _Place(drift.pipeline, drift.stage or drift.key)


def _name(drift: Drift) -> str:
    stage = drift.stage or drift.key
    return f"{drift.stage_label} [{stage}]" if stage else _PIPELINE


@dataclass(frozen=True, slots=True)
class _Words:
    """What it takes to tell a drift in one line."""

    names: Names
    history: History
    zone: str

    def verdict(self, drifts: Sequence[Drift], accepted: Sequence[Accepted]) -> Verdict | None:
        """What becomes of a case with these drifts."""
        lines = (*map(self._drift, drifts), *map(self._accepted, accepted))
        if drifts:
            worst = next(each for each in SEVERITIES if each in {d.severity for d in drifts})
            summary = "; ".join(map(self._difference, drifts))
            return Verdict("failure", worst, f"{worst}: {summary}", lines)
        return Verdict("skipped", "accepted", "; ".join(lines)) if accepted else None

    def _difference(self, drift: Drift) -> str:
        desired = shown(side(drift, drift.desired, self.names))
        live = shown(side(drift, drift.live, self.names))
        return f"{shown(kind_term(drift))}: desired {desired}, live {live}"

    def _drift(self, drift: Drift) -> str:
        """One line, ending with the id, which is what accept and adopt take."""
        status, *_ = standing_cells(drift, self.history, self.zone)
        told = [shown(status)] if status else []
        return "; ".join((f"{drift.severity} {self._difference(drift)}", *told, drift.id))

    def _accepted(self, each: Accepted) -> str:
        given = each.acceptance
        what = f"{self._difference(each.drift)} is accepted until {given.until} by {given.by}"
        return f"{what}: {given.reason}"
