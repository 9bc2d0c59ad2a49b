"""What became of the confidences connector wrote."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from connector.reconcile.confidence.leads import LeadWrite, OpenLead, Ours
from connector.reconcile.confidence.setting import PEOPLE, Setter, settings


class Cause(StrEnum):
    """Why a lead no longer has the confidence we gave it.

    STAGE: it moved to another stage, and the CRM's automation gave it another one there.
    """

    AUTOMATION = "automation"
    PEOPLE = "people"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Of `leads` that connector wrote and that are open: how many were changed since, by cause.

    `back` of those have again what they had before. What was written after the last pull began is
    not among them, because nothing tells of it yet.
    """

    leads: int = 0
    automation: int = 0
    people: int = 0
    stage: int = 0
    back: int = 0

    @property
    def changed(self) -> int:
        """How many were changed since, for whatever cause."""
        return self.automation + self.people + self.stage


def aftermath(leads: Iterable[OpenLead], ours: Ours) -> Aftermath:
    """What became of the last confidence connector gave to each of the open leads."""
    found: Counter[str] = Counter()
    for lead in leads:
        of_lead = [write for write in ours.to(lead.id) if write.certain]
        if not of_lead or of_lead[-1].settled > ours.pulled:
            continue
        found["leads"] += 1
        last = of_lead[-1]
        *_, now = (None, *settings(lead, of_lead))
        cause = None if now is None or now.at < last.began else _cause(now.setter, lead, last)
        if now is not None and cause is not None:
            found[cause] += 1
            found["back"] += now.confidence == last.change.before
    return Aftermath(**found)


def _cause(setter: Setter, lead: OpenLead, last: LeadWrite) -> Cause | None:
    """None where it is still as we left it."""
    if setter in PEOPLE:
        return Cause.PEOPLE
    if setter is not Setter.AUTOMATION:
        return None
    return Cause.STAGE if lead.entered >= last.began else Cause.AUTOMATION
