"""How to put stages in order by hand: with the fewest drags, where slots cannot be written."""

from collections.abc import Iterator, Sequence
from itertools import pairwise


def drags(now: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """The fewest drags from one order to another, each to right behind the stage before it."""
    rank = {stage: at for at, stage in enumerate(wanted)}
    kept = set(_rising([rank[stage] for stage in now]))
    for behind, stage in pairwise((None, *wanted)):
        if stage is not None and rank[stage] not in kept:
            yield stage, behind


def _rising(ranks: Sequence[int]) -> list[int]:
    """The longest part of a row of numbers that rises; stages are few, so every pair is tried."""
    rows: list[list[int]] = []
    for rank in ranks:
        before = max((row for row in rows if row[-1] < rank), key=len, default=[])
        rows.append([*before, rank])
    return max(rows, key=len, default=[])
