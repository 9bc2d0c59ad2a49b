import pytest

from connector.errors import BadAnswer, StoreError
from connector.model import UNKNOWN, Merged, Page, Unread
from connector.store import census, landing


def test_a_page_may_land_twice(norge, deal, day):
    """Landing a page again, whole, changes nothing that is promoted."""
    page = Page(
        (deal("1", ("met", 1)),), (Merged("9", "1", day(2)),), (Unread("2", None, "no id", "{}"),)
    )
    run = norge.begin(3)
    for _ in range(2):
        landing.land(norge.db, run, page)
    promoted = norge.promote(run)
    assert (promoted.deals_new, promoted.quarantined) == (1, 1)


def test_the_later_read_of_a_deal_counts(norge, deal, day):
    """A deal that comes on two pages is as the second one says."""
    run = norge.begin(3)
    for name, bookmark in (("early", "2"), ("late", None)):
        landing.land(norge.db, run, Page((deal("1", ("met", 1), name=name),), bookmark=bookmark))
    assert norge.promote(run).deals_new == 1
    assert norge.rows("SELECT name FROM deals") == [("late",)]


def test_nothing_lands_in_a_pull_that_is_over(norge, deal):
    """A page for a pull promoted or abandoned meanwhile is refused."""
    run = norge.begin(1)
    norge.pull(at=1)
    with pytest.raises(StoreError, match="it is over"):
        landing.land(norge.db, run, Page((deal("1", ("met", 1)),)))
    assert norge.db.table("landing").count == 0


def test_a_deal_set_aside_is_remembered_until_it_is_read(norge, deal):
    """A record that could not be read is asked for by its id in later pulls; a value is not."""
    norge.pull(deal("1", ("met", 1)), at=1, unread=(Unread("1", "amount", "no number", "x"),))
    assert census.unread_before(norge.db, norge.begin(2)) == ()
    nameless = Unread(UNKNOWN, None, "no id", "{}")
    norge.pull(at=2, unread=(Unread("2", None, "in no stage", "{}"), nameless))
    assert census.unread_before(norge.db, norge.begin(3)) == ("2",)
    norge.pull(at=3)
    run = norge.begin(4)
    assert (run.since is None, census.unread_before(norge.db, run)) == (False, ("2",))
    norge.pull(deal("2", ("met", 1)), at=4)
    assert census.unread_before(norge.db, norge.begin(5)) == ()


def test_what_was_mended_is_no_longer_set_aside(norge, deal):
    """Once a deal could be read again, nothing of it is told as set aside; still bad, once."""
    unread = (Unread("1", None, "in no stage", "{}"), Unread("2", None, "in no stage", "{}"))
    for night in (1, 2):
        norge.pull(at=night, unread=unread)
    assert norge.rows("SELECT record, pull FROM set_aside") == [("1", 2), ("2", 2)]
    norge.pull(deal("1", ("met", 1)), at=3)
    assert norge.rows("SELECT record FROM set_aside") == [("2",)]


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
