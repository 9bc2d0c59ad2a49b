"""Plan the confidence of open leads: by their process, or by what became of earlier leads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from connector.config import Account, Config
from connector.jobs.analytics.scope import Asked, frame
from connector.jobs.lead_history import read_leads
from connector.jobs.planning import Planning
from connector.metrics.forecasting.win_probability import WinHistory, grain_for
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Process
from connector.reconcile.confidence.leads import OpenLead
from connector.reconcile.confidence.planner import AT_MOST, plan_leads
from connector.reconcile.confidence.wanted import Aim, Basis, Chance, aims, by_process
from connector.store import accounts, history, journal
from connector.store.deal_histories import deal_histories
from connector.store.instants import to_ms


@dataclass(frozen=True, slots=True)
class LeadPolicy:
    """Whose probability leads are to have, and how many of them one plan may change."""

    basis: Basis = Basis.PROCESS
    at_most: int = AT_MOST


def plan_confidence(
    made: Planning,
    account: Account,
    processes: tuple[Process, ...],
    db: Database,
    config: Config,
    policy: LeadPolicy,
) -> Planning:
    """The planning with the leads of every stage whose binding manages confidence."""
    reading = made.reading
    found = aims(processes, reading.account, reading.pipelines, reading.can)
    if not found:
        return made
    made = replace(made, manages_leads=True)
    key = accounts.find(db, reading.account)
    known = None if key is None else read_leads(db, key, reading.pipelines)
    if key is None or known is None:
        return made
    by_evidence = policy.basis is Basis.EVIDENCE
    chance = _by_evidence(account, key, processes, db, config) if by_evidence else by_process
    leads = plan_leads(known.leads, found, known.ours, policy.basis, chance, policy.at_most)
    plan = replace(made.plan, leads=leads.changes, after_run=journal.last_run(db, key))
    return replace(made, plan=plan, leads=leads, aftermath=known.aftermath())


def _by_evidence(
    account: Account, key: int, processes: Sequence[Process], db: Database, config: Config
) -> Chance:
    """How likely leads are won by what became of those of the account that lay there as long."""
    asked = frame(config, processes, db, Asked((account,)))
    as_of = asked.scope.as_of
    wins = WinHistory((as_of,), grain_for(history.visit_count(db), 1))
    for deal in deal_histories(db, asked.selection()):
        wins.take(deal)
    (chances,) = wins.chances()
    stages = history.stage_keys(db, key)

    def chance(lead: OpenLead, aim: Aim) -> float | None:
        """None where too few leads lay as long in that stage to tell."""
        place = asked.places.get(stages[lead.stage])
        spent = as_of - to_ms(lead.opened or lead.entered)
        if place is None or chances.seen(place, spent) < ENOUGH_TO_TELL:
            return None
        return chances.sitting(place, spent)

    return chance
