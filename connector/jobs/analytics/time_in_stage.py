"""Report time in stage: ask the history, pool what it counted by the stages of funnels, measure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.funnel import Funnel, Place
from connector.metrics.periods import Window
from connector.metrics.stages.exits import StageExits, by_way_out, stage_exits
from connector.metrics.stages.stays import Reading, StayCount, pooled
from connector.metrics.stages.time_in_stage import (
    HORIZON_SECONDS,
    LeftOut,
    StageTimes,
    Stalled,
    StalledDeal,
    TimeInStage,
    Why,
    stalled_after,
    time_in_stage,
)
from connector.model import Outcome
from connector.store import stalled
from connector.store import stays as store
from connector.store.history import stage_keys

_EVER = Window(-(2**62), 2**62)


@dataclass(frozen=True, slots=True)
class TimeQuestion:
    """What is asked of time in stage; `deals` is how many stalled ones to list."""

    readings: tuple[Reading, ...] = (Reading.VISIT,)
    horizon: float = HORIZON_SECONDS
    exits: bool = False
    deals: int = 0


def read_time_in_stage(frame: Frame, db: Database, question: TimeQuestion) -> StageTimes:
    """How long deals stay in each open stage of each funnel."""
    scope = frame.scope
    window = scope.period.window if scope.period else _EVER
    counted = [stage for stage, place in frame.places.items() if _counts(place, scope.funnels)]
    meant = store.lookup(db, counted, scope.as_of, window)
    rows = {
        reading: tuple(_measure(frame, db, meant, reading, question.horizon))
        for reading in {Reading.VISIT, *question.readings}
    }
    limits = _limits(frame, rows[Reading.VISIT])
    return StageTimes(
        horizon=question.horizon,
        rows=tuple(row for reading in question.readings for row in rows[reading]),
        binned=meant.binned,
        returns=_returns(frame, db, meant),
        stalled=tuple(_stalled(frame, db, limits)),
        deals=tuple(_deals(frame, db, limits, question.deals)),
        exits=tuple(_exits(frame, db, meant, question.horizon)) if question.exits else (),
        left_out=tuple(_left_out(frame, db, window)),
        before=tuple(_before(frame, db, counted, question)),
    )


def _counts(place: Place, funnels: Sequence[Funnel]) -> bool:
    """Whether visits of a stage count: the CRM has it open, and so does the process."""
    return place.outcome is Outcome.OPEN and place.step in funnels[place.funnel].steps


def _measure(
    frame: Frame, db: Database, meant: store.Lookup, reading: Reading, horizon: float
) -> Iterator[TimeInStage]:
    def where(count: StayCount) -> tuple[int, int]:
        return frame.places[count.stage][:2]

    counts = sorted(store.stay_counts(db, meant, reading), key=where)
    found = {place: pooled(same) for place, same in groupby(counts, key=where)}
    for number, funnel in enumerate(frame.scope.funnels):
        for step in funnel.steps:
            stays = found.get((number, step)) or pooled(())
            yield time_in_stage(reading, number, step, stays, horizon)


def _returns(frame: Frame, db: Database, meant: store.Lookup) -> Counter[tuple[int, int]]:
    found: Counter[tuple[int, int]] = Counter()
    for stage, visits in store.returns(db, meant).items():
        found[frame.places[stage][:2]] += visits
    return found


def _before(
    frame: Frame, db: Database, counted: Sequence[int], question: TimeQuestion
) -> Iterator[TimeInStage]:
    """The visits that began in the period to compare with."""
    if frame.compared:
        meant = store.lookup(db, counted, frame.scope.as_of, frame.compared.window)
        yield from _measure(frame, db, meant, Reading.VISIT, question.horizon)


def _limits(frame: Frame, rows: Sequence[TimeInStage]) -> dict[tuple[int, int], int | None]:
    """How long is too long in each stage of each funnel, None where nobody knows."""
    return {
        (row.funnel, row.step): stalled_after(
            row, frame.scope.funnels[row.funnel].stages[row.step].max_days
        )
        for row in rows
    }


def _by_key(frame: Frame, limits: Mapping[tuple[int, int], int | None]) -> dict[int, int | None]:
    return {
        key: limits[place[:2]]
        for key, place in frame.places.items()
        if _counts(place, frame.scope.funnels)
    }


def _stalled(
    frame: Frame, db: Database, limits: Mapping[tuple[int, int], int | None]
) -> Iterator[Stalled]:
    found = stalled.lying(db, frame.scope.as_of, _by_key(frame, limits))
    for (funnel, step), limit in limits.items():
        deals = over = 0
        for key, counts in found.items():
            if frame.places[key][:2] == (funnel, step):
                deals, over = deals + counts[0], over + counts[1]
        yield Stalled(funnel, step, deals, limit, None if limit is None else over)


def _deals(
    frame: Frame, db: Database, limits: Mapping[tuple[int, int], int | None], most: int
) -> Iterator[StalledDeal]:
    if not most:
        return
    as_of = frame.scope.as_of
    by_key = _by_key(frame, limits)
    for deal in stalled.lying_too_long(db, as_of, by_key, most):
        place = frame.places[deal.stage]
        yield StalledDeal(
            place.funnel,
            place.step,
            deal.account,
            deal.id,
            deal.name,
            deal.owner,
            deal.since,
            as_of - deal.since,
            as_of - deal.since - (by_key[deal.stage] or 0),
        )


def _exits(frame: Frame, db: Database, meant: store.Lookup, horizon: float) -> Iterator[StageExits]:
    funnels = frame.scope.funnels
    counted = by_way_out(store.exit_counts(db, meant), frame.places, funnels)
    for number, funnel in enumerate(funnels):
        for step in funnel.steps:
            yield stage_exits(number, step, counted.get((number, step), {}), horizon)


def _left_out(frame: Frame, db: Database, window: Window) -> Iterator[LeftOut]:
    """Visits that count nowhere though somebody may look for them."""
    odd = {key: why for key in _stages(frame, db) if (why := _why(frame, frame.places.get(key)))}
    names = store.stage_names(db, frame.accounts) if odd else {}
    meant = store.Lookup(tuple(odd), frame.scope.as_of, window, binned=False)
    visits = store.visits_by_stage(db, meant) if odd else {}
    for key in sorted(visits):
        account, pipeline, stage = names[key]
        yield LeftOut(account, pipeline, stage, odd[key], visits[key])


def _stages(frame: Frame, db: Database) -> Iterator[int]:
    for account in frame.accounts:
        yield from stage_keys(db, account).values()


def _why(frame: Frame, place: Place | None) -> Why | None:
    """Why the visits of a stage do not count; None where they do, or where nobody wants them to."""
    if place is None:
        return None if frame.narrowed else Why.GONE
    funnel = frame.scope.funnels[place.funnel]
    wanted_open = place.step in funnel.steps
    if place.outcome is Outcome.OPEN:
        return None if wanted_open else Why.UNMAPPED if funnel.bound else Why.GONE
    if not wanted_open:
        return None
    return Why.WON if place.outcome is Outcome.WON else Why.LOST
