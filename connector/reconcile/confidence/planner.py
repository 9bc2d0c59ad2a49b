"""Which leads get another confidence, which are left alone, and which wait for the next plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from connector.model import SetConfidence
from connector.reconcile.confidence.impact import LeadImpact, Shift, lead_impact
from connector.reconcile.confidence.leads import (
    LeftBecause,
    LeftLead,
    OpenLead,
    Ours,
    per_cent,
)
from connector.reconcile.confidence.setting import (
    PEOPLE,
    Setter,
    Setting,
    settings,
    since_entry,
    with_ours,
)
from connector.reconcile.confidence.wanted import Aim, Basis, Chance

AT_MOST = 200

_BECAUSE = {Setter.PERSON: LeftBecause.PERSON, Setter.UNKNOWN: LeftBecause.UNKNOWN}


@dataclass(frozen=True, slots=True)
class LeadPlan:
    """What to do about the confidence of an account's leads.

    `basis` None takes a run back. `waiting` more are wrong and were left for the next plan.
    `outdated` of the changes overrule what a person set in an earlier stage. Of `untold` leads too
    little is known to say what their confidence should be. `names` are of those that change. A
    `silent` log has no event of a confidence that was set, so that nobody knows whether it would.
    """

    basis: Basis | None
    changes: tuple[SetConfidence, ...]
    left: tuple[LeftLead, ...]
    waiting: int
    outdated: int
    untold: int
    impact: LeadImpact
    names: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False


@dataclass(frozen=True, slots=True)
class _Judged:
    """A lead with the confidence it has and should have, and what stands in the way of it."""

    lead: OpenLead
    present: int | None
    wanted: int | None
    left: LeftLead | None = None
    outdated: bool = False

    @property
    def change(self) -> SetConfidence | None:
        """What would be written; None where it is as it should be, or must stay."""
        if self.wanted is None or self.wanted == self.present or self.left:
            return None
        lead = self.lead
        return SetConfidence(lead.id, lead.pipeline, lead.stage, self.present, self.wanted)

    @property
    def rank(self) -> tuple[float, int, int, str]:
        """Whatever moves the weighted pipeline most comes first, then more points, then ids."""
        points = abs((self.wanted or 0) - (self.present or 0))
        id_ = self.lead.id
        return -points * abs(self.lead.amount or 0.0), -points, len(id_), id_


def plan_leads(
    leads: Iterable[OpenLead],
    aims: Mapping[str, Aim],
    ours: Ours,
    basis: Basis,
    chance: Chance,
    at_most: int = AT_MOST,
) -> LeadPlan:
    """The changes that give leads the confidence they should have, those that move most first.

    `leads` are all open ones of the account and `aims` the stages to correct, by id.
    """
    judged = [
        _judge(lead, ours, chance(lead, aims[lead.stage])) for lead in leads if lead.stage in aims
    ]
    wrong = sorted((each for each in judged if each.change), key=lambda each: each.rank)
    chosen = wrong[:at_most]
    now = {each.lead.id: each.wanted for each in chosen}
    shifts = (Shift(j.lead, j.present, now.get(j.lead.id, j.present)) for j in judged)
    return LeadPlan(
        basis,
        tuple(each.change for each in chosen if each.change),
        tuple(each.left for each in judged if each.left),
        len(wrong) - len(chosen),
        sum(each.outdated for each in chosen),
        sum(each.wanted is None for each in judged),
        lead_impact(shifts),
        {each.lead.id: each.lead.name for each in chosen},
        silent=not all(each.lead.told for each in chosen),
    )


def _judge(lead: OpenLead, ours: Ours, likely: float | None) -> _Judged:
    unseen = ours.unseen(lead.id)
    certain = [write for write in unseen if write.certain]
    known = with_ours(settings(lead, ours.to(lead.id)), certain)
    present = known[-1].confidence if known else None
    judged = _Judged(lead, present, None if likely is None else per_cent(likely))
    if judged.wanted is None or judged.wanted == present:
        return judged
    last = since_entry(lead, known)
    if last is not None and last.setter in PEOPLE:
        return replace(judged, left=_left(judged, _BECAUSE[last.setter], last))
    if ours.is_stale(lead.id):
        return replace(judged, left=_left(judged, LeftBecause.FOUND_CHANGED))
    if unseen and not unseen[-1].certain:
        return replace(judged, left=_left(judged, LeftBecause.IN_DOUBT))
    return replace(judged, outdated=last is None and bool(known) and known[-1].setter in PEOPLE)


def _left(judged: _Judged, because: LeftBecause, last: Setting | None = None) -> LeftLead:
    lead = judged.lead
    about = (lead.id, lead.name, lead.pipeline, lead.stage, judged.present, judged.wanted)
    return LeftLead(*about, because, last.by if last else None, last.at if last else None)
