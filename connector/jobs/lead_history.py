"""What the database knows of an account's open leads and of what connector wrote to them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from connector.metrics.forecasting.position import CONFIDENCE
from connector.model import Outcome, Pipeline
from connector.reconcile.confidence.aftermath import Aftermath, aftermath
from connector.reconcile.confidence.leads import LeadWrite, OpenLead, Ours
from connector.store import history, journal
from connector.store.lead_confidences import open_leads


@dataclass(frozen=True, slots=True)
class LeadHistory:
    """The open leads of an account as the last pull left them, and what connector did to them."""

    leads: tuple[OpenLead, ...]
    ours: Ours

    def aftermath(self) -> Aftermath:
        """What became of what connector wrote."""
        return aftermath(self.leads, self.ours)


def read_leads(db: Database, account: int, live: Iterable[Pipeline]) -> LeadHistory | None:
    """The open leads of an account with these pipelines.

    None where it was never pulled, or the last pull did not track the confidence.
    """
    last = history.last_pull(db, account)
    if last is None or CONFIDENCE not in last.fields:
        return None
    stages = (stage for pipeline in live for stage in pipeline.stages)
    open_ones = [stage.id for stage in stages if stage.outcome is Outcome.OPEN]
    writes: dict[str, list[LeadWrite]] = {}
    for write in journal.lead_writes(db, account):
        writes.setdefault(write.change.deal, []).append(write)
    ours = Ours(writes, last.started, journal.found_changed(db, account))
    return LeadHistory(open_leads(db, account, open_ones), ours)


def read_aftermath(db: Database, account: int, live: Iterable[Pipeline]) -> Aftermath:
    """What became of what earlier runs wrote to an account's leads."""
    known = read_leads(db, account, live)
    return Aftermath() if known is None else known.aftermath()
