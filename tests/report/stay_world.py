"""A company whose deals stay in stages for all sorts of times, and the reports about that."""

from collections import Counter
from zoneinfo import ZoneInfo

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.flow.route import Ending
from connector.metrics.funnel import Funnel, FunnelStage, Place
from connector.metrics.periods import Window, before, month_starts, named
from connector.metrics.privacy import Privacy
from connector.metrics.scope import Person, Scope
from connector.metrics.stages.calibration import Calibrating, Calibration
from connector.metrics.stages.exits import stage_exits
from connector.metrics.stages.stays import Reading, StayCount, pooled
from connector.metrics.stages.time_in_stage import (
    LeftOut,
    StageTimes,
    Stalled,
    StalledDeal,
    TimeInStage,
    Why,
    stalled_after,
    time_in_stage,
)
from connector.metrics.weights import Weights
from connector.model import Outcome
from connector.report.analytics.calibration import calibration_document
from connector.report.analytics.head import Head
from connector.report.analytics.time_in_stage import time_in_stage_document
from connector.report.document import Document

ZONE = ZoneInfo("Europe/Oslo")
THIRD = named("2026Q3", ZONE)
DAY = 86_400_000
HORIZON = 30 * 86_400.0
STAGES = (
    FunnelStage("meeting", "Møte avtalt", Outcome.OPEN, 0.2, max_days=14),
    FunnelStage("examined", "Produkt undersøkt", Outcome.OPEN, 0.4),
    FunnelStage("answer", "Venter på svar", Outcome.OPEN, 0.6),
    FunnelStage("received", "Kontrakt mottatt", Outcome.OPEN, 0.9),
    FunnelStage("signed", "Kontrakt signert", Outcome.WON, 1.0),
    FunnelStage("lost", "Tapt", Outcome.LOST, 0.0),
)
PEOPLE = {("norge", "7"): Person("Kari Hauge", "Norge")}

# Days of the visits that ended and of those that did not: a stage with everything reached, one
# with a median in sight, one without, and a young one.
ENDED = (
    [0, *(d / 4 for d in range(1, 1200))],
    [d * 1.5 for d in range(1, 41)],
    [d / 2 for d in range(1, 12)],
    [2.0] * 9,
)
UNENDED = ([5.5] * 60, [45] * 32, [12.25] * 9 + [87.2], [1] * 3)


def head(*, compared: bool = False, **more) -> Head:
    """The company five days into the fourth quarter."""
    at = THIRD.window.end + 5 * DAY
    funnels = (Funnel("new-business", "Nysalg", STAGES),)
    frame = {"accounts": ("norge", "sverige"), "funnels": funnels, "people": PEOPLE} | more
    scope = Scope(as_of=at, zone=ZONE, currency="NOK", pulled=at, period=THIRD, **frame)
    return Head(scope, compared=before(THIRD) if compared else None)


def rows(reading: Reading) -> tuple[TimeInStage, ...]:
    """Every stage of the company."""
    return tuple(
        time_in_stage(reading, 0, step, pooled(_counts(ended, unended)))
        for step, (ended, unended) in enumerate(zip(ENDED, UNENDED, strict=True))
    )


def _counts(ended, unended):
    for lengths, done in ((ended, True), (unended, False)):
        for length, many in Counter(lengths).items():
            ms = round(length * DAY)
            yield StayCount(1, done, ms, many, ms * many, ms)


def times() -> StageTimes:
    """Visits and first passes, with everything there is to tell."""
    visits = rows(Reading.VISIT)
    exits = {
        (DAY, Ending.ADVANCED): 30,
        (3 * DAY, Ending.LOST): 12,
        (9 * DAY, Ending.BACK): 2,
        (40 * DAY, Ending.WON): 1,
        (50 * DAY, Ending.THERE): 15,
    }
    limits = [
        stalled_after(row, stage.max_days) for row, stage in zip(visits, STAGES, strict=False)
    ]
    at = THIRD.window.end + 5 * DAY
    return StageTimes(
        horizon=HORIZON,
        rows=(*visits, *rows(Reading.FIRST_PASS)),
        binned=True,
        returns={(0, 1): 3},
        stalled=tuple(
            Stalled(0, step, 40, limit, None if limit is None else 3 * step)
            for step, limit in enumerate(limits)
        ),
        deals=(
            StalledDeal(
                0, 0, "norge", "11", "| =Fjord\x1b[31m AS |", "7", at - 60 * DAY, 60 * DAY, 46 * DAY
            ),
            StalledDeal(0, 1, "sverige", "12", "Berg AB", None, at - 75 * DAY, 75 * DAY, 21 * DAY),
        ),
        exits=(stage_exits(0, 0, exits, HORIZON), stage_exits(0, 3, {}, HORIZON)),
        left_out=(
            LeftOut("norge", "Nysalg", "Vunnet", Why.WON, 469),
            LeftOut("norge", "", "Tilbud sendt", Why.GONE, 12),
            LeftOut("sverige", "Nysalg", "Demo", Why.UNMAPPED, 1),
        ),
        before=visits,
    )


def calibration() -> Calibration:
    """Deals that say 0.2, 0.4 and 0.6; the last of these far too high."""
    scope = head().scope
    weights = {0: [(0, 0.2)], 1: [(0, 0.4)], 2: [(THIRD.window.start + 20 * DAY, 0.6)]}
    window = Window(THIRD.window.start, scope.as_of)
    months = month_starts(*window, ZONE)
    found = Calibrating(scope.funnels, Weights(weights), scope.as_of, months, window)
    for number in range(120):
        found.take(_deal(number))
    return found.calibration()


def _deal(number: int) -> DealHistory:
    start = THIRD.window.start + number % 50 * DAY
    path = (0, 1, 2)[: 1 + number % 3] + (
        () if number % 11 == 0 else (4 if number % 4 == 0 else 5,)
    )
    entries = [start + step * 11 * DAY for step in range(len(path))]
    places = [Place(0, step, STAGES[step].outcome, step) for step in path]
    visits = [Visit(*each) for each in zip(places, entries, [*entries[1:], None], strict=True)]
    return DealHistory("norge", str(number), f"Deal {number}", start, None, visits)


def time_report() -> Document:
    """Everything time in stage can tell."""
    return time_in_stage_document(head(compared=True), times())


def calibration_report() -> Document:
    """Calibration with each month by itself."""
    return calibration_document(head(), calibration(), months=True)


def empty_reports() -> tuple[Document, Document]:
    """Both of a company without a deal."""
    none = tuple(time_in_stage(Reading.VISIT, 0, step, pooled(())) for step in range(4))
    stalled = tuple(Stalled(0, step, 0, None, None) for step in range(4))
    times = StageTimes(HORIZON, none, False, {}, stalled)
    scope = head().scope
    nothing = Calibrating(scope.funnels, Weights({}), scope.as_of, [], scope.period.window)
    return (
        time_in_stage_document(head(), times),
        calibration_document(head(), nothing.calibration()),
    )


def private(owners) -> Document:
    """Time in stage where config.toml keeps owners back."""
    return time_in_stage_document(head(privacy=Privacy(owners)), times())
