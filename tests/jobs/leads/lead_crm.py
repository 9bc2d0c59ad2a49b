"""A CRM of a few leads in memory, in which others are at work and requests get lost."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from connector.errors import Rejected, UnknownOutcome, Unreachable
from connector.model import LiveDeal

DAWN = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
US = "9-users"
PERSON = "1-users"
AUTOMATION = "23-origins"


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Touch:
    """Somebody set the confidence of a lead, or with `confidence` None only touched it."""

    lead: str
    confidence: int | None
    by: str
    at: datetime


@dataclass
class LeadCrm:
    """Leads by id; every call, and every look at the clock, is a step at which `script` may act.

    `effects` are the writes of ours that took effect, with the lead as it was just before.
    """

    leads: dict[str, LiveDeal]
    script: Callable[["LeadCrm"], object] = lambda crm: None
    steps: int = 0
    touches: list[Touch] = field(default_factory=list)
    effects: list[tuple[LiveDeal, int]] = field(default_factory=list)
    under_way: list[tuple[str, str, int]] = field(default_factory=list)

    def now(self) -> datetime:
        """The clock; a step like any other, so that a process may end between any two."""
        self.step()
        return self.at

    @property
    def at(self) -> datetime:
        return DAWN + timedelta(seconds=20 * self.steps)

    def step(self) -> None:
        self.steps += 1
        for late in self.under_way:
            if self.leads[late[0]].rev == late[1]:
                self._take(*late)
        self.under_way.clear()
        self.script(self)

    def live_deal(self, deal_id: str) -> LiveDeal | None:
        self.step()
        return self.leads.get(deal_id)

    def set_confidence(self, deal_id: str, rev: str, confidence: int) -> None:
        self.step()
        if deal_id not in self.leads:
            raise Rejected("no such lead", 404)
        if self.leads[deal_id].rev != rev:
            raise Rejected("rev key is out-of-date", 409)
        self._take(deal_id, rev, confidence)

    def _take(self, deal_id: str, rev: str, confidence: int) -> None:
        lead = self.leads[deal_id]
        self.effects.append((lead, confidence))
        self.set(deal_id, confidence, US)

    def set(self, deal_id: str, confidence: int | None, by: str) -> None:
        """Somebody gives a lead a confidence, or touches something else of it."""
        lead = self.leads[deal_id]
        now = lead.confidence if confidence is None else confidence
        self.leads[deal_id] = replace(lead, confidence=now, rev=str(int(lead.rev) + 1))
        self.touches.append(Touch(deal_id, confidence, by, self.at))

    def move(self, deal_id: str, stage: str) -> None:
        """Somebody moves or closes a lead."""
        lead = self.leads[deal_id]
        self.leads[deal_id] = replace(lead, stage=stage, rev=str(int(lead.rev) + 1))
        self.touches.append(Touch(deal_id, None, PERSON, self.at))


@dataclass
class Unlucky:
    """The CRM as seen over a bad line: a write may be lost, or its answer, or the process ends."""

    crm: LeadCrm
    luck: Callable[[], str]

    def live_deal(self, deal_id: str) -> LiveDeal | None:
        luck = self.luck()
        if luck == "killed":
            raise Killed
        if luck == "stopped":
            raise KeyboardInterrupt
        if luck == "unreachable":
            raise Unreachable("no answer")
        return self.crm.live_deal(deal_id)

    def set_confidence(self, deal_id: str, rev: str, confidence: int) -> None:
        luck = self.luck()
        match luck:
            case "killed":
                raise Killed
            case "stopped":
                raise KeyboardInterrupt
            case "unreachable" | "lost":
                self.crm.step()
                raise UnknownOutcome("no answer")
            case "late" | "late-killed":
                self.crm.step()
                self.crm.under_way.append((deal_id, rev, confidence))
                raise Killed if luck == "late-killed" else UnknownOutcome("no answer")
        self.crm.set_confidence(deal_id, rev, confidence)
        match luck:
            case "answer-lost":
                raise UnknownOutcome("no answer")
            case "answered-killed":
                raise Killed
            case "answered-stopped":
                raise KeyboardInterrupt
