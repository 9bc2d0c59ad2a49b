"""Stays counted in the database, against the same moves walked through one by one."""

from collections import Counter
from dataclasses import replace
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connector.metrics.periods import Window
from connector.metrics.stages.stays import Reading
from connector.model import Change, Field
from connector.store import accounts, stalled, stays
from connector.store.history import stage_keys
from connector.store.instants import to_ms

DAY = 86_400_000
EVER = Window(-(2**62), 2**62)
FRESH = count(1)
OPEN = ("met", "offered")

MOVES = st.lists(
    st.tuples(st.sampled_from(["met", "offered", "won", "lost"]), st.integers(0, 12)),
    min_size=1,
    max_size=8,
).map(lambda moves: sorted(moves, key=lambda move: move[1]))
DEALS = st.lists(st.tuples(MOVES, st.none() | st.integers(0, 14)), max_size=6)
AS_OF = st.integers(0, 15)
anything = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)


def walked(moves, gone, as_of):
    """A deal's visits as (stage, entered, left, ended, next stage), by what came before a day."""
    known = [move for move in moves if gone is None or move[1] <= gone]
    known = [move for move in known if move[1] < as_of]
    runs = [move for before, move in pairwise([(None, 0), *known]) if before[0] != move[0]]
    end = as_of if gone is None else min(gone, as_of)
    for number, (stage, entered) in enumerate(runs):
        onto = runs[number + 1] if number + 1 < len(runs) else None
        yield stage, entered, onto[1] if onto else end, onto is not None, onto and onto[0]


def by_hand(deals, as_of, reading):
    """(stage, length in days, ended) of every stay by a reading."""
    found = Counter()
    for moves, gone in deals:
        visits = list(walked(moves, gone, as_of))
        for stage in OPEN:
            here = [(left - entered, ended) for s, entered, left, ended, _ in visits if s == stage]
            for length, ended in READ[reading](here):
                found[stage, length, ended] += 1
    return found


READ = {
    Reading.VISIT: lambda here: here,
    Reading.CUMULATIVE: lambda here: here and [(sum(days for days, _ in here), here[-1][1])],
    Reading.LATEST: lambda here: [visit for visit in here if visit[1]][-1:],
    Reading.FIRST_PASS: lambda here: here and [(here[0][0], here[-1][1])],
}


@pytest.fixture
def pulled(norge, deal, remote, day):
    """Pulls deals into an account of their own."""

    def pull(deals):
        name = f"account {next(FRESH)}"
        account = replace(norge, id=accounts.remember(norge.db, name, replace(remote, id=name)))
        account.pull(
            *(
                deal(str(number), *moves, archived_at=None if gone is None else day(gone))
                for number, (moves, gone) in enumerate(deals)
            )
        )
        return account

    return pull


def meant(account, as_of, stages=OPEN, window=EVER):
    keys = stage_keys(account.db, account.id)
    return stays.lookup(account.db, [keys[stage] for stage in stages], to_ms(as_of), window)


def counted(account, lookup, reading):
    names = {key: stage for stage, key in stage_keys(account.db, account.id).items()}
    found = Counter()
    for each in stays.stay_counts(account.db, lookup, reading):
        assert each.total == each.length * each.stays
        found[names[each.stage], each.length / DAY, each.ended] += each.stays
    return found


RETURNED = [([("met", 1), ("offered", 3), ("met", 5)], 8)]  # archived where it had been before


@anything
@given(deals=DEALS, as_of=AS_OF, reading=st.sampled_from(Reading))
@example(deals=RETURNED, as_of=12, reading=Reading.LATEST)
@example(deals=RETURNED, as_of=12, reading=Reading.FIRST_PASS)
def test_stays_are_those_of_the_moves_before_the_instant(pulled, day, deals, as_of, reading):
    """As of any instant, by any reading, the stays are those of the changes before it alone."""
    account = pulled(deals)
    found = counted(account, meant(account, day(as_of)), reading)
    assert found == by_hand(deals, as_of, reading)


@anything
@given(deals=DEALS, as_of=AS_OF)
def test_exits_and_returns_are_those_of_the_moves(pulled, day, deals, as_of):
    """Where each visit went, and how many were returns, counted by hand."""
    account, expected, returns = pulled(deals), Counter(), Counter()
    for moves, gone in deals:
        been = set()
        for stage, entered, left, ended, onto in walked(moves, gone, as_of):
            if stage in OPEN:
                expected[stage, (left - entered) * DAY, ended, onto] += 1
                returns[stage] += stage in been
            been.add(stage)
    names = {key: stage for stage, key in stage_keys(account.db, account.id).items()}
    lookup = meant(account, day(as_of))
    exits = Counter()
    for stage, ended, onto, length, visits in stays.exit_counts(account.db, lookup):
        exits[names[stage], length, ended, names.get(onto)] += visits
    assert exits == expected
    again = stays.returns(account.db, lookup)
    assert {names[stage]: visits for stage, visits in again.items()} == +returns


