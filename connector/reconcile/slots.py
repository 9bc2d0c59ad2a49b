"""Where stages go in the numbers a CRM keeps their order in.

Writing a number that is free moves only that stage; writing one that is taken renumbers the whole
pipeline (HubSpot fact, 2026-11). So stages are only ever sent to numbers that are free before the
first write, and as many as possible stay where they are.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count, islice, pairwise


def rearrange(
    order: Sequence[str], slots: Mapping[str, int], fixed: Collection[str]
) -> dict[str, int] | None:
    """The slots to write so that the stages of `order` stand in it, or None where that cannot be.

    `slots` holds every live stage of the pipeline, also those outside the order, which are
    obstacles; a stage of the order without slot is new. `fixed` stages cannot be moved.
    """
    kept = _kept(order, slots, fixed)
    if kept is None:
        return None
    writes: dict[str, int] = {}
    for before, after in pairwise(kept):
        between = order[before + 1 : after]
        low = slots[order[before]] if before >= 0 else -1
        writes |= zip(between, islice(_free(low, slots.values()), len(between)), strict=True)
    return writes


def place(new: Sequence[str], order: Sequence[str], slots: Mapping[str, int]) -> dict[str, int]:
    """A slot for each new stage, moving none: between its neighbours in the order or at the end."""
    placed: dict[str, int] = {}
    bounds = dict(slots)
    for stage in new:
        at = order.index(stage)
        low = max((bounds[other] for other in order[:at] if other in bounds), default=-1)
        high = min((bounds[other] for other in order[at:] if other in bounds), default=math.inf)
        taken = {*slots.values(), *placed.values()}
        slot = next(_free(low, taken))
        if slot < high:
            bounds[stage] = slot
        placed[stage] = slot if slot < high else max(taken) + 1
    return placed


def _kept(
    order: Sequence[str], slots: Mapping[str, int], fixed: Collection[str]
) -> list[int] | None:
    """The places in the order of the most stages that can stay, between two sentinels.

    The longest chain in which slots rise and the stages between two kept ones find room; stages
    are few (100 at most in HubSpot), so trying every pair is quick.
    """
    taken = sorted(slots.values())
    stays = [at for at, stage in enumerate(order) if stage in slots]
    slot = {-1: -1.0, len(order): math.inf} | {at: slots[order[at]] for at in stays}
    immovable = {at for at in stays if order[at] in fixed}

    def fits(before: int, after: int) -> bool:
        low, high = slot[before], slot[after]
        room = high - low - 1 - (bisect_left(taken, high) - bisect_right(taken, low))
        inside = range(before + 1, after)
        return low < high and room >= len(inside) and immovable.isdisjoint(inside)

    chains: dict[int, list[int]] = {-1: [-1]}
    for after in (*stays, len(order)):
        reaching = [chain for before, chain in chains.items() if fits(before, after)]
        if reaching:
            chains[after] = [*max(reaching, key=len), after]
    return chains.get(len(order))


def _free(low: int, taken: Collection[int]) -> Iterator[int]:
    """Every number above `low` that nobody holds, rising."""
    return (slot for slot in count(low + 1) if slot not in taken)
