"""What waits until somebody allows it, and what goes ahead."""

from collections.abc import Iterator

from connector.reconcile.ground import Ground
from connector.reconcile.layout import Layout, lay_out
from connector.reconcile.plan import Hazard, Held
from connector.reconcile.proposal import Edit, Proposal


def hold(proposal: Proposal, ground: Ground) -> tuple[Proposal, tuple[Held, ...]]:
    """The part of a proposal that goes ahead, and the rest of it, held.

    A bulk edit that is not allowed stops every edit and move, and the new stages that the moves
    would make room for. New stages nobody allowed move nothing yet, so they are left out of it.
    """
    safe = tuple(edit for edit in proposal.edits if _is_allowed(edit, ground))
    new = tuple(new for new in proposal.additions if ground.allows(Hazard.CREATE, new.id))
    ahead = Proposal(safe, new, proposal.order)
    layout = lay_out(new, proposal.order, ground)
    bulk = _is_bulk(proposal, layout, ground)
    stopped = bulk and not _bulk_is_allowed(ahead, layout, ground)
    if stopped:
        ahead = Proposal() if layout.moves else Proposal((), new, proposal.order)
    held = (
        *_held_edits(proposal, ahead, bulk, ground),
        *_held_additions(proposal, ahead, layout, ground),
        *(Held(m.change, m.drifts, (Hazard.BULK,)) for m in layout.moves if stopped),
    )
    return ahead, held


def _is_allowed(edit: Edit, ground: Ground) -> bool:
    return all(ground.allows(hazard, edit.id) for hazard in edit.hazards)


def _is_bulk(proposal: Proposal, layout: Layout, ground: Ground) -> bool:
    edited = {edit.id for edit in proposal.edits} | layout.moved
    return 2 * len(edited) > ground.stage_count()


def _bulk_is_allowed(ahead: Proposal, layout: Layout, ground: Ground) -> bool:
    touched = {edit.id for edit in ahead.edits} | layout.moved
    if layout.moves:
        touched |= layout.places.keys()
    return all(ground.allows(Hazard.BULK, stage) for stage in touched)


def _held_edits(proposal: Proposal, ahead: Proposal, bulk: bool, ground: Ground) -> Iterator[Held]:
    also = (Hazard.BULK,) if bulk else ()
    for edit in proposal.edits:
        if edit not in ahead.edits:
            yield Held(edit.change(ground.pipeline.id), edit.drifts, (*edit.hazards, *also))


def _held_additions(
    proposal: Proposal, ahead: Proposal, layout: Layout, ground: Ground
) -> Iterator[Held]:
    waiting = [new for new in proposal.additions if new not in ahead.additions]
    places = lay_out(waiting, proposal.order, ground).places
    for new in waiting:
        hazards = (Hazard.BULK, Hazard.CREATE) if new.id in layout.places else (Hazard.CREATE,)
        yield Held(new.change(ground.pipeline.id, places[new.id]), new.drifts, hazards)
