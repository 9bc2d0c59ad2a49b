"""Short forms for the tables of rules about leads: instants are days of November 2026."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from connector.model import Change, SetConfidence
from connector.reconcile.confidence.leads import LeadWrite, OpenLead, Ours
from connector.reconcile.confidence.wanted import Aim

KARI, NUTSHELL, US = "1-users", "23-origins", "9-users"
AIM = Aim("sales", "a", "process", "met", 0.6)


def day(number: float) -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number)


def said(per_cent: int | None, at: float, by: str | None = None) -> Change:
    """An event says the confidence became this."""
    value = None if per_cent is None else str(per_cent / 100)
    return Change("confidence", value, day(at), by=by)


def seen(per_cent: int, at: float, after: float) -> Change:
    """A pull saw a confidence of which no event tells."""
    return Change("confidence", str(per_cent / 100), day(at), not_before=day(after))


def lead(
    *changes: Change,
    id: str = "1003-leads",
    stage: str = "a",
    entered: float = 5,
    after: float | None = None,
    amount: float | None = 1000.0,
    owner: str | None = KARI,
) -> OpenLead:
    """A lead made on day 1 that entered its stage on day 5."""
    place = (id, f"Lead {id}", "sales", stage, owner, amount, day(1), day(entered))
    return OpenLead(*place, None if after is None else day(after), changes)


def wrote(
    before: int | None, after: int, at: float, *, id: str = "1003-leads", certain: bool = True
) -> LeadWrite:
    change = SetConfidence(id, "sales", "a", before, after)
    return LeadWrite(1, change, day(at), day(at) + timedelta(seconds=1), certain)


def ours(*writes: LeadWrite, pulled: float = 20, **found: float) -> Ours:
    """What connector did, with the last pull on a day."""
    by_lead: dict[str, list[LeadWrite]] = {}
    for write in writes:
        by_lead.setdefault(write.change.deal, []).append(write)
    changed = {id_.replace("_", "-"): day(at) for id_, at in found.items()}
    return Ours(by_lead, day(pulled), changed)


def ids(changes: Iterable[SetConfidence]) -> list[str]:
    return [change.deal for change in changes]
