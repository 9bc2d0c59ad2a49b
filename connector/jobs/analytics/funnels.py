"""The funnels of a report: processes over the pipelines they stand for, then other pipelines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlite_utils import Database

from connector.errors import NotFound
from connector.metrics.funnel import OFF, Funnel, FunnelStage, Place
from connector.model import Outcome, Pipeline, PipelineState, Process, Stage
from connector.reconcile.matching import Match, bound, match
from connector.store import history
from connector.store.instants import to_ms

_DRAFT = PipelineState.DRAFT


@dataclass(frozen=True, slots=True)
class FunnelMap:
    """Funnels, and where each stage of a CRM stands in them, by the stage's key.

    `unweighted` are the open stages of which the CRM keeps no probability, with their account;
    in `called_off` ones the CRM itself calls deals cancelled.
    """

    funnels: tuple[Funnel, ...]
    places: Mapping[int, Place]
    unweighted: Mapping[int, str] = field(default_factory=dict)
    called_off: frozenset[int] = frozenset()

    def desired(self) -> dict[int, float]:
        """What processes say of the unweighted stages, by the stage's key."""
        stages = {
            key: self.funnels[place.funnel].stages[place.step]
            for key in self.unweighted
            if (place := self.places[key]).step != OFF
        }
        return {
            key: stage.probability for key, stage in stages.items() if stage.probability is not None
        }

    def only(self, name: str) -> "FunnelMap":
        """The funnels a process key, a pipeline id or "account/pipeline id" means.

        Stages of the others have no place in them. Raises `NotFound` for a name nobody knows.
        """
        kept = [number for number, funnel in enumerate(self.funnels) if _means(name, funnel)]
        if not kept:
            known = ", ".join(f"{funnel.key} ({funnel.label})" for funnel in self.funnels)
            raise NotFound(f"there is no process or pipeline {name!r}; there is {known}")
        moved = {number: place for place, number in enumerate(kept)}
        places = {
            stage: place._replace(funnel=moved[place.funnel])
            for stage, place in self.places.items()
            if place.funnel in moved
        }
        unweighted = {key: name for key, name in self.unweighted.items() if key in places}
        funnels = tuple(self.funnels[number] for number in kept)
        return FunnelMap(funnels, places, unweighted, self.called_off.intersection(places))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A pipeline in force as of the instant, and every stage it ever had until then, by id."""

    account: str
    pipeline: Pipeline
    stages: Mapping[str, Stage]


def map_funnels(
    db: Database, accounts: Mapping[str, int], processes: Sequence[Process], as_of: int
) -> FunnelMap:
    """Every funnel of these accounts, each name with its key, as of an instant in milliseconds.

    A draft that no process is bound to is none: no deals run through it.
    """
    left = [seen for name, key in accounts.items() for seen in _seen(db, name, key, as_of)]
    keys = {name: history.stage_keys(db, key) for name, key in accounts.items()}
    known = [
        (keys[seen.account][stage.id], seen.account, stage)
        for seen in left
        for stage in seen.stages.values()
    ]
    funnels: list[Funnel] = []
    places: dict[int, Place] = {}
    made = [*_of_processes(processes, left)]
    made += (_of_pipeline(seen) for seen in left if seen.pipeline.state is not _DRAFT)
    for funnel, members in made:
        for seen, steps in members:
            places |= dict(_places(seen, steps, len(funnels), keys[seen.account]))
        funnels.append(funnel)
    return FunnelMap(
        tuple(funnels),
        places,
        {key: account for key, account, stage in known if key in places and _lacks_weight(stage)},
        frozenset(key for key, _, stage in known if stage.cancelled),
    )


# A funnel with the pipelines it is made of, each with the step of its stages by their ids.
_Made = tuple[Funnel, list[tuple[_Seen, dict[str, int]]]]


def _seen(db: Database, name: str, account: int, as_of: int) -> Iterator[_Seen]:
    """The pipelines in force; of one known only from later on, its first version stands in."""
    for versions in history.pipeline_versions(db, account).values():
        until_then = [each for each in versions if to_ms(each.at) < as_of] or versions[:1]
        last = until_then[-1]
        if last.until is None or to_ms(last.until) >= as_of:
            stages = {stage.id: stage for each in until_then for stage in each.pipeline.stages}
            yield _Seen(name, last.pipeline, stages)


def _of_processes(processes: Sequence[Process], left: list[_Seen]) -> Iterator[_Made]:
    """The funnels of processes; the pipelines they stand for are taken from what is left."""
    for process in processes:
        members = []
        for seen in tuple(left):
            for _, binding in bound((process,), seen.account):
                if binding.pipeline == seen.pipeline.id:
                    members.append((seen, _steps(process, match(process, binding, seen.pipeline))))
                    left.remove(seen)
        if members:
            yield _funnel(process), members


def _steps(process: Process, matched: Match) -> dict[str, int]:
    order = {stage.key: step for step, stage in enumerate(process.stages)}
    pairs = (*matched.pairs, *matched.besides)
    return {live.id: order[desired.key] for desired, live in pairs}


def _lacks_weight(stage: Stage) -> bool:
    return stage.outcome is Outcome.OPEN and not stage.weighted


def _funnel(process: Process) -> Funnel:
    stages = (
        FunnelStage(
            stage.key,
            stage.label,
            stage.outcome,
            stage.probability,
            stage.phase,
            stage.mandatory,
            stage.ask,
            stage.max_days,
            stage.cancelled,
        )
        for stage in process.stages
    )
    order = {stage.key: step for step, stage in enumerate(process.stages)}
    keys = tuple((order[start], order[onto]) for start, onto in process.key_conversions)
    return Funnel(process.key, process.label, tuple(stages), key_conversions=keys)


def _of_pipeline(seen: _Seen) -> _Made:
    pipeline = seen.pipeline
    stages = tuple(
        FunnelStage(
            stage.id, stage.label, stage.outcome, stage.probability, cancelled=stage.cancelled
        )
        for stage in pipeline.stages
    )
    key = f"{seen.account}/{pipeline.id}"
    steps = {stage.id: step for step, stage in enumerate(pipeline.stages)}
    return Funnel(key, pipeline.label, stages, bound=False), [(seen, steps)]


def _places(
    seen: _Seen, steps: Mapping[str, int], funnel: int, keys: Mapping[str, int]
) -> Iterator[tuple[int, Place]]:
    for stage in seen.stages.values():
        key = keys[stage.id]
        yield key, Place(funnel, steps.get(stage.id, OFF), stage.outcome, key)


def _means(name: str, funnel: Funnel) -> bool:
    return name == funnel.key or (not funnel.bound and name == funnel.key.partition("/")[2])
