"""What became of the confidences connector wrote."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from connector.reconcile.confidence.leads import LeadWrite, OpenLead, Ours
from connector.reconcile.confidence.setting import PEOPLE, Setter, Setting, settings, tells_of


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
        writes = [write for write in ours.to(lead.id) if write.certain]
        known = tuple(settings(lead, writes))
        if not writes or not _is_known(known, writes[-1], ours):
            continue
        found["leads"] += 1
        cause = _cause(known[-1], lead, writes[-1]) if known else None
        if cause is not None:
            found[cause] += 1
            found["back"] += known[-1].confidence == writes[-1].change.before
    return Aftermath(**found)


def _is_known(known: Iterable[Setting], last: LeadWrite, ours: Ours) -> bool:
    """Whether the last pull tells of a write, or began when it had happened."""
    return last.settled <= ours.pulled or any(tells_of(each, last) for each in known)


def _cause(now: Setting, lead: OpenLead, last: LeadWrite) -> Cause | None:
    """None where it is still as we left it."""
    if now.at < last.began:
        return None
    if now.setter in PEOPLE:
        return Cause.PEOPLE
    moved = lead.entered >= last.began
    if now.setter is Setter.AUTOMATION:
        return Cause.STAGE if moved else Cause.AUTOMATION
    return None
