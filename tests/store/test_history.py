from collections import Counter
from dataclasses import replace
from itertools import count, zip_longest

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.metrics.stays import LeftOut, Stays
from connector.model import Change, Field, Outcome, Owner, Page, Standing, Unread
from connector.store import accounts, history, landing

DAY = 86_400_000
FRESH = count(1)


def test_standings_sum_live_deals_by_stage_and_owner(norge, deal, day):
    """Amounts are in home currency where known; deals without one count, and are told apart."""
    norge.pull(
        deal("1", ("met", 1), amount="100", owner="kari", home_amount="1000"),
        deal("2", ("met", 1), amount="50.25", owner="kari"),
        deal("3", ("met", 1), owner="kari"),
        deal("4", ("offered", 1), amount="7"),
        deal("5", ("met", 1), amount="9", archived_at=day(3)),
    )
    assert history.standings(norge.db, norge.id) == (
        Standing("sales", "met", "kari", 3, 1050.25, 1),
        Standing("sales", "offered", None, 1, 7.0, 0),
    )


def test_foreign_currency_is_never_summed_as_home_currency(norge, deal):
    """An amount in another currency counts by its home amount, and without one not at all."""
    norge.pull(
        deal("1", ("met", 1), amount="100", currency="EUR", home_amount="1150"),
        deal("2", ("met", 1), amount="100", currency="EUR"),
        deal("3", ("met", 1), amount="10", currency="NOK"),
        deal("4", ("met", 1), amount="1"),
    )
    assert history.standings(norge.db, norge.id) == (Standing("sales", "met", None, 4, 1161.0, 1),)


def test_a_deal_lies_in_the_pipeline_of_its_stage(norge, deal):
    """The stage tells the pipeline; the pipeline field only where the stage is unknown."""
    read = deal("1", ("met", 1))
    strange = deal("2", ("long-gone", 1))
    elsewhere = Change(Field.PIPELINE, "partners", read.created_at)
    norge.pull(*(replace(each, changes=(*each.changes, elsewhere)) for each in (read, strange)))
    assert history.deals_per_stage(norge.db, norge.id) == {
        ("sales", "met"): 1,
        ("partners", "long-gone"): 1,
    }


def test_stays_tell_exits_from_those_still_there(norge, deal, day):
    """Visits are counted by length: ended by a move, or open as of the instant."""
    norge.pull(
        deal("1", ("met", 1), ("offered", 3)),
        deal("2", ("met", 2), ("offered", 4)),
        deal("3", ("met", 8)),
        deal("4", ("met", 1), archived_at=day(3)),
        deal("5", ("met", 1), ("won", 1)),
    )
    assert history.stays(norge.db, norge.id, day(10), "sales") == (
        Stays("sales", "met", (0, 2 * DAY), (1, 2), (0, 2)),
        Stays("sales", "offered", (6 * DAY, 7 * DAY), (0, 0), (1, 1)),
    )


def test_stays_of_another_pipeline_are_left_out(norge, deal, day):
    """A pipeline nobody knows has no stages."""
    norge.pull(deal("1", ("met", 1)))
    assert history.stays(norge.db, norge.id, day(10), "partners") == ()


MOVES = st.lists(
    st.tuples(st.sampled_from(["met", "offered", "won", "lost"]), st.integers(0, 9)),
    min_size=1,
    max_size=6,
).map(lambda moves: sorted(moves, key=lambda move: move[1]))
DEALS = st.lists(st.tuples(MOVES, st.none() | st.integers(0, 12)), max_size=6)


def stays_by_hand(deals, as_of: int) -> dict[str, Counter]:
    """Every visit one by one, from the moves before an instant alone: (length, is exit)."""
    lengths: dict[str, Counter] = {"met": Counter(), "offered": Counter()}
    for moves, gone in deals:
        end = as_of if gone is None else min(gone, as_of)
        past = [move for move in moves if move[1] < as_of and (gone is None or move[1] <= gone)]
        runs = [
            move for index, move in enumerate(past) if not index or past[index - 1][0] != move[0]
        ]
        for (stage, entered), following in zip_longest(runs, runs[1:]):
            if stage in lengths:
                left = following[1] if following else end
                lengths[stage][(left - entered) * DAY, following is not None] += 1
    return lengths


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(deals=DEALS, as_of=st.integers(0, 12))
def test_stays_depend_on_nothing_after_the_instant(norge, deal, remote, day, deals, as_of):
    """As of any instant, the stays are those of the changes before it, counted by hand."""
    name = f"account {next(FRESH)}"
    account = replace(norge, id=accounts.remember(norge.db, name, replace(remote, id=name)))
    account.pull(
        *(
            deal(str(number), *moves, archived_at=None if gone is None else day(gone))
            for number, (moves, gone) in enumerate(deals)
        )
    )
    told = {
        stays.stage: Counter(
            {
                (length, ended): deals
                for length, exits, still in zip(stays.lengths, stays.exits, stays.open, strict=True)
                for ended, deals in ((True, exits), (False, still))
            }
        )
        for stays in history.stays(norge.db, account.id, day(as_of))
    }
    assert told == stays_by_hand(deals, as_of)


