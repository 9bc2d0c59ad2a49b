"""Whether a planned confidence may be written to a lead as it is this instant."""

from collections.abc import Collection
from enum import StrEnum

from connector.model import LiveDeal, SetConfidence


class Verdict(StrEnum):
    """What a lead, as it is now, says of a planned change of its confidence.

    SEND: it is as the plan saw it. SO_ALREADY: it has the confidence. ARRIVED: it has the one that
    an earlier write sent, whose answer was lost. IN_DOUBT: that write may have arrived and been
    turned back, which no read can tell. The others are what somebody did since.
    """

    SEND = "send"
    SO_ALREADY = "so-already"
    ARRIVED = "arrived"
    IN_DOUBT = "in-doubt"
    GONE = "gone"
    CLOSED = "closed"
    MOVED = "moved"
    CHANGED = "changed"


def verdict(
    planned: SetConfidence, live: LiveDeal | None, closing: Collection[str], doubt: Collection[str]
) -> Verdict:
    """Judge a planned change by the lead as it is now; None where the CRM has none.

    `closing` are the ids of stages that are not open. `doubt` are the revs for which this plan has
    sent the change already without knowing whether it arrived: as long as the lead has that very
    rev, it has not, and since the CRM takes one write for a rev, it may be sent for it again.
    """
    if live is None:
        return Verdict.GONE
    passed = bool(doubt) and live.rev not in doubt
    if passed and live.confidence == planned.after:
        return Verdict.ARRIVED
    if live.stage != planned.stage:
        return Verdict.CLOSED if live.stage in closing else Verdict.MOVED
    if live.confidence == planned.after:
        return Verdict.SO_ALREADY
    if live.confidence != planned.before:
        return Verdict.CHANGED
    return Verdict.IN_DOUBT if passed else Verdict.SEND
