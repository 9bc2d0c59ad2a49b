"""Which runs belong together: those of one plan, and those that ended what another one began."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.model import StageChange
from connector.reconcile.labels import is_temporary
from connector.reconcile.values import Place, Value, touches


@dataclass(frozen=True, slots=True)
class Past:
    """A run: the fingerprint of its plan, and its changes that may have reached the CRM."""

    fingerprint: str
    changes: tuple[StageChange, ...]


def carried_on(runs: Sequence[Past]) -> tuple[StageChange, ...]:
    """The changes of the last of the runs and of those it carried on, oldest first.

    It carried on the earlier runs of its plan, and any whose temporary label it found: what was
    before such a run is what was before the last one, too.
    """
    together: tuple[StageChange, ...] = ()
    plans = {runs[-1].fingerprint}
    for run in reversed(runs):
        if run.fingerprint in plans or _left(run.changes, together):
            plans.add(run.fingerprint)
            together = (*run.changes, *together)
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
