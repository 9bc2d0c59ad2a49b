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

    A bulk edit that is not allowed stops every edit and move, and the new stages that the moves
    would make room for. New stages that need none go ahead, to the places they would have had:
    what is allowed later finds its own place free.
    """
    safe, risky = _sorted(possible, ground)
    ahead, taken = give_up_labels(safe, ground)
    layout = lay_out(ahead.additions, ahead.order, ground)
    bulk = (Hazard.BULK,) if _is_bulk(possible, layout, ground) else ()
    if not bulk or _bulk_is_allowed(ahead, layout, ground):
        return Decision(ahead, layout, _held(risky, bulk, (), ground), taken)
    if layout.moves:
        moves = (Held(planned.change, planned.drifts, bulk) for planned in layout.moves)
        return Decision(Proposal(), Layout(), (*_held(possible, bulk, bulk, ground), *moves), ())
    stopped = Proposal(possible.edits, risky.additions, possible.order)
    ahead, taken = give_up_labels(Proposal((), safe.additions, possible.order), ground)
    return Decision(ahead, layout, _held(stopped, bulk, (), ground), taken)


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


def _is_bulk(possible: Proposal, layout: Layout, ground: Ground) -> bool:
    edited = {edit.id for edit in possible.edits} | layout.moved
    return 2 * len(edited) > ground.stage_count()


def _bulk_is_allowed(ahead: Proposal, layout: Layout, ground: Ground) -> bool:
    touched = {edit.id for edit in ahead.edits} | layout.moved
    if layout.moves:
        touched |= layout.places.keys()
    return all(ground.allows(Hazard.BULK, stage) for stage in touched)


def _held(
    waiting: Proposal,
    of_edits: tuple[Hazard, ...],
    of_additions: tuple[Hazard, ...],
    ground: Ground,
) -> tuple[Held, ...]:
    """Held changes with their own hazards and these; new ones in the place they would get."""
    pipeline = ground.pipeline.id
    places = lay_out(waiting.additions, waiting.order, ground).places
    edits = (
        Held(edit.change(pipeline), edit.drifts, (*edit.hazards, *of_edits))
        for edit in waiting.edits
    )
    additions = (
        Held(new.change(pipeline, places[new.id]), new.drifts, (*of_additions, Hazard.CREATE))
        for new in waiting.additions
    )
    return (*edits, *additions)
