"""Giving leads back the confidence they had before a run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connector.model import SetConfidence
from connector.reconcile.confidence.impact import Shift, lead_impact
from connector.reconcile.confidence.leads import LeftBecause, LeftLead, OpenLead, Ours
from connector.reconcile.confidence.planner import LeadPlan
from connector.reconcile.confidence.setting import Setter, Setting, settings, with_ours


def undo_leads(
    sent: Iterable[SetConfidence],
    leads: Iterable[OpenLead],
    ours: Ours,
) -> LeadPlan:
    """The changes that take back what a run sent to leads, and what must stay as it is.

    `sent` may or may not have arrived, oldest first; `leads` are all open ones of the account.
    Where the last confidence is the run's it is taken back, though the lead may have moved on: the
    value is ours either way. What may not have arrived is planned as if it had, because applying
    finds out.
    """
    open_ones = {lead.id: lead for lead in leads}
    of_run: dict[str, list[SetConfidence]] = {}
    for change in sent:
        of_run.setdefault(change.deal, []).append(change)
    found = [_take_back(made, open_ones.get(id_), ours) for id_, made in of_run.items()]
    changes = {each.deal: each for each in found if isinstance(each, SetConfidence)}
    left = tuple(each for each in found if isinstance(each, LeftLead))
    moved = lead_impact(_shifts(open_ones.values(), changes, ours))
    names = {id_: open_ones[id_].name for id_ in changes}
    return LeadPlan(None, tuple(changes.values()), left, 0, 0, 0, moved, names)


def _shifts(
    leads: Iterable[OpenLead],
    changes: Mapping[str, SetConfidence],
    ours: Ours,
) -> Iterator[Shift]:
    """The leads of the stages in which anything is taken back."""
    stages = {change.stage for change in changes.values()}
    for lead in leads:
        if lead.stage in stages:
            now = _now(lead, ours).confidence
            yield Shift(lead, now, changes[lead.id].after if lead.id in changes else now)


def _take_back(
    made: Sequence[SetConfidence],
    lead: OpenLead | None,
    ours: Ours,
) -> SetConfidence | LeftLead | None:
    """What becomes of one lead, of which `made` are the run's changes; None: it is as it was."""
    former, last = made[0].before, made[-1]
    if lead is None:
        place = (last.deal, "", last.pipeline, last.stage)
        return LeftLead(*place, last.after, former, LeftBecause.CLOSED_SINCE)
    now = _now(lead, ours)
    if now.confidence == former:
        return None
    place = (lead.id, lead.name, lead.pipeline, lead.stage)
    about = (*place, now.confidence, former)
    if now.setter is not Setter.OURS or now.confidence not in {each.after for each in made}:
        return LeftLead(*about, LeftBecause.CHANGED_SINCE, now.by, now.at)
    if former is None:
        return LeftLead(*about, LeftBecause.NOTHING_BEFORE)
    return SetConfidence(lead.id, lead.pipeline, lead.stage, now.confidence, former)


def _now(lead: OpenLead, ours: Ours) -> Setting:
    known = with_ours(settings(lead, ours.to(lead.id)), ours.unseen(lead.id))
    return known[-1] if known else Setting(None, lead.created, Setter.NOBODY)
