"""Order: as few moves as the free slots permit, and none to a slot that is taken."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import Capability
from connector.reconcile.drift import DriftKind
from connector.reconcile.slots import place, rearrange
from tests.reconcile.tables import (
    ALL,
    locked,
    pipeline,
    planned,
    process,
    refused,
    stage,
    unslotted,
    want,
    writes,
)


@pytest.mark.parametrize(
    ("order", "slots", "fixed", "expected"),
    [
        ("ab", {"a": 0, "b": 1}, "", {}),
        ("ba", {"a": 0, "b": 1}, "", {"a": 2}),
        ("abc", {"b": 0, "c": 1, "a": 2}, "", {"b": 3, "c": 4}),
        ("abc", {"b": 1, "c": 2, "a": 3}, "", {"a": 0}),
        ("abcd", {"a": 0, "c": 5, "d": 6, "b": 9}, "", {"b": 1}),
        ("abc", {"a": 0, "x": 1, "c": 2, "b": 9}, "", {"c": 10}),
        ("ba", {"a": 0, "b": 1}, "a", None),
        ("ba", {"a": 3, "b": 4}, "a", {"b": 0}),
        ("abc", {"a": 0, "c": 1}, "c", None),
        ("abc", {"a": 0, "c": 1}, "", {"b": 2, "c": 3}),
        ("abc", {"a": 0, "c": 2}, "ac", {"b": 1}),
        ("b", {"x": 0}, "", {"b": 1}),
        ("ab", {}, "", {"a": 0, "b": 1}),
    ],
)
def test_moves(
    order: str, slots: dict[str, int], fixed: str, expected: dict[str, int] | None
) -> None:
    """Stages stay where they can, and the others go to free slots between them or at the end."""
    assert rearrange(order, slots, fixed) == expected


@given(st.data())
def test_moves_are_fewest(data: st.DataObject) -> None:
    """No smaller set of stages could be moved to slots that are free before the first write."""
    order = data.draw(st.permutations("abcde"[: data.draw(st.integers(1, 5))]))
    numbers = st.integers(0, 8)
    names = [*order, "x"]
    drawn = data.draw(st.lists(numbers, min_size=len(names), max_size=len(names), unique=True))
    slots = dict(zip(names, drawn, strict=True))
    moves = rearrange(order, slots, ())
    assert moves is not None
    assert not set(moves.values()) & set(slots.values())
    after = slots | moves
    assert sorted(order, key=after.__getitem__) == order
    for size in range(len(moves)):
        assert not any(_reachable(order, slots, set(moved)) for moved in combinations(order, size))


def _reachable(order: list[str], slots: dict[str, int], moved: set[str]) -> bool:
    """Whether moving just these can work, each to the lowest free slot behind its predecessor."""
    low = -1
    for name in order:
        if name not in moved:
            if slots[name] <= low:
                return False
            low = slots[name]
        else:
            low = next(slot for slot in range(low + 1, 99) if slot not in slots.values())
    return True


@pytest.mark.parametrize(
    ("new", "order", "slots", "expected"),
    [
        ("b", "abc", {"a": 0, "c": 5}, {"b": 1}),
        ("b", "abc", {"a": 0, "x": 1, "c": 5}, {"b": 2}),
        ("b", "abc", {"a": 0, "c": 1}, {"b": 2}),
        ("bc", "abcd", {"a": 0, "d": 2}, {"b": 1, "c": 3}),
        ("ac", "abcd", {"b": 0, "d": 2}, {"a": 3, "c": 1}),
        ("ab", "ab", {}, {"a": 0, "b": 1}),
    ],
)
def test_places(new: str, order: str, slots: dict[str, int], expected: dict[str, int]) -> None:
    """Where nothing may move, a new stage goes between its neighbours or, without room, last."""
    assert place(new, order, slots) == expected


REVERSED = process(want("a", "A"), want("b", "B"))


def test_order_is_changed_only_where_it_is_managed() -> None:
    """A pipeline out of order is left so where its order is not managed or cannot be written."""
    live = pipeline(stage("b", "B"), stage("a", "A"))
    assert writes(planned(REVERSED, live)) == [("b", {"slot": 2})]
    unmanaged = process(*REVERSED.stages, manage={Capability.LABEL})
    assert refused(planned(unmanaged, live)) == [(DriftKind.ORDER, None, "not-managed")]
    unable = planned(REVERSED, live, can=ALL - {Capability.ORDER})
    assert refused(unable) == [(DriftKind.ORDER, None, "cannot-write")]


@pytest.mark.parametrize(
    "live",
    [
        unslotted(stage("b", "B"), stage("a", "A")),
        pipeline(locked("b", "B"), locked("a", "A")),
        pipeline(locked("b", "B"), stage("x", "X"), locked("a", "A")),
    ],
)
def test_order_out_of_reach_is_refused(live: object) -> None:
    """Without slots, or with stages that cannot be moved in the way, order is refused."""
    plan = planned(REVERSED, live)  # type: ignore[arg-type]
    assert plan.changes == ()
    assert (DriftKind.ORDER, None, "cannot-write") in refused(plan)
