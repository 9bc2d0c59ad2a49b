from datetime import timedelta

import pytest

from connector.errors import BadAnswer, StoreError
from connector.model import Field, Merged, Page, Unread
from connector.store import landing, promotion


def test_a_first_pull_reads_everything(norge, day):
    """Without a complete pull there is no watermark to start from."""
    assert norge.begin(1).since is None


def test_a_later_pull_reads_from_an_hour_before_the_last_one_began(norge, day):
    """The watermark reaches back an hour, because the CRM's search lags behind its writes."""
    norge.pull(at=1)
    assert norge.begin(2).since == day(1) - timedelta(hours=1)


def test_a_pull_is_full_when_asked(norge):
    """`full` outweighs the watermark."""
    norge.pull(at=1)
    assert norge.begin(2, full=True).since is None


def test_a_newly_tracked_field_is_read_in_full(norge):
    """A field the last pull did not track needs the history of every deal; one less does not."""
    norge.pull(at=1)
    assert norge.begin(2, fields=(*Field.ALWAYS, "product")).since is None
    assert norge.begin(3, fields=Field.ALWAYS[:2]).since is not None


def test_an_unfinished_pull_goes_on_within_the_hour(norge, deal, day):
    """A resumed pull keeps its first start, its watermark, its last bookmark and what landed."""
    norge.pull(at=1)
    first = norge.begin(2)
    landing.land(norge.db, first, Page((deal("1", ("met", 1)),), bookmark="page 2"))
    second = norge.begin(2 + 0.9 / 24)
    assert second == landing.Pull(
        first.id, norge.id, day(2), first.since, "page 2", resumed=True, pages=1, deals=1
    )


def test_a_resumed_pull_knows_when_its_last_page_is_here(norge, deal):
    """Once a page without bookmark landed, only the promotion is left to do."""
    landing.land(norge.db, norge.begin(1), Page((deal("1", ("met", 1)),)))
    assert norge.begin(1).landed


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"at": 2 + 1 / 24}, id="an hour later"),
        pytest.param({"at": 1.9}, id="before it began"),
        pytest.param({"at": 2, "fields": (*Field.ALWAYS, "product")}, id="with another field"),
        pytest.param({"at": 2, "full": True}, id="in full"),
    ],
)
def test_a_pull_that_cannot_go_on_is_abandoned(norge, deal, again):
    """What an abandoned pull landed is gone, and the new one begins at its beginning."""
    norge.pull(at=1)
    first = norge.begin(2)
    unread = Unread("2", "amount", "no number", "x")
    landing.land(norge.db, first, Page((deal("1", ("met", 1)),), (), (unread,), "page 2"))
    second = norge.begin(again.pop("at"), **again)
    assert (second.id != first.id, second.bookmark, second.resumed) == (True, None, False)
    assert norge.db.table("landing").count == norge.db.table("quarantine").count == 0
    assert norge.rows("SELECT state FROM pulls ORDER BY id") == [
        ("complete",),
        ("abandoned",),
        ("open",),
    ]


def test_a_full_pull_may_go_on_for_one_that_need_not_be(norge):
    """An unfinished full pull serves a run that did not ask for everything."""
    first = norge.begin(2, full=True)
    assert norge.begin(2).id == first.id


def test_a_page_may_land_twice(norge, deal, day):
    """Landing a page again, whole, changes nothing that is promoted."""
    page = Page(
        (deal("1", ("met", 1)),), (Merged("9", "1", day(2)),), (Unread("2", None, "no id", "{}"),)
    )
    run = norge.begin(3)
    for _ in range(2):
        landing.land(norge.db, run, page)
    promoted = promotion.promote(norge.db, run, (), (), day(3))
    assert (promoted.deals_new, promoted.quarantined) == (1, 1)


def test_the_later_read_of_a_deal_counts(norge, deal, day):
    """A deal that comes on two pages is as the second one says."""
    run = norge.begin(3)
    for name, bookmark in (("early", "2"), ("late", None)):
        landing.land(norge.db, run, Page((deal("1", ("met", 1), name=name),), bookmark=bookmark))
    assert promotion.promote(norge.db, run, (), (), day(3)).deals_new == 1
    assert norge.rows("SELECT name FROM deals") == [("late",)]


def test_nothing_lands_in_a_pull_that_is_over(norge, deal):
    """A page for a pull promoted or abandoned meanwhile is refused."""
    run = norge.begin(1)
    norge.pull(at=1)
    with pytest.raises(StoreError, match="it is over"):
        landing.land(norge.db, run, Page((deal("1", ("met", 1)),)))
    assert norge.db.table("landing").count == 0


def test_a_deal_set_aside_makes_the_next_pull_full(norge, deal):
    """A record that could not be read is tried again though nobody touched it; a value is not."""
    norge.pull(deal("1", ("met", 1)), at=1, unread=(Unread("1", "amount", "no number", "x"),))
    assert norge.begin(2).since is not None
    norge.pull(deal("1", ("met", 1)), at=2, unread=(Unread("2", None, "no id", "{}"),))
    assert norge.begin(3).since is None
    norge.pull(deal("1", ("met", 1)), at=3)
    assert norge.begin(4).since is not None


@pytest.mark.parametrize(
    ("full", "read", "unread", "refused"),
    [(True, 2, 3, True), (True, 3, 3, False), (False, 2, 9, False), (False, 2, 10, True)],
)
def test_a_pull_most_of_which_is_unreadable_is_given_up(norge, deal, full, read, unread, refused):
    """Where most deals make no sense the CRM has changed, not the deals; a few say nothing."""
    norge.pull(deal("0", ("met", 1)), at=1)
    run = norge.begin(2, full=full)
    deals = tuple(deal(str(number), ("met", 1)) for number in range(read))
    bad = tuple(Unread(f"9{number}", None, "it is in no stage", "{}") for number in range(unread))
    landing.land(norge.db, run, Page(deals, (), bad))
    if not refused:
        landing.refuse_unreadable(norge.db, run)
        return
    with pytest.raises(BadAnswer, match=f"{unread} of {unread + read} .*it is in no stage"):
        landing.refuse_unreadable(norge.db, run)
    assert not norge.begin(2).resumed
