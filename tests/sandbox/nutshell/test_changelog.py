"""The change log itself, told in any order and read at any time."""

from hypothesis import given
from hypothesis import strategies as st

from connector.sandbox.nutshell.changelog import Changelog
from connector.sandbox.nutshell.records import Event


@given(st.lists(st.lists(st.integers(0, 5))))
def test_numbers_are_unique_and_never_change(batches):
    """Each batch is numbered by time, ties as told, above all that was read before."""
    log, told = Changelog(), []
    for batch in batches:
        for at in batch:
            log.add(Event(at, "1-users", "create", f"{len(told)}-leads"))
            told.append(at)
        before = list(log.entries)
        assert log.entries[: len(before)] == before
    entries, start = log.entries, 0
    assert [entry.id for entry in entries] == [3 + 4 * n for n in range(len(told))]
    for batch in batches:
        ours = [entry.event for entry in entries[start : start + len(batch)]]
        assert [event.at for event in ours] == sorted(batch)
        start += len(batch)


@given(st.integers(0, 30), st.integers(1, 7), st.integers(-5, 130))
def test_a_walk_back_meets_every_event_after_an_id(events, limit, since):
    """From page to page by max_id, whatever the page size; max_id is ≤ and since_id is >."""
    log = Changelog()
    for n in range(events):
        log.add(Event(n, "1-users", "create", "1-leads"))
    found: set[int] = set()
    top = None
    while True:
        page = [entry.id for entry in log.newest_first(since, top)][:limit]
        fresh = set(page) - found
        found |= fresh
        if not page or len(page) < limit:
            break
        top = page[-1] - 1
    assert found == {entry.id for entry in log.entries if entry.id > since}
