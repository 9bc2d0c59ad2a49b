from dataclasses import replace

import pytest

from connector.model import Change, Field, Owner, Page, Standing, Unread
from connector.store import history, landing


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


def test_the_last_pull_is_the_last_complete_one(norge, day):
    """A pull under way is not told of, and before the first one there is none."""
    assert history.last_pull(norge.db, norge.id) is None
    norge.pull(at=5)
    norge.begin(6)
    last = history.last_pull(norge.db, norge.id)
    assert last is not None
    assert (last.started, last.since, set(last.fields)) == (day(5), None, set(Field.ALWAYS))


def test_all_visits_are_counted(norge, deal):
    """However many accounts and deals they are of."""
    norge.pull(deal("1", ("met", 1), ("won", 2)), deal("2", ("met", 1)))
    assert history.visit_count(norge.db) == 3


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
