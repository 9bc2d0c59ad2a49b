"""How often the reports found what was planted in many worlds, and what they saw besides."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from statistics import fmean
from typing import TypeVar

from connector.metrics.outcomes.decided import Trend
from connector.sandbox.world.truth import REPS, STAGES
from tests.worlds.sightings import RepsSeen, StageSeen, WorldSeen

Row = dict[str, str | float | None]
Seen = TypeVar("Seen")
Key = TypeVar("Key", bound=Hashable)


def summary(worlds: Sequence[WorldSeen]) -> dict[str, list[Row]]:
    """Every table by its title."""
    return {
        "Probabilities of stages, by report suggest": list(_stages(worlds)),
        "Planted, and found": [_share(*found) for found in _planted(worlds)],
        "Not planted, and told all the same": [_share(*told) for told in _alarms(worlds)],
        "Deals not created yet, expected at New Year by report forecast": list(_inflow(worlds)),
        "Quarters, as report forecast-accuracy scores them": list(_forecasts(worlds)),
    }


def _stages(worlds: Sequence[WorldSeen]) -> Iterator[Row]:
    by_stage = _grouped((each for world in worlds for each in world.stages), lambda s: s.stage)
    for stage in STAGES:
        yield _stage(stage, by_stage[stage])
    for drifts, name in ((False, "all, nothing drifts"), (True, "all, a product drifts")):
        within = [world.stages for world in worlds if world.drifts is drifts]
        yield _stage(name, [each for stages in within for each in stages])


def _stage(name: str, seen: Sequence[StageSeen]) -> Row:
    return {
        "stage": name,
        "n": len(seen),
        "mean absolute error": _mean(abs(each.estimate - each.true) for each in seen),
        "mean error": _mean(each.estimate - each.true for each in seen),
        "of the suggestion": _mean(abs(each.suggested - each.true) for each in seen),
        "95 % interval holds it": _mean(each.held for each in seen),
    }


def _planted(worlds: Sequence[WorldSeen]) -> Iterator[tuple[str, list[bool]]]:
    overrated = [each.change for world in worlds for each in world.stages if each.overrated]
    weak = [world.reps for world in worlds if world.reps.weak]
    drifting = [each for world in worlds for each in world.products if each.drifts]
    yield "an overrated stage gets another probability", overrated
    yield "a weak rep: reps are said to differ", [reps.differ for reps in weak]
    yield "a weak rep is marked below the team", [reps.weak in reps.below for reps in weak]
    yield "a drifting product went down", [each.trend is Trend.DOWN for each in drifting]


def _alarms(worlds: Sequence[WorldSeen]) -> Iterator[tuple[str, list[bool]]]:
    steady = [world for world in worlds if not world.drifts]
    drifting = [world for world in worlds if world.drifts]
    right = "a right stage gets another probability"
    yield f"{right}, nothing drifts", _changed(steady)
    yield f"{right}, a product drifts", _changed(drifting)
    yield from _rep_alarms([world.reps for world in worlds])
    yield "a steady product went up or down, none drifts", _turned(steady)
    yield "a steady product went up or down, another drifts", _turned(drifting)


def _changed(worlds: Sequence[WorldSeen]) -> list[bool]:
    return [each.change for world in worlds for each in world.stages if not each.overrated]


def _turned(worlds: Sequence[WorldSeen]) -> list[bool]:
    steady = (each for world in worlds for each in world.products if not each.drifts)
    return [each.trend in (Trend.UP, Trend.DOWN) for each in steady]


def _rep_alarms(seen: Sequence[RepsSeen]) -> Iterator[tuple[str, list[bool]]]:
    alike = [reps for reps in seen if not reps.weak]
    weak = [reps for reps in seen if reps.weak]
    yield "reps are said to differ, none is weak", [reps.differ for reps in alike]
    marked = [(reps.differ, rep in reps.others) for reps in alike for rep in REPS]
    yield "a rep is marked, none is weak", [mark for _, mark in marked]
    yield "a rep is marked and reps differ, none is weak", [all(both) for both in marked]
    below = [rep in reps.below for reps in weak for rep in REPS if rep != reps.weak]
    yield "a right rep is marked below, another is weak", below


def _inflow(worlds: Sequence[WorldSeen]) -> Iterator[Row]:
    told = ((world.drifts, each) for world in worlds for each in world.inflow)
    groups = _grouped(told, lambda pair: (pair[0], pair[1].ahead))
    for (drifts, ahead), pairs in sorted(groups.items()):
        seen = [each for _, each in pairs]
        yield {
            "quarter": f"{ahead + 1}, {'a product drifts' if drifts else 'nothing drifts'}",
            "n": len(seen),
            "wins expected": _mean(each.wins for each in seen),
            "wins": _mean(each.won for each in seen),
            **_errors([(each.expected, each.actual) for each in seen]),
            "95 % interval holds it": _mean(each.held for each in seen),
        }


def _forecasts(worlds: Sequence[WorldSeen]) -> Iterator[Row]:
    seen = (each for world in worlds for each in world.forecasts)
    groups = _grouped(seen, lambda each: (each.day, each.kind))
    for (day, kind), told in sorted(groups.items()):
        yield {
            "day": str(day),
            "probability": kind,
            "n": len(told),
            **_errors([(each.forecast, each.actual) for each in told]),
        }


def _errors(pairs: Sequence[tuple[float, float]]) -> Row:
    """Bias and weighted absolute error of forecasts with what came of them, all together."""
    errors = [forecast - actual for forecast, actual in pairs]
    won = sum(actual for _, actual in pairs)
    return {"bias": sum(errors) / won, "WAPE": sum(map(abs, errors)) / won}


def _share(what: str, told: Sequence[bool]) -> Row:
    return {"": what, "times": sum(told), "of": len(told), "share": _mean(told)}


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return fmean(known) if known else None


def _grouped(seen: Iterable[Seen], key: Callable[[Seen], Key]) -> dict[Key, list[Seen]]:
    groups: dict[Key, list[Seen]] = defaultdict(list)
    for each in seen:
        groups[key(each)].append(each)
    return groups
