"""The rules HubSpot holds pipeline and stage writes to; all facts of 2026-11 unless INFERRED."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from connector.sandbox.hubspot.call import Refusal, invalid
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Permission, Stage

MOST_STAGES = 100
LONGEST_PIPELINE_ID, LONGEST_STAGE_ID = 36, 100


def probability(metadata: Any, stored: str | None = None) -> str:
    """The probability to store: as sent but canonical, "0.50" as "0.5" and 1 as "1.0".

    It may be left out where one is stored; null is refused. HubSpot's step of 0.1 is documented
    and not enforced. The two refusals carry no category.
    """
    metadata = metadata if isinstance(metadata, dict) else {}
    if stored is not None and "probability" not in metadata:
        return stored
    given = metadata.get("probability")
    if given is None:
        raise Refusal(400, "must specify probability when writing a dealstage")
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= 1:
        raise Refusal(
            400, "dealstage probability is not valid, must be between 0.0 and 1.0 (inclusive)"
        )
    return str(number)


def same_label(one: str, other: str) -> bool:
    """Labels are equal when only case and surrounding spaces differ."""
    return one.strip().casefold() == other.strip().casefold()


def check_label(label: Any, others: Iterable[Stage], **details: str) -> str:
    """The label as it will be stored, untrimmed, if no other stage of the pipeline has it."""
    if not isinstance(label, str) or not label.strip():
        raise invalid("Stage label must not be blank")  # INFERRED
    if any(same_label(label, other.label) for other in others):
        raise invalid(f"Stage with label {label} already exists", **details)
    return label


def place(stages: tuple[Stage, ...], stage: Stage, order: Any) -> tuple[Stage, ...]:
    """The stages with this one, new or known, written to a slot.

    A free slot changes this stage alone and gaps survive. A taken one puts it right after the
    holder and renumbers the whole pipeline from 0.
    """
    if not isinstance(order, int) or order < 0:
        raise invalid("displayOrder must be a non-negative integer")
    moved = replace(stage, order=order)
    others = [each for each in stages if each.id != stage.id]
    taken = any(each.order == order for each in others)
    if taken:
        row = sorted([moved, *others], key=lambda each: (each.order, each is moved))
        slots = {each.id: n for n, each in enumerate(row)}
    else:
        slots = {each.id: each.order for each in (moved, *others)}
    kept = [moved if each.id == stage.id else each for each in stages]
    listed = kept if moved in kept else [*kept, moved]
    return tuple(replace(each, order=slots[each.id]) for each in listed)


def add_stage(
    portal: Portal, stages: tuple[Stage, ...], sent: Mapping[str, Any], now: int
) -> tuple[Stage, ...]:
    """The stages with one more, its id kept verbatim or made numeric."""
    if len(stages) >= MOST_STAGES:
        raise invalid(f"A pipeline can have at most {MOST_STAGES} stages")
    stage_id = str(sent.get("stageId") or portal.new_id())
    taken = portal.stage(stage_id) is not None or any(each.id == stage_id for each in stages)
    check_id(stage_id, LONGEST_STAGE_ID, taken=taken)
    chance = probability(sent.get("metadata"))
    stage = Stage(stage_id, str(sent.get("label")), 0, chance, now, now)
    return place(stages, stage, sent.get("displayOrder"))


def check_id(given: str, longest: int, *, taken: bool) -> None:
    """Refuse an id in use; one that is too long breaks HubSpot itself."""
    if len(given) > longest:
        raise Refusal(500, "internal error")
    if taken:
        raise invalid(f"The id {given} is already in use")  # INFERRED


def check_writable(stage: Stage) -> None:
    """INFERRED: the body of this refusal is not documented."""
    if stage.permission is not Permission.OPEN:
        raise Refusal(403, f"Stage {stage.id} cannot be changed", category="FORBIDDEN")


def check_unused(portal: Portal, stage_ids: Iterable[str]) -> None:
    """Refuse to delete stages that active deals stand in; a deal in the recycle bin is no use.

    The values of `context` are bracketed strings, not lists of ids.
    """
    deals = portal.standing_in(stage_ids)
    if deals:
        used = ", ".join(sorted({deal.value("dealstage") or "" for deal in deals}))
        ids = ", ".join(str(deal.id) for deal in deals)
        raise invalid(
            f"Stage IDs: [{used}] are being referenced by object IDs: [{ids}]",
            context={"stageIds": [f"[{used}]"], "objectIds": [f"[{ids}]"]},
            subCategory="PipelineError.STAGE_ID_IN_USE",
        )
