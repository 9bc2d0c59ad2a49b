"""A small company whose deals take all sorts of ways, and the four reports about those."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.flow.adoption import Adopting
from connector.metrics.flow.conversion import Rule, conversions
from connector.metrics.flow.losses import losses
from connector.metrics.flow.reach import Reaching
from connector.metrics.flow.reps import reps
from connector.metrics.funnel import OFF, Funnel, FunnelStage, Place
from connector.metrics.grouping import By, split
from connector.metrics.periods import before, named
from connector.metrics.scope import Person, Scope
from connector.metrics.weights import Weights
from connector.model import Outcome
from connector.report.analytics.adoption import adoption_document
from connector.report.analytics.conversion import conversion_document
from connector.report.analytics.head import Head
from connector.report.analytics.losses import losses_document
from connector.report.analytics.reps import reps_document
from connector.report.document import Document

ZONE = ZoneInfo("Europe/Oslo")
THIRD = named("2026Q3", ZONE)
SECOND = before(THIRD)
DAY = 86_400_000
MEETING, EXAMINED, OFFER, WON, LOST = range(5)
STAGES = (
    FunnelStage("meeting", "Møte avtalt", Outcome.OPEN, 0.2),
    FunnelStage("examined", "Produkt undersøkt", Outcome.OPEN, 0.4, mandatory=True),
    FunnelStage("offer", "Tilbud sendt", Outcome.OPEN, 0.6, ask=True),
    FunnelStage("won", "Kontrakt signert", Outcome.WON, 1.0),
    FunnelStage("lost", "Tapt", Outcome.LOST, 0.0),
)
PEOPLE = {
    ("norge", "7"): Person("Kari Hauge", "Norge"),
    ("norge", "8"): Person("Lars Bjørnstad", "Norge"),
    ("norge", "9"): Person("Maja \x1b[31mÖhman", "Sverige"),
    ("norge", "10"): Person("Nils Ekdahl", "Sverige"),
}
WAYS = (
    (MEETING, EXAMINED, OFFER, WON),
    (MEETING, EXAMINED, LOST),
    (MEETING, LOST),
    (MEETING, EXAMINED, OFFER, LOST),
    (MEETING, OFFER, WON),
    (MEETING, EXAMINED),
    (EXAMINED, OFFER, EXAMINED, OFFER, WON),
    (MEETING, EXAMINED, LOST, EXAMINED, OFFER),
    (MEETING, EXAMINED, OFF),
    (MEETING,),
)
REASONS = ("Pris", "Ingen beslutning", "| Konkurrent |", None)


def scope(**more) -> Scope:
    """The company five days into the fourth quarter."""
    at = THIRD.window.end + 5 * DAY
    return Scope(
        accounts=("norge",),
        funnels=(
            Funnel("new-business", "Nysalg", STAGES, key_conversions=((0, 3), (1, 2))),
            Funnel("norge/77", "Partnere", STAGES[:1] + STAGES[3:], bound=False),
        ),
        as_of=at,
        zone=ZONE,
        currency="NOK",
        pulled=at,
        **{
            "people": PEOPLE,
            "fields": frozenset({"owner", "amount", "close_date", "product", "lost_reason"}),
            "period": THIRD,
            **more,
        },
    )


def deals() -> Iterator[DealHistory]:
    """A deal or two a day, from the second quarter on; every tenth of them a partner's."""
    for number in range(260):
        yield _deal(number)


def _deal(number: int) -> DealHistory:
    created = SECOND.window.start + number * 17 * 3_600_000
    ways = WAYS if number % 10 else ((0, 1), (0, 2), (0,))
    way = ways[number * 7 % 13 % len(ways)]
    entries = [created + step * (2 + number % 9) * DAY for step in range(len(way))]
    ends = [*entries[1:], None]
    funnel = int(number % 10 == 0)
    visits = [
        Visit(_place(funnel, step), entered, left)
        for step, entered, left in zip(way, entries, ends, strict=True)
    ]
    at_once = [(created, str(1000 + number))]
    reason = REASONS[number % 4]
    last = visits[-1].place
    values = {
        "amount": at_once if number % 11 else [],
        "product": [(created, ("Trykkmåler", "Gassdetektor", "Strømningsmåler")[number % 3])],
        "lost_reason": [(entries[-1], reason)] if last.outcome is Outcome.LOST else [],
    }
    return DealHistory(
        "norge",
        str(number),
        f"Deal {number}",
        created,
        created + 80 * DAY if number % 23 == 5 and visits[-1].left is None else None,
        visits,
        closes=[(created, created + (60 + number % 4 * 30) * DAY)],
        owners=[(created, ("7", "8", "9", "10")[number * number % 11 % 4])],
        values=values,
    )


def _place(funnel: int, step: int) -> Place:
    if step == OFF:
        return Place(funnel, OFF, Outcome.OPEN, 99)
    stages = STAGES if funnel == 0 else STAGES[:1] + STAGES[3:]
    return Place(funnel, step, stages[step].outcome, 10 * funnel + step)


def head(frame: Scope, people: bool = False, **more) -> Head:
    """The head of a report, with adoption and reach."""
    adopting, reaching = Adopting(frame, people), Reaching(frame.period.window.start)
    for deal in deals():
        adopting.take(deal)
        reaching.take(deal)
    weights = Weights({0: [(THIRD.window.start - 1, 0.2)], 1: [(THIRD.window.end, 0.4)]})
    places = [_place(0, step) for step in range(5)]
    reach = reaching.reach(weights, places)
    return Head(frame, adoption=adopting.adoptions(), reach=reach, **more)


def conversion_report() -> Document:
    """By team, beside the quarter before, key conversions first."""
    frame = scope()
    asked = split(By.TEAM, frame)
    found = conversions(frame, Rule.REACHED, asked, SECOND.window, deals())
    return conversion_document(head(frame, compared=SECOND), found)


def adoption_report() -> Document:
    """Of the third quarter."""
    return adoption_document(head(scope(), people=True))


def losses_report() -> Document:
    """Of the third quarter."""
    frame = scope()
    return losses_document(head(frame), losses(frame, deals()))


def reps_report() -> Document:
    """Of the third quarter."""
    frame = scope()
    return reps_document(head(frame, people=True), reps(frame, deals()))


def sheet_report() -> Document:
    """A sheet for one rep."""
    frame = scope()
    return reps_document(head(frame), reps(frame, deals(), "Lars Bjørnstad"))
