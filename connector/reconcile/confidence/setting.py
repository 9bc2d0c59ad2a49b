"""Who set the confidence of a lead, each time it was set."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connector.model import Change
from connector.reconcile.confidence.leads import LeadWrite, OpenLead, per_cent


class Setter(StrEnum):
    """Who set a confidence; NOBODY where it is the one the lead was made with."""

    NOBODY = "nobody"
    PERSON = "person"
    AUTOMATION = "automation"
    UNKNOWN = "unknown"
    OURS = "ours"


# Whoever these are, connector does not overrule them.
PEOPLE = frozenset({Setter.PERSON, Setter.UNKNOWN})

# The actor of an event (Nutshell fact, 2026-11): a user, or what a change came from, such as
# Nutshell itself or an integration.
_SETTERS = {"users": Setter.PERSON, "origins": Setter.AUTOMATION}


@dataclass(frozen=True, slots=True)
class Setting:
    """A confidence in per cent, when it was set at the latest, who did, and the id of an actor."""

    confidence: int | None
    at: datetime
    setter: Setter
    by: str | None = None


def settings(lead: OpenLead, writes: Sequence[LeadWrite]) -> Iterator[Setting]:
    """Every time the confidence of a lead was set, as the last pull tells, oldest first.

    `writes` are ours to this lead, in the order they were sent.
    """
    before: datetime | None = None
    for change in lead.confidences:
        setter = _setter(change, before, lead, writes)
        yield Setting(_confidence(change), change.at, setter, change.by)
        before = change.at


def with_ours(known: Iterable[Setting], unseen: Iterable[LeadWrite]) -> tuple[Setting, ...]:
    """The settings, ended by our writes that the last pull has not told of."""
    told = tuple(known)
    for write in unseen:
        newest = not told or told[-1].at <= write.settled
        if newest and not any(tells_of(each, write) for each in told):
            told = (*told, Setting(write.change.after, write.settled, Setter.OURS))
    return told


def tells_of(setting: Setting, write: LeadWrite) -> bool:
    """Whether a setting is what a write of ours came to."""
    same = setting.setter is Setter.OURS and setting.confidence == write.change.after
    return same and setting.at >= write.began


def since_entry(lead: OpenLead, known: Iterable[Setting]) -> Setting | None:
    """The last setting since the lead entered its stage; at the very instant counts as since.

    Where only an interval is known for the entry, what lies in it may have been since.
    """
    after = lead.entered_after
    since = [
        each
        for each in known
        if each.setter is not Setter.NOBODY
        and (each.at >= lead.entered if after is None else each.at > after)
    ]
    return since[-1] if since else None


def _setter(
    change: Change, before: datetime | None, lead: OpenLead, writes: Iterable[LeadWrite]
) -> Setter:
    if any(_is_ours(change, before, write) for write in writes):
        return Setter.OURS
    if change.not_before is not None:
        # That no event tells of it means something only where events tell of such a thing.
        first = before is None and change.not_before <= lead.created
        return Setter.NOBODY if first else Setter.UNKNOWN
    if change.at <= lead.created:
        return Setter.NOBODY
    return _SETTERS.get((change.by or "").rpartition("-")[2], Setter.UNKNOWN)


def _is_ours(change: Change, before: datetime | None, write: LeadWrite) -> bool:
    """Whether a change came to the value a write gave while it was under way."""
    earliest = change.at
    if change.not_before is not None:
        earliest = max(change.not_before, before or change.not_before)
    in_time = write.began <= change.at and earliest <= write.ended
    return in_time and _confidence(change) == write.change.after


def _confidence(change: Change) -> int | None:
    return None if change.value is None else per_cent(float(change.value))
