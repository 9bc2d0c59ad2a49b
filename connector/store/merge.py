"""What was known of one field of a deal, and what a pull read of it, as one history.

The CRM may cut its history to the newest versions, so what an earlier pull saw is kept.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import inf
from typing import NamedTuple

import msgspec


class Known(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One change of one field as the database keeps it, its instants in milliseconds.

    It is exact when `not_before` is None, and else lies somewhere in (not_before, at].
    """

    at: int
    value: str | None
    not_before: int | None = None
    by: str | None = None


def merge(stored: Sequence[Known], read: Sequence[Known]) -> tuple[Known, ...]:
    """Both as one history, oldest first; changes at one instant stay in the source's order.

    An exact change replaces an observed one of equal value whose interval contains it. An observed
    change to the value the field has already is none.
    """
    if not stored and _in_order(read):
        return tuple(read)
    exact = _union(_exact(stored), _exact(read))
    observed = _unproven(_observed(stored) | _observed(read), exact)
    # At one instant the observed value stands last: it was seen when the exact ones had happened.
    return _without_repeats(sorted([*exact, *observed], key=lambda known: known.at))


def ending_as_read(
    history: tuple[Known, ...], read: Sequence[Known], seen_at: int
) -> tuple[Known, ...]:
    """The history, ended by the value a read says is current, though a later one was known.

    A CRM that takes back what it told leaves no instant for it, only the interval up to the read.
    """
    if not read or history[-1].value == read[-1].value:
        return history
    last = history[-1].at
    return (*history, Known(max(seen_at, last + 1), read[-1].value, not_before=last))


def joined(
    before: Mapping[str, tuple[Known, ...]],
    read: Mapping[str, tuple[Known, ...]],
    seen_at: int,
) -> dict[str, tuple[Known, ...]]:
    """The histories by field of what a read, begun at `seen_at`, tells, with what was before."""
    return {
        field: ending_as_read(merge(before.get(field, ()), told), told, seen_at)
        for field, told in read.items()
    }


def _in_order(history: Iterable[Known]) -> bool:
    """Whether a history is one as it stands: exact, and oldest first."""
    before: float = -inf
    for known in history:
        if known.not_before is not None or known.at < before:
            return False
        before = known.at
    return True


class Gap(NamedTuple):
    """Between these instants a field may have changed without anybody knowing."""

    after: int
    before: int


def gap(stored: Sequence[Known], read: Sequence[Known]) -> Gap | None:
    """Where a history was cut so far that what is left does not reach back to what was known."""
    known, told = _exact(stored), _exact(read)
    if known and told and told[0].at > known[-1].at:
        return Gap(known[-1].at, told[0].at)
    return None


def _exact(history: Iterable[Known]) -> list[Known]:
    ordered = [known for known in history if known.not_before is None]
    return sorted(ordered, key=lambda known: known.at)


def _observed(history: Iterable[Known]) -> set[Known]:
    return {known for known in history if known.not_before is not None}


def _union(stored: Sequence[Known], read: Sequence[Known]) -> list[Known]:
    ties = {at: list(group) for at, group in groupby(stored, key=lambda known: known.at)}
    for at, group in groupby(read, key=lambda known: known.at):
        ties[at] = _same_instant(ties.get(at, []), list(group))
    return [known for at in sorted(ties) for known in ties[at]]


def _same_instant(stored: list[Known], read: list[Known]) -> list[Known]:
    """The ties of one instant: the longer list where it holds the shorter one, else both."""
    if _holds(read, stored):
        return read
    if _holds(stored, read):
        return stored
    unmatched = Counter(_values(read)) - Counter(_values(stored))
    return stored + [known for known in read if _taken(unmatched, known.value)]


def _holds(longer: list[Known], shorter: list[Known]) -> bool:
    """Whether all values of the shorter list stand in the longer one, in the same order."""
    rest = iter(_values(longer))
    return all(value in rest for value in _values(shorter))


def _taken(unmatched: Counter[str | None], value: str | None) -> bool:
    unmatched[value] -= 1
    return unmatched[value] >= 0


def _values(history: Iterable[Known]) -> list[str | None]:
    return [known.value for known in history]


def _unproven(observed: Iterable[Known], exact: Iterable[Known]) -> list[Known]:
    instants: dict[str | None, list[int]] = {}
    for known in exact:
        instants.setdefault(known.value, []).append(known.at)
    return sorted(
        (known for known in observed if not _proven(known, instants.get(known.value, ()))),
        key=_narrowest_first,
    )


def _proven(observed: Known, instants: Iterable[int]) -> bool:
    return any((observed.not_before or 0) < at <= observed.at for at in instants)


def _narrowest_first(observed: Known) -> tuple[int, str, int, str]:
    # The order of two observations of one instant means nothing, but must not depend on the pull.
    return observed.at, observed.value or "", -(observed.not_before or 0), observed.by or ""


def _without_repeats(history: Iterable[Known]) -> tuple[Known, ...]:
    kept: list[Known] = []
    for known in history:
        repeats = bool(kept) and kept[-1].value == known.value
        if known.not_before is None or not repeats:
            kept.append(known)
    return tuple(kept)
