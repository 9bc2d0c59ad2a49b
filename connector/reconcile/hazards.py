"""What goes ahead of what could be written, and what waits until somebody allows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from connector.reconcile.ground import Ground
from connector.reconcile.layout import Layout, lay_out
from connector.reconcile.plan import Hazard, Held, Refusal
from connector.reconcile.proposal import Edit, Proposal
from connector.reconcile.relabelling import give_up_labels


@dataclass(frozen=True, slots=True)
class Decision:
    """The writes that go ahead, with their places; what is held; labels that held stages keep."""

    ahead: Proposal
    layout: Layout
    held: tuple[Held, ...]
    taken: Sequence[Refusal]


def decide(possible: Proposal, ground: Ground) -> Decision:
    """Weigh the hazards of a proposal.

    A bulk edit that is not allowed stops every edit. Moves and allowed new stages go ahead all the
    same: to put one stage in its place may take moving all those behind it.
    """
    safe, waiting = _sorted(possible, ground)
    ahead, taken = give_up_labels(safe, ground)
    bulk = (Hazard.BULK,) if _is_bulk(possible, ground) else ()
    if bulk and not all(ground.allows(Hazard.BULK, edit.id) for edit in ahead.edits):
        waiting = Proposal(possible.edits, waiting.additions, possible.order)
        ahead, taken = give_up_labels(Proposal((), safe.additions, possible.order), ground)
    layout = lay_out(ahead.additions, ahead.order, ground)
    return Decision(ahead, layout, _held(waiting, bulk, ground), taken)


def _sorted(possible: Proposal, ground: Ground) -> tuple[Proposal, Proposal]:
    """What has no hazard that was not allowed, bulk aside, and what has one."""
    edits = tuple(edit for edit in possible.edits if _is_allowed(edit, ground))
    new = tuple(new for new in possible.additions if ground.allows(Hazard.CREATE, new.id))
    risky = (
        tuple(edit for edit in possible.edits if edit not in edits),
        tuple(each for each in possible.additions if each not in new),
    )
    return Proposal(edits, new, possible.order), Proposal(*risky, possible.order)


def _is_allowed(edit: Edit, ground: Ground) -> bool:
    return all(ground.allows(hazard, edit.id) for hazard in edit.hazards)


def _is_bulk(possible: Proposal, ground: Ground) -> bool:
    """Whether more than half of the stages want an edit.

    Those that are held for themselves count too, or releasing one of them would hold the others.
    """
    return 2 * len(possible.edits) > ground.stage_count()


def _held(waiting: Proposal, bulk: tuple[Hazard, ...], ground: Ground) -> tuple[Held, ...]:
    """Held changes with their hazards; new ones in the place they would get."""
    pipeline = ground.pipeline.id
    places = lay_out(waiting.additions, waiting.order, ground).places
    edits = (
        Held(edit.change(pipeline), edit.drifts, (*edit.hazards, *bulk)) for edit in waiting.edits
    )
    additions = (
        Held(new.change(pipeline, places[new.id]), new.drifts, (Hazard.CREATE,))
        for new in waiting.additions
    )
    return (*edits, *additions)
