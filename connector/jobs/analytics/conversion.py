"""Report conversion."""

from dataclasses import replace

from sqlite_utils import Database

from connector.jobs.analytics.scope import Frame
from connector.metrics.flow.conversion import Conversions, FunnelFlow, Rule, conversions
from connector.metrics.grouping import By, split
from connector.store.deal_histories import deal_histories


def read_conversions(frame: Frame, db: Database, rule: Rule, by: By | None) -> Conversions:
    """What became of the deals that entered a stage in the period, or ever.

    Deals are followed through every funnel, whichever was asked for: one that is closed in another
    is not undecided.
    """
    asked = split(by, frame.scope)
    beside = frame.compared.window if frame.compared else None
    whole = frame.whole()
    deals = deal_histories(db, whole.selection(*asked.fields))
    found = conversions(whole.scope, rule, asked, beside, deals)
    return replace(found, flows=_of(frame, found.flows), compared=_of(frame, found.compared))


def _of(frame: Frame, flows: tuple[FunnelFlow, ...]) -> tuple[FunnelFlow, ...]:
    return tuple(flow for flow in flows if flow.funnel in frame.scope.funnels)
