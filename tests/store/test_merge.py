from itertools import pairwise, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.store.merge import Known, ending_as_read, merge

VALUES = st.sampled_from(["a", "b", None])
INSTANTS = st.integers(0, 8)
EXACT = st.tuples(INSTANTS, VALUES).map(lambda known: Known(*known))
OBSERVED = st.builds(
    lambda not_before, width, value: Known(not_before + width, value, not_before),
    INSTANTS,
    st.integers(1, 4),
    VALUES,
)
HISTORIES = st.lists(EXACT | OBSERVED, max_size=8)


@st.composite
def rereads(draw) -> list[list[Known]]:
    """Reads of one true history: each sees it up to some instant, and of that its newest part."""
    truth = sorted(draw(st.lists(EXACT, max_size=8)), key=lambda known: known.at)
    reads = []
    for until in draw(st.lists(INSTANTS, min_size=1, max_size=3)):
        seen = [known for known in truth if known.at <= until]
        reads.append(seen[draw(st.integers(0, len(seen))) :])
    return reads


def merged(reads) -> tuple[Known, ...]:
    history: tuple[Known, ...] = ()
    for read in reads:
        history = merge(history, read)
    return history


@given(HISTORIES, HISTORIES)
def test_a_read_merged_twice_tells_nothing_new(stored, read):
    """Merging is idempotent."""
    once = merge(merge((), stored), read)
    assert merge(once, read) == once
    assert merge(once, once) == once


@given(rereads())
def test_pulls_may_come_in_any_order(reads):
    """Reads of one history, each cut somewhere, make the same history in whatever order."""
    assert len({merged(order) for order in permutations(reads)}) == 1


@given(rereads())
def test_nothing_ever_seen_is_lost(reads):
    """What an earlier pull saw is kept though the CRM has cut it off since, ties and all."""
    history = merged(reads)
    for read in reads:
        rest = iter(history)
        assert all(known in rest for known in read), "a read is no subsequence of the history"


@given(HISTORIES, HISTORIES)
def test_an_exact_change_stands_for_the_observed_one(stored, read):
    """No observed change is kept whose interval holds an exact one of the same value."""
    history = merge(stored, read)
    exact = [known for known in history if known.not_before is None]
    observed = [known for known in history if known.not_before is not None]
    assert not [
        (seen, known)
        for seen, known in product(observed, exact)
        if seen.value == known.value and seen.not_before < known.at <= seen.at
    ]


@given(HISTORIES, HISTORIES)
def test_a_history_runs_forward_and_observes_only_news(stored, read):
    """Changes stand in order of time, and no observed one repeats the value before it."""
    history = merge(stored, read)
    assert [known.at for known in history] == sorted(known.at for known in history)
    for before, after in pairwise(history):
        assert after.not_before is None or before.value != after.value


@pytest.mark.parametrize(
    ("stored", "read", "expected"),
    [
        pytest.param([(1, "a"), (2, "b")], [(2, "b"), (3, "c")], "a1 b2 c3", id="cut history"),
        pytest.param([(5, "a", 0)], [(3, "a")], "a3", id="exact inside the interval"),
        pytest.param([(5, "a", 0)], [(5, "a")], "a5", id="exact at the later end"),
        pytest.param([(5, "a", 3)], [(3, "a")], "a3", id="observed again right after"),
        pytest.param([(5, "b", 3)], [(3, "a")], "a3 b5~", id="another value stays observed"),
        pytest.param([(3, "a")], [(5, "a", 0)], "a3", id="observed after exact adds nothing"),
        pytest.param([(3, "a")], [(9, "a", 5)], "a3", id="seen unchanged adds nothing"),
        pytest.param([(3, "a")], [(9, "b", 5), (12, "a", 9)], "a3 b9~ a12~", id="there and back"),
        pytest.param([(1, "b"), (1, "a")], [(1, "a")], "b1 a1", id="ties cut to the last"),
        pytest.param([(1, "a")], [(1, "b"), (1, "a")], "b1 a1", id="ties in the source's order"),
        pytest.param([(1, "a")], [(1, "b")], "a1 b1", id="ties seen apart, newest last"),
        pytest.param([(5, "b", 3)], [(5, "a")], "a5 b5~", id="observed last of its instant"),
    ],
)
def test_merge_table(stored, read, expected):
    """What each pair of a stored history and a read comes to."""
    history = merge([Known(*known) for known in stored], [Known(*known) for known in read])
    said = (f"{k.value}{k.at}{'' if k.not_before is None else '~'}" for k in history)
    assert " ".join(said) == expected


def test_the_read_that_knows_who_wins():
    """A change read again brings the name of whoever made it."""
    assert merge([Known(1, "a")], [Known(1, "a", by="kari")]) == (Known(1, "a", by="kari"),)


@given(HISTORIES, HISTORIES.filter(bool), st.integers(13, 20))
def test_a_history_ends_as_the_crm_says(stored, read, seen_at):
    """Whatever was known, the last value is the one the CRM tells last, seen after all others."""
    told = merge((), read)
    history = ending_as_read(merge(stored, read), told, seen_at)
    assert history[-1].value == told[-1].value
    assert [known.at for known in history] == sorted(known.at for known in history)
    assert ending_as_read(merge(history, read), told, seen_at) == history


def test_a_change_taken_back_is_known_to_an_interval():
    """A later change the CRM no longer tells was undone between that change and the read."""
    history = (Known(1, "a"), Known(3, "b"))
    assert ending_as_read(history, [Known(1, "a")], 9) == (*history, Known(9, "a", not_before=3))
