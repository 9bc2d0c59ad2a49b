"""A small company whose deals came to their ends, and the four reports about these."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.funnel import Funnel, FunnelStage, Place
from connector.metrics.grouping import By, split
from connector.metrics.outcomes.closings import OURS
from connector.metrics.outcomes.cycle import cycles
from connector.metrics.outcomes.deal_size import deal_sizes
from connector.metrics.outcomes.targets import Target
from connector.metrics.outcomes.velocity import velocities
from connector.metrics.outcomes.win_rate import WinRateQuestion, win_rates
from connector.metrics.periods import before, named
from connector.metrics.scope import Person, Scope
from connector.model import Outcome
from connector.report.analytics.cycle import cycle_document
from connector.report.analytics.deal_size import deal_size_document
from connector.report.analytics.head import Head
from connector.report.analytics.velocity import velocity_document
from connector.report.analytics.win_rate import win_rate_document
from connector.report.document import Document

ZONE = ZoneInfo("Europe/Oslo")
THIRD = named("2026Q3", ZONE)
SECOND = before(THIRD)
DAY = 86_400_000
MEETING, OFFER, WON, LOST = range(4)
STAGES = (
    FunnelStage("meeting", "Møte avtalt", Outcome.OPEN, 0.2),
    FunnelStage("offer", "Tilbud sendt", Outcome.OPEN, 0.6, ask=True),
    FunnelStage("won", "Kontrakt signert", Outcome.WON, 1.0),
    FunnelStage("lost", "Tapt", Outcome.LOST, 0.0),
)
PEOPLE = {
    ("norge", "7"): Person("Kari Hauge", "Norge"),
    ("norge", "8"): Person("Lars Bjørnstad", "Norge"),
    ("norge", "9"): Person("=cmd|' /C calc'!A0", "Sverige"),
}
TARGETS = {
    "2026Q3": Target(
        900_000_000,
        {"Norge": 600_000_000, "Danmark": 1},
        {"Kari Hauge": 300_000_000, "Lars Bjørnstad": 50_000_000, "9": 400_000_000},
    )
}


def scope(day: int = 95, **more) -> Scope:
    """The company as of a day counted from the first of the third quarter."""
    at = THIRD.window.start + day * DAY
    return Scope(
        accounts=("norge",),
        funnels=(
            Funnel("new-business", "Nysalg", STAGES),
            Funnel("norge/77", "Partnere", STAGES, bound=False),
        ),
        as_of=at,
        zone=ZONE,
        currency="NOK",
        pulled=at,
        people=PEOPLE,
        fields=frozenset({"owner", "product"}),
        **more,
    )


def deals(frame: Scope) -> Iterator[DealHistory]:
    """Of new business and of partners, made between February and September, as was known then."""
    told = (_deal(number, funnel=int(number >= 170)) for number in range(200))
    return filter(None, (_until(deal, frame.as_of) for deal in told))


def _deal(number: int, funnel: int) -> DealHistory:
    """Two in five are won, two lost, one lies open; every seventh has no amount."""
    created = THIRD.window.start + (number * 7 % 240 - 150) * DAY
    asked, closed = created + (3 + number % 11) * DAY, created + (20 + number * 7 % 50) * DAY
    ending = (WON, LOST, LOST, OFFER, WON)[number % 5]
    steps = [(MEETING, created), (OFFER, asked)]
    steps += [(ending, closed)] if ending != OFFER else []
    ends = [at for _, at in steps[1:]]
    visits = [
        Visit(Place(funnel, step, STAGES[step].outcome, step), at, left)
        for (step, at), left in zip(steps, [*ends, None], strict=True)
    ]
    owner = ("7", "7", "7", "8", "9", "9")[number % 6] if number != 4 else "8"
    return DealHistory(
        "norge",
        str(number),
        f"Deal {number}",
        created,
        None,
        visits,
        [] if number % 7 == 3 else [(created, 100_000_50 + number * number % 37 * 9_000_00)],
        [(created, created + (number % 3) * 60 * DAY)],
        [(created, owner)],
        {"product": [(created, ("Trykkmåler", "Gassdetektor")[number % 2])]},
    )


def win_rate_report() -> Document:
    """By rep, beside the quarter before, with the trend."""
    frame = scope(period=THIRD)
    question = WinRateQuestion(split(By.OWNER, frame), OURS, SECOND, trend=True)
    return win_rate_document(Head(frame, SECOND), win_rates(frame, question, deals(frame)))


def deal_size_report() -> Document:
    """By product, beside the quarter before."""
    frame = scope(period=THIRD)
    sizes = deal_sizes(frame, split(By.PRODUCT, frame), SECOND, deals(frame))
    return deal_size_document(Head(frame, SECOND), sizes)


def cycle_report() -> Document:
    """Of all of the history, split by a field nobody tracks."""
    frame = scope()
    return cycle_document(Head(frame), cycles(frame, split(By.REGION, frame), None, deals(frame)))


def velocity_report() -> Document:
    """Within the third quarter, with its targets."""
    frame = scope(day=60, period=THIRD)
    found = velocities(frame, split(None, frame), TARGETS, deals(frame))
    return velocity_document(Head(frame), found)


def _until(deal: DealHistory, at: int) -> DealHistory | None:
    """What was known of a deal just before an instant."""
    visits = [visit for visit in deal.visits if visit.entered < at]
    if not visits:
        return None
    last = visits[-1]
    ended = last.left if last.left is not None and last.left < at else None
    return deal._replace(visits=[*visits[:-1], last._replace(left=ended)])