def test_stages_count_as_they_were_at_the_instant(norge, sales, deal, day):
    """A stage that was open then is reported as of then, though it is closed now."""
    closed = replace(sales.stages[1], outcome=Outcome.LOST)
    later = replace(sales, stages=(sales.stages[0], closed, *sales.stages[2:]))
    norge.pull(deal("1", ("offered", 1)), at=5)
    norge.pull(at=10, pipelines=(later,))
    stages = {
        at: [stays.stage for stays in history.stays(norge.db, norge.id, day(at))] for at in (6, 11)
    }
    assert stages == {6: ["met", "offered"], 11: ["met"]}


def test_visits_that_are_not_counted_are_told(norge, sales, deal, day):
    """Every visit is counted or told as left out: to closed stages, and to those gone since."""
    moves = (("met", 1), ("offered", 2), ("won", 3))
    norge.pull(deal("1", *moves), deal("2", *moves[:2]), at=5)
    norge.pull(at=10, pipelines=(replace(sales, stages=(sales.stages[0], *sales.stages[2:])),))
    assert history.left_out(norge.db, norge.id, day(6)) == (
        LeftOut("sales", "Sales", "won", "Won", Outcome.WON, 1),
    )
    told = history.left_out(norge.db, norge.id, day(11), "sales")
    assert {(each.stage_label, each.outcome, each.visits) for each in told} == {
        ("Offered", None, 2),
        ("Won", Outcome.WON, 1),
    }
    assert history.left_out(norge.db, norge.id, day(11), "partners") == ()


def test_the_last_pull_is_the_last_complete_one(norge, day):
    """A pull under way is not told of, and before the first one there is none."""
    assert history.last_pull(norge.db, norge.id) is None
    norge.pull(at=5)
    norge.begin(6)
    last = history.last_pull(norge.db, norge.id)
    assert last is not None
    assert (last.started, last.since, set(last.fields)) == (day(5), None, set(Field.ALWAYS))


def test_stats_count_each_account(norge, deal, day):
    """Deals by how they live, changes by field, visits, pulls, stages and what was set aside."""
    norge.pull(
        deal("1", ("met", 1), ("won", 2), amount="5"),
        deal("2", ("met", 1), archived_at=day(2)),
        unread=(Unread("3", None, "no id", "{}"),),
    )
    assert history.stats(norge.db) == (
        history.AccountStats(
            account="norge",
            changes={"amount": 1, "stage": 3},
            live=1,
            archived=1,
            merged=0,
            visits=3,
            pulls=1,
            stages=4,
            quarantined=1,
        ),
    )


def test_quarantine_tells_each_record_as_it_was_last_read(norge):
    """A record set aside by two pulls is told once; one of a pull under way not at all."""
    for at, reason in ((1, "no number"), (2, "still no number")):
        norge.pull(at=at, unread=(Unread("7", "amount", reason, "x"),))
    norge.pull(at=3, unread=(Unread("8", None, "no id", "{}"),))
    landing.land(norge.db, norge.begin(4), Page((), (), (Unread("9", None, "x", "y"),)))
    assert history.quarantine(norge.db, norge.id) == (
        Unread("7", "amount", "still no number", "x"),
        Unread("8", None, "no id", "{}"),
    )


def test_a_full_pull_settles_what_was_set_aside(norge):
    """A record that a full pull read without trouble is no longer told."""
    norge.pull(at=1, unread=(Unread("7", "amount", "no number", "x"),))
    norge.begin(2, full=True)
    norge.pull(at=2)
    assert history.quarantine(norge.db, norge.id) == ()


@pytest.mark.parametrize("archived", [True, False])
def test_owners_come_back_as_they_were_seen(norge, archived):
    """Owners keep name, address, user id and team, also when archived."""
    kari = Owner("7", "Kari", "kari@example.com", "77", "Norge", archived)
    norge.pull(owners=(kari,))
    assert history.owners(norge.db, norge.id) == (kari,)
