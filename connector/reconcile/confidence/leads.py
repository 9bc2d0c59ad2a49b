"""Open leads, who set their confidence, and what connector ever wrote to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from connector.model import Change, SetConfidence

# CRMs tell the time in whole seconds, and a write arrives some time after it left.
CLOCK_TICK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class OpenLead:
    """An open lead as the last pull left it.

    It entered its stage at `entered`, or where `entered_after` is set somewhere in
    (entered_after, entered]; since then it may have been closed and opened again, at `opened`.
    `amount` is in home currency, None where nobody knows it there. `confidences` are the changes of
    the field, oldest first, each value a probability as text; `told` says whether the account's
    events tell at all of confidences that were set.
    """

    id: str
    name: str
    pipeline: str
    stage: str
    owner: str | None
    amount: float | None
    created: datetime
    entered: datetime
    entered_after: datetime | None = None
    confidences: tuple[Change, ...] = ()
    told: bool = True
    opened: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeadWrite:
    """A confidence our journal says was sent; where it is not `certain`, it may have arrived."""

    run: int
    change: SetConfidence
    sent_at: datetime
    settled_at: datetime | None
    certain: bool

    @property
    def settled(self) -> datetime:
        """When it had happened by our own clock, which goes by the CRM's."""
        return self.settled_at or self.sent_at

    @property
    def began(self) -> datetime:
        """The earliest instant the CRM may have noted for it."""
        return self.sent_at - CLOCK_TICK

    @property
    def ended(self) -> datetime:
        """The latest instant the CRM may have noted for it."""
        return self.settled + CLOCK_TICK


@dataclass(frozen=True, slots=True)
class Ours:
    """What connector did to an account's leads: writes that may have arrived, oldest first, by id.

    `pulled` is when the last pull began. `found_changed` are leads an apply found not as planned,
    with when it last did.
    """

    writes: Mapping[str, Sequence[LeadWrite]]
    pulled: datetime
    found_changed: Mapping[str, datetime] = field(default_factory=dict)

    def to(self, lead: str) -> Sequence[LeadWrite]:
        """The writes to a lead."""
        return self.writes.get(lead, ())

    def unseen(self, lead: str) -> Sequence[LeadWrite]:
        """The writes to a lead that the last pull need not have told of."""
        return [write for write in self.to(lead) if write.ended >= self.pulled]

    def is_stale(self, lead: str) -> bool:
        """Whether a lead was found changed since the last pull began."""
        at = self.found_changed.get(lead)
        return at is not None and at >= self.pulled


class LeftBecause(StrEnum):
    """Why a lead whose confidence is not the wanted one is left alone.

    PERSON: a person set it in the present stage. UNKNOWN: somebody did, and nobody knows who.
    IN_DOUBT: a write of ours was sent and no pull has told yet whether it arrived. FOUND_CHANGED:
    an apply found it not as planned, and no pull has told yet who changed it. CHANGED_SINCE,
    CLOSED_SINCE and NOTHING_BEFORE are met by the undoing of a run only.
    """

    PERSON = "set-by-person"
    UNKNOWN = "set-by-unknown"
    IN_DOUBT = "in-doubt"
    FOUND_CHANGED = "found-changed"
    CHANGED_SINCE = "changed-since"
    CLOSED_SINCE = "closed-since"
    NOTHING_BEFORE = "nothing-before"


@dataclass(frozen=True, slots=True)
class LeftLead:
    """A lead whose confidence is not the wanted one and stays, and why.

    `by` set it `at` an instant, where that is why. The name is empty where the lead is not open.
    """

    deal: str
    name: str
    pipeline: str
    stage: str
    present: int | None
    wanted: int | None
    because: LeftBecause
    by: str | None = None
    at: datetime | None = None


def per_cent(probability: float) -> int:
    """A probability in whole per cent, halves rounded up."""
    # Most decimal fractions are a little off in binary: 0.145 must not become 14.
    return int(round(probability * 100, 6) + 0.5)
