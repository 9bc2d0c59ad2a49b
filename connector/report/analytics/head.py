"""What stands above every report of the history: the frame it was computed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.metrics.flow.adoption import Adoption, Adoptions
from connector.metrics.flow.reach import Reach
from connector.metrics.periods import Period
from connector.metrics.scope import Scope
from connector.report.analytics.habits import NAMES, habit_share, whole_share
from connector.report.document import (
    Block,
    Cell,
    Count,
    CrmText,
    Fact,
    Instant,
    Items,
    Note,
    Place,
    Share,
    Tone,
    phrase,
)

_AFTER_PULL = "This is after the last pull of {pulled}: what happened since then is not known."
_ADOPTION = "{share} of {deals} deals open {when} keep to the process in everything"
_WEAKEST = "{adoption}; least kept: {habit}, {share} of {deals}"
_NO_ADOPTION = "not known: too few deals were open"
_NO_REACH = "no deal was open"
_REACH = "goes back far enough for {share} of these deals, and for {of_stages} of {stages} stages"
_REACH_OF_DEALS = "goes back far enough for {share} of these deals"


@dataclass(frozen=True, slots=True)
class Head:
    """The scope of a report, the period it is held against, and accounts that are missing.

    Adoption and reach are those of the deals open in the period, or in the last 90 days.
    """

    scope: Scope
    compared: Period | None = None
    unpulled: tuple[str, ...] = ()
    adoption: Adoptions | None = None
    reach: Reach | None = None

    def instant(self, at: int) -> Instant:
        """A moment in milliseconds, to be read in the report's zone."""
        return Instant(datetime.fromtimestamp(at / 1000, UTC), str(self.scope.zone))


def head_facts(head: Head) -> tuple[Fact, ...]:
    """Accounts, instant, zone, period and currency."""
    scope = head.scope
    return (
        Fact("accounts", "Accounts", Items(tuple(map(CrmText, scope.accounts)))),
        Fact("as_of", "As of", head.instant(scope.as_of)),
        Fact("zone", "Time zone", str(scope.zone)),
        Fact("period", "Period", _period(head, scope.period)),
        *((Fact("compared", "Beside", _period(head, head.compared)),) if head.compared else ()),
        Fact("currency", "Currency", scope.currency or "several"),
        *(_adoption(head, head.adoption.whole) if head.adoption else ()),
        *(_reach(head.reach) if head.reach else ()),
    )


def head_notes(head: Head) -> Iterator[Block]:
    """What to keep in mind before reading on."""
    if head.scope.as_of > head.scope.pulled:
        yield Note(phrase(_AFTER_PULL, pulled=head.instant(head.scope.pulled)), Tone.CAUTION)
    for name in head.unpulled:
        yield Note(phrase("{name} was never pulled and is missing here.", name=name), Tone.BAD)


def _adoption(head: Head, adoption: Adoption) -> Iterator[Fact]:
    """How far the process is followed: until it is, the numbers below are of little worth."""
    yield Fact("adoption", "Adoption", _kept(head, adoption))
    yield Fact("adoption_share", "", whole_share(adoption), Place.DATA)
    yield Fact("adoption_deals", "", Count(adoption.deals), Place.DATA)


def _kept(head: Head, adoption: Adoption) -> Cell:
    if adoption.share is None:
        return _NO_ADOPTION
    when = "in the period" if head.scope.period else "in the last 90 days"
    deals, whole = Count(adoption.deals), Share(adoption.share)
    told = phrase(_ADOPTION, share=whole, deals=deals, when=when)
    if adoption.weakest is None or adoption.share == 1:
        return told
    least, of = habit_share(adoption, adoption.weakest), Count(adoption.asked[adoption.weakest])
    return phrase(_WEAKEST, adoption=told, habit=NAMES[adoption.weakest], share=least, deals=of)


def _reach(reach: Reach) -> Iterator[Fact]:
    """How much of what the report looks at is known since the period began."""
    deals, stages = _share(reach.deals_known, reach.deals), _share(reach.stages_known, reach.stages)
    words = _REACH if reach.stages else _REACH_OF_DEALS
    told = phrase(words, share=deals, of_stages=stages, stages=Count(reach.stages))
    yield Fact("history", "History", told if reach.deals else _NO_REACH)
    yield Fact("deals_reaching", "", deals, Place.DATA)
    yield Fact("stage_versions_reaching", "", stages, Place.DATA)


def _share(known: int, of: int) -> Cell:
    return Share(known / of) if of else None


def _period(head: Head, period: Period | None) -> Cell:
    if period is None:
        return "all of the history"
    start, end = map(head.instant, period.window)
    return phrase("{label}: {start} to {end}", label=period.label, start=start, end=end)
