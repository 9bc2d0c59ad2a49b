"""What stands above every report of the history: the frame it was computed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.metrics.periods import Period
from connector.metrics.scope import Scope
from connector.report.document import Block, Cell, CrmText, Fact, Instant, Items, Note, Tone, phrase

_AFTER_PULL = "This is after the last pull of {pulled}: what happened since then is not known."


@dataclass(frozen=True, slots=True)
class Head:
    """The scope of a report, the period it is held against, and accounts that are missing."""

    scope: Scope
    compared: Period | None = None
    unpulled: tuple[str, ...] = ()

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
    )


def head_notes(head: Head) -> Iterator[Block]:
    """What to keep in mind before reading on."""
    if head.scope.as_of > head.scope.pulled:
        yield Note(phrase(_AFTER_PULL, pulled=head.instant(head.scope.pulled)), Tone.CAUTION)
    for name in head.unpulled:
        yield Note(phrase("{name} was never pulled and is missing here.", name=name), Tone.BAD)


def _period(head: Head, period: Period | None) -> Cell:
    if period is None:
        return "all of the history"
    start, end = map(head.instant, period.window)
    return phrase("{label}: {start} to {end}", label=period.label, start=start, end=end)
