"""What becomes of the drifts of one pipeline: hazards, what was allowed of them, and the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.edits import Addition, Edit, additions, edits
from connector.reconcile.ground import Ground
from connector.reconcile.layout import Layout, lay_out
from connector.reconcile.plan import Hazard, Held, Planned, Reason, Refusal
from connector.reconcile.relabelling import split_labels, writes
from connector.reconcile.triage import triage


@dataclass(frozen=True, slots=True)
class Verdict:
    """The changes, held changes and refusals of one pipeline."""

    changes: tuple[Planned, ...] = ()
    held: tuple[Held, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def decide(drifts: Sequence[Drift], ground: Ground) -> Verdict:
    """Hold what is hazardous and not allowed; of the rest, write what labels permit.

    Labels are settled twice: as if nothing were held, to tell what can never be had, and then for
    what is written now, when the stages that are held keep theirs.
    """
    sound, refusals = triage(drifts, ground)
    order = next((drift for drift in sound if drift.kind is DriftKind.ORDER), None)
    possible, creatable, never = split_labels(
        tuple(edits(sound, drifts, ground)), tuple(additions(sound, ground)), ground
    )
    allowed = [new for new in creatable if ground.allows(Hazard.CREATE, new.id)]
    rehearsal = lay_out(allowed, order, ground)
    loose = [edit for edit in possible if all(ground.allows(h, edit.id) for h in edit.hazards)]
    bulk = _is_bulk(possible, rehearsal, ground)
    stopped = bulk and not _bulk_allowed(loose, allowed, rehearsal, ground)
    if stopped:
        loose, allowed = [], [] if rehearsal.moves else allowed
    written, created, now = split_labels(loose, allowed, ground)
    layout = rehearsal if stopped and rehearsal.moves else lay_out(created, order, ground)
    waiting = [new for new in creatable if new not in allowed]
    unmoved = [Refusal(order, Reason.CANNOT_WRITE)] if order and not layout.moves else []
    return Verdict(
        (
            *writes(written, ground),
            *_creations(created, layout, ground),
            *(() if stopped else layout.moves),
        ),
        (
            *_held_edits([edit for edit in possible if edit not in loose], bulk, ground),
            *_held_additions(waiting, order, stopped and bool(rehearsal.moves), ground),
            *(_held_moves(layout) if stopped else ()),
        ),
        (*refusals, *never, *now, *unmoved),
    )
