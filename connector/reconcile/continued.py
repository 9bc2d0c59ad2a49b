"""Which runs belong together: those of one plan, and those that ended what another one began."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.model import SetConfidence, StageChange
from connector.reconcile.labels import is_temporary
from connector.reconcile.values import Place, Value, touches


@dataclass(frozen=True, slots=True)
class Past:
    """A run: the fingerprint of its plan, and what of it may have reached the CRM."""

    fingerprint: str
    changes: tuple[StageChange, ...]
    leads: tuple[SetConfidence, ...] = ()


def carried_on(runs: Sequence[Past]) -> Past:
    """All that the last of the runs sent, and those it carried on, oldest first.

    It carried on the earlier runs of its plan, and any whose temporary label it found: what was
    before such a run is what was before the last one, too.
    """
    together = Past(runs[-1].fingerprint, ())
    plans = {together.fingerprint}
    for run in reversed(runs):
        if run.fingerprint in plans or _left(run.changes, together.changes):
            plans.add(run.fingerprint)
            changes, leads = (*run.changes, *together.changes), (*run.leads, *together.leads)
            together = Past(together.fingerprint, changes, leads)
    return together


def _left(earlier: Iterable[StageChange], later: Sequence[StageChange]) -> bool:
    """Whether earlier changes wrote a temporary label that the later ones began from."""
    began: dict[Place, Value] = {}
    for touch in (touch for change in later for touch in touches(change)):
        began.setdefault(touch.place, touch.before)
    return any(
        is_temporary(touch.after) and began.get(touch.place) == touch.after
        for change in earlier
        for touch in touches(change)
    )
