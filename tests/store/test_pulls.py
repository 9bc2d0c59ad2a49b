from dataclasses import replace
from datetime import timedelta

import pytest

from connector.model import Field, Page, Unread
from connector.store import landing, pulls


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
    page = Page((deal("1", ("met", 1)),), bookmark="page 2")
    landing.land(norge.db, first, page, "deals")
    second = norge.begin(2 + 0.9 / 24)
    assert second == replace(first, leg="deals", bookmark="page 2", resumed=True, pages=1, deals=1)


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


def test_a_pull_stopped_by_the_quota_goes_on_within_a_day(norge, deal):
    """The quota comes back the next day; what was read until then is not read again."""
    norge.pull(at=1)
    first = norge.begin(2)
    landing.land(norge.db, first, Page((deal("1", ("met", 1)),), bookmark="page 2"))
    pulls.hold(norge.db, first)
    assert norge.begin(2.9).id == first.id
    # Taken up again, it is a pull like any other.
    assert norge.begin(2.95).id != first.id


@pytest.mark.parametrize(("here", "reaches_to"), [(-1, 1), (0, 2), (1, 2)])
def test_the_earlier_clock_says_where_the_next_pull_begins(norge, day, here, reaches_to):
    """A clock that is a day ahead, be it the CRM's or this machine's, loses no change."""
    run = norge.begin(2, here=day(2 + here))
    norge.promote(run, Page(()))
    assert norge.begin(3).since == day(reaches_to) - timedelta(hours=1)


def test_what_changed_is_verified_after_so_many_days(norge, day):
    """Nights read what changed, and so often as asked one reads everything, a bit early even."""
    norge.pull(at=0)
    full = []
    for night in range(1, 16):
        run = norge.begin(night - 0.1 * (night % 2), verify_days=7)
        norge.promote(run, Page(()))
        full += [night] if run.since is None else []
    assert full == [7, 14]


def test_a_verification_knows_since_when_nights_should_have_seen(norge, day):
    """It is the instant from which on the next pull would have read."""
    norge.pull(at=1)
    assert norge.begin(2, full=True).verifies == day(1) - timedelta(hours=1)
    assert norge.begin(3, fields=(*Field.ALWAYS, "product")).verifies is None


def test_a_count_that_is_not_what_was_found_is_verified_daily(norge):
    """Until the CRM's count is that of a read of everything, nights are not believed for long."""
    norge.promote(norge.begin(1, verify_days=7), Page(()), counted=5)
    assert norge.begin(1.5, verify_days=7).since is not None
    again = norge.begin(2, verify_days=7)
    assert again.since is None
    norge.promote(again, Page(()), counted=0)
    assert norge.begin(3, verify_days=7).since is not None


def test_a_night_that_leaves_a_difference_is_followed_by_a_verification(norge):
    """Where a night cannot explain the CRM's count, the next pull reads everything."""
    norge.promote(norge.begin(1, verify_days=7), Page(()), counted=0)
    norge.promote(norge.begin(2, verify_days=7), Page(()), counted=1)
    assert norge.begin(2.1, verify_days=7).since is None


def test_a_date_that_went_back_is_verified(norge, day):
    """Where the CRM's clock was ahead when everything was read, nobody knows when that was."""
    norge.pull(at=3)
    assert norge.begin(2, verify_days=7).since is None


def test_the_next_pull_begins_where_the_last_good_one_did(norge, day):
    """A suspect pull is none to build on."""
    norge.pull(at=1)
    norge.promote(norge.begin(2), Page(()), suspect=True)
    assert norge.begin(3).since == day(1) - timedelta(hours=1)