@anything
@given(deals=DEALS, as_of=AS_OF, limit=st.integers(0, 5))
def test_the_deals_that_lie_too_long(pulled, day, deals, as_of, limit):
    """Of the deals in a stage, those that lay there strictly longer than its limit; worst first."""
    account, there = pulled(deals), []
    for number, (moves, gone) in enumerate(deals):
        if gone is None or gone >= as_of:
            last = [*walked(moves, gone, as_of)][-1:]
            there += [(str(number), s, at) for s, at, *_ in last if s in OPEN]
    keys, at = stage_keys(account.db, account.id), to_ms(day(as_of))
    limits = {keys["met"]: limit * DAY, keys["offered"]: None} if "met" in keys else {}
    limits = {key: known for key, known in limits.items() if key}
    told = stalled.lying(account.db, at, limits)
    late = [(deal, at) for deal, s, at in there if s == "met" and as_of - at > limit]
    assert sum(deals for deals, _ in told.values()) == len(there)
    assert sum(over for _, over in told.values()) == len(late)
    worst = [(each.id, each.since) for each in stalled.lying_too_long(account.db, at, limits, 99)]
    assert worst == [(deal, to_ms(day(at))) for deal, at in sorted(late, key=lambda d: d[1])]


def test_a_stalled_deal_is_whose_it_was_then(norge, deal, day):
    """The owner is the one before the instant, not the one of today."""
    told = deal("1", ("met", 1), owner="kari")
    later = Change(Field.OWNER, "ola", day(20))
    norge.pull(replace(told, changes=(*told.changes, later)))
    key = stage_keys(norge.db, norge.id)["met"]
    for at, owner in ((10, "kari"), (20, "kari"), (30, "ola")):
        (found,) = stalled.lying_too_long(norge.db, to_ms(day(at)), {key: DAY}, 5)
        assert (found.owner, found.name, found.account) == (owner, "Deal 1", "norge")


def test_an_owner_first_seen_by_a_pull_counts_from_before(norge, deal, day):
    """Where the CRM tells no history of owners, the first one seen was it since the deal began."""
    seen = Change(Field.OWNER, "kari", day(50), not_before=day(1))
    told = deal("1", ("met", 1))
    norge.pull(replace(told, changes=(*told.changes, seen)))
    key = stage_keys(norge.db, norge.id)["met"]
    (found,) = stalled.lying_too_long(norge.db, to_ms(day(10)), {key: DAY}, 5)
    assert found.owner == "kari"


def test_a_period_counts_the_visits_that_began_in_it(norge, deal, day):
    """From its first instant to just before its end, however long they lasted."""
    norge.pull(*(deal(str(at), ("met", at), ("offered", 50)) for at in (1, 2, 3)))
    window = Window(to_ms(day(2)), to_ms(day(3)))
    found = counted(norge, meant(norge, day(60), window=window), Reading.VISIT)
    assert found == {("met", 48, True): 1}


def test_a_sum_of_a_period_is_cut_off_while_the_deal_is_there_again(norge, deal, day):
    """One day of the period and one that goes on behind it: a day, and nobody knows how many."""
    norge.pull(deal("1", ("met", 1), ("offered", 2), ("met", 9)))
    window = Window(to_ms(day(0)), to_ms(day(3)))
    for there, as_of in ((True, 60), (False, 9)):
        found = counted(norge, meant(norge, day(as_of), ("met",), window), Reading.CUMULATIVE)
        assert found == {("met", 1, not there): 1}


def test_too_many_visits_are_counted_in_hours(norge, deal, day):
    """Each stands in the middle of its hour; passing through, sums and the longest stay exact."""
    ends = (0.0001, 0.03, 0.06, 3.001)
    norge.pull(*(deal(str(end), ("met", 1), ("offered", 1 + end)) for end in ends))
    exact = meant(norge, day(60), stages=("met",))
    hours = list(stays.stay_counts(norge.db, replace(exact, binned=True), Reading.VISIT))
    ms = [end * DAY for end in ends]
    assert [each.length for each in hours] == [30_000, 1_800_000, 5_400_000, 72.5 * 3_600_000]
    assert [each.total for each in hours] == pytest.approx(ms)
    assert [each.longest for each in hours] == pytest.approx(ms)


def test_stages_are_known_by_their_last_names(norge, deal):
    """Account, pipeline and stage; a stage of no known pipeline has its id."""
    norge.pull(deal("1", ("met", 1), ("long-gone", 2)))
    keys, names = stage_keys(norge.db, norge.id), stays.stage_names(norge.db, [norge.id])
    assert names[keys["met"]] == ("norge", "Sales", "Met")
    assert names[keys["long-gone"]] == ("norge", "", "long-gone")
