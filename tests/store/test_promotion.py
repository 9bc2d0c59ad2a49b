from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import StoreError
from connector.model import Change, Field, Merged, Owner, Page, Unread
from connector.store import landing, promotion
from connector.store.promotion import Mended, Promoted


def test_a_deal_becomes_a_row_with_its_history_and_visits(norge, deal):
    """One deal of one page: its changes are kept, its last values stand, its visits are built."""
    promoted = norge.pull(deal("1", ("met", 1), ("offered", 3), amount="1500.5"))
    assert promoted == Promoted(1, 0, 0, 0, 3, 0, live=1)
    assert norge.rows("SELECT deal, name, stage, pipeline, amount FROM deals_now") == [
        ("1", "Deal 1", "Offered", "Sales", "1500.5")
    ]
    assert norge.visits("1") == [("met", 1, 3, 0), ("offered", 3, None, 0)]


def test_an_unchanged_deal_costs_nothing(norge, deal, sales):
    """Promoting many known deals takes as many statements as promoting a single one."""
    deals = [deal(str(number), ("met", 1), ("offered", 3)) for number in range(200)]
    norge.pull(*deals, at=100)
    statements: dict[int, list[str]] = {1: [], 200: []}
    for count, at in ((1, 101), (200, 102)):
        run = norge.begin(at)
        landing.land(norge.db, run, Page(tuple(deals[:count])))
        landing.finish(norge.db, run)
        norge.db.conn.set_trace_callback(statements[count].append)
        assert promotion.promote(norge.db, run, (sales,), (), run.started).deals_same == count
        norge.db.conn.set_trace_callback(None)
    assert len(statements[200]) == len(statements[1])


def test_a_deal_that_tells_nothing_new_is_the_same(norge, deal, day):
    """A read in other words, such as a value seen again, counts as no change and writes nothing."""
    norge.pull(deal("1", ("met", 1)))
    seen = Change(Field.STAGE, "met", day(50), not_before=day(40))
    read = deal("1", ("met", 1))
    promoted = norge.pull(replace(read, changes=(*read.changes, seen)), at=101)
    assert (promoted.deals_same, promoted.deals_changed, promoted.changes_new) == (1, 0, 0)


def test_a_field_seen_empty_from_the_beginning_has_no_history(norge, deal, day):
    """To have looked at a field that never had a value is no change of it."""
    read = deal("1", ("met", 1))
    empty = Change("source", None, day(50), not_before=day(1))
    promoted = norge.pull(replace(read, changes=(*read.changes, empty)))
    assert promoted.changes_new == len(read.changes)


def test_a_part_of_a_history_goes_on_from_the_whole_of_it(norge, deal, day, sales):
    """Where a pull reads a deal whole and then only what is new of it, neither is lost."""
    run = norge.begin(100)
    landing.land(norge.db, run, Page((deal("1", ("met", 1), ("offered", 3)),), bookmark="2"))
    new = replace(deal("1", ("won", 9)), whole=False)
    landing.land(norge.db, run, Page((new,)))
    landing.finish(norge.db, run)
    promoted = promotion.promote(norge.db, run, (sales,), (), day(101))
    assert (promoted.deals_new, promoted.gaps) == (1, 0)
    assert norge.visits("1") == [("met", 1, 3, 0), ("offered", 3, 9, 0), ("won", 9, None, 0)]


def test_a_changed_deal_gains_what_is_new(norge, deal):
    """A later pull adds changes and rebuilds the visits, and leaves other deals alone."""
    norge.pull(deal("1", ("met", 1)), deal("2", ("met", 1)))
    promoted = norge.pull(deal("1", ("met", 1), ("won", 5)), deal("2", ("met", 1)), at=101)
    assert promoted == Promoted(0, 1, 1, 0, 1, 0, live=2)
    assert norge.visits("1") == [("met", 1, 5, 0), ("won", 5, None, 0)]


def test_a_history_cut_by_the_crm_stays_whole(norge, deal):
    """Changes the CRM no longer tells are kept."""
    norge.pull(deal("1", ("met", 1), ("offered", 3)))
    norge.pull(deal("1", ("offered", 3), ("won", 5)), at=101)
    assert [stage for stage, *_ in norge.visits("1")] == ["met", "offered", "won"]


def test_a_change_the_crm_took_back_is_undone(norge, deal):
    """The deal lies where the CRM says now, and where it was in between is kept."""
    norge.pull(deal("1", ("met", 1), ("won", 5)))
    norge.pull(deal("1", ("met", 1)), at=101)
    assert norge.visits("1") == [("met", 1, 5, 0), ("won", 5, 101, 0), ("met", 101, None, 0)]
    assert norge.rows("SELECT stage FROM deals_now") == [("Met",)]


def test_an_exact_change_takes_the_place_of_the_observed_one(norge, deal, day):
    """Once the history tells when it happened, the interval it was known to lie in is gone."""
    read = deal("1", ("met", 1))
    norge.pull(replace(read, changes=(Change(Field.STAGE, "met", day(9), not_before=day(0)),)))
    norge.pull(read, at=101)
    assert norge.rows("SELECT not_before FROM changes") == [(None,)]
    assert norge.visits("1") == [("met", 1, None, 0)]


def test_absence_is_no_evidence(norge, deal):
    """A full pull without a deal leaves that deal alive."""
    norge.pull(deal("1", ("met", 1)), deal("2", ("met", 1)))
    run = norge.begin(101, full=True)
    norge.promote(run, Page((deal("2", ("met", 1)),)))
    assert norge.rows("SELECT remote FROM deals WHERE gone_at IS NULL") == [("1",), ("2",)]


def test_a_missing_deal_ends(norge, deal):
    """What the CRM says it does not have is deleted, once, and lives on if it ever comes back."""
    norge.pull(deal("1", ("met", 1)), deal("2", ("met", 1)))
    gone = Page((), missing=("1", "9"))
    assert norge.promote(norge.begin(101), gone).deals_gone == 1
    assert norge.promote(norge.begin(102), gone).deals_gone == 0
    assert norge.visits("1") == [("met", 1, 101, 1)]
    assert norge.rows("SELECT deal, gone_how FROM deals_all") == [("1", "deleted"), ("2", None)]
    norge.pull(deal("1", ("met", 1)), at=103)
    assert norge.visits("1") == [("met", 1, None, 0)]


def test_nothing_is_taken_for_gone_in_a_suspect_pull(norge, deal, day):
    """What a suspect pull read is stored, but neither archived, merged nor missing deals end."""
    norge.pull(*(deal(str(number), ("met", 1)) for number in range(4)))
    archived = deal("0", ("met", 1), archived_at=day(100))
    page = Page((archived, deal("9", ("met", 1))), (Merged("1", "9", day(100)),), missing=("2",))
    promoted = norge.promote(norge.begin(101), page, suspect=True)
    assert (promoted.deals_new, promoted.deals_gone, promoted.live) == (1, 0, 5)
    promoted = norge.promote(norge.begin(102), page)
    assert (promoted.deals_changed, promoted.deals_gone, promoted.live) == (1, 2, 2)


def test_a_verification_says_what_it_had_to_mend(norge, deal, day):
    """News from before the last pull began should have been read then; later news is just news."""
    norge.pull(deal("1", ("met", 1)), deal("2", ("met", 1)), deal("3", ("met", 1)), at=50)
    early, late = {"modified_at": day(49)}, {"modified_at": day(51)}
    read = (
        deal("1", ("met", 1), ("won", 48), **early),
        deal("2", ("met", 1), ("won", 51), **late),
        deal("3", ("met", 1), archived_at=day(49)),
        deal("4", ("met", 2), **early),
        deal("5", ("met", 51), **late),
    )
    promoted = norge.promote(norge.begin(60, full=True), Page(read))
    assert (promoted.deals_new, promoted.deals_changed) == (2, 3)
    assert promoted.mended == Mended(deals_new=1, deals_changed=1, deals_gone=1)


def test_a_gap_is_marked_where_the_crm_cut_its_history_too_far(norge, deal):
    """What was known stays; between that and what is still told lies a gap, told once."""
    norge.pull(deal("1", ("met", 1), ("offered", 3), amount="5"))
    cut = deal("1", ("won", 9), amount="5", created_at=None)
    read = replace(cut, created_at=deal("1", ("met", 1)).created_at)
    promoted = norge.pull(read, at=101)
    assert promoted.gaps == 2
    assert norge.pull(deal("1", ("won", 9), ("lost", 10)), at=102).gaps == 0
    assert norge.rows(
        "SELECT field, substr(after, 1, 10), substr(before, 1, 10) FROM history_gaps"
    ) == [
        ("stage", "2026-01-04", "2026-01-10"),
        ("amount", "2026-01-02", "2026-01-10"),
    ]


def test_an_archived_deal_ends_and_a_restored_one_lives_on(norge, deal, day):
    """Archiving cuts the last visit; a restored deal has never left."""
    norge.pull(deal("1", ("met", 1), archived_at=day(4)))
    assert norge.visits("1") == [("met", 1, 4, 1)]
    norge.pull(deal("1", ("met", 1)), at=101)
    assert norge.visits("1") == [("met", 1, None, 0)]


def test_a_merged_deal_ends_in_the_survivor(norge, deal, day):
    """A merge record ends a deal that landed in the same pull or an earlier one, once."""
    merged = Merged("2", into="1", at=day(7))
    norge.pull(deal("1", ("met", 1)), deal("2", ("met", 1)))
    assert norge.pull(at=101, merged=(merged,)).deals_gone == 1
    assert norge.pull(at=102, merged=(merged,)).deals_gone == 0
    assert norge.pull(deal("3", ("met", 2)), at=103, merged=(replace(merged, id="3"),)).deals_gone
    assert norge.visits("2") == [("met", 1, 7, 1)]
    assert norge.rows("SELECT remote, gone_how, merged_into FROM deals WHERE gone_at > 0") == [
        ("2", "merged", "1"),
        ("3", "merged", "1"),
    ]


def test_a_merge_outranks_the_archived_listing(norge, deal, day):
    """A merged deal that is listed as archived, too, stays merged; read live, it lives again."""
    read = deal("2", ("met", 1))
    norge.pull(read, merged=(Merged("2", into="1", at=day(7)),))
    norge.pull(replace(read, archived_at=day(8)), at=101)
    assert norge.rows("SELECT gone_how, merged_into FROM deals") == [("merged", "1")]
    norge.pull(read, at=102)
    assert norge.rows("SELECT gone_how, merged_into FROM deals") == [(None, None)]
    assert norge.visits("2") == [("met", 1, None, 0)]


def test_a_merge_of_an_unknown_deal_is_no_fault(norge, day):
    """A deal never read has no history that could end."""
    assert norge.pull(merged=(Merged("2", into="1", at=day(7)),)).deals_gone == 0


def test_a_pull_without_its_last_page_is_not_promoted(norge, deal, day):
    """Half a pull is refused, and shows nothing."""
    run = norge.begin(1)
    landing.land(norge.db, run, Page((deal("1", ("met", 1)),), bookmark="page 2"))
    with pytest.raises(StoreError, match="last page has not landed"):
        promotion.promote(norge.db, run, (), (), day(1))
    assert norge.db.table("deals").count == 0


def test_a_pull_is_promoted_once(norge, day):
    """A pull that is complete cannot be promoted again."""
    run = norge.begin(1)
    norge.promote(run, Page(()))
    with pytest.raises(StoreError):
        promotion.promote(norge.db, run, (), (), day(1))


def test_a_promoted_pull_is_closed_and_its_landing_empty(norge, deal, day):
    """Promotion moves the watermark, counts what it did and leaves no landing row."""
    norge.pull(deal("1", ("met", 1)), at=5, unread=(Unread("7", "amount", "no number", "x"),))
    assert norge.rows(
        "SELECT state, watermark, deals_new, changes_new FROM pulls WHERE finished IS NOT NULL"
    ) == [("complete", int((day(5) - timedelta(hours=1)).timestamp() * 1000), 1, 1)]
    assert norge.rows("SELECT record, field FROM set_aside") == [("7", "amount")]
    assert norge.db.table("landing").count == 0


def test_owners_are_kept_after_they_left(norge, deal):
    """An owner no longer listed keeps the name; one only deals know has none yet."""
    norge.pull(deal("1", ("met", 1), owner="8"), owners=(Owner("7", "Kari", team="Norge"),))
    norge.pull(at=101, owners=(Owner("8", "Ola"),))
    assert norge.rows("SELECT owner, name, team, live_deals FROM owners_now") == [
        ("7", "Kari", "Norge", 0),
        ("8", "Ola", "", 1),
    ]


def test_accounts_are_kept_apart(norge, deal, db, remote, path):
    """The same deal id in two accounts is two deals."""
    from connector.store import accounts

    other = replace(norge, id=accounts.remember(db, "sverige", replace(remote, id="2")))
    norge.pull(deal("1", ("met", 1)))
    other.pull(deal("1", ("offered", 1)))
    assert (norge.visits("1"), db.table("deals").count) == (
        [("met", 1, None, 0), ("offered", 1, None, 0)],
        2,
    )


def test_a_long_history_is_kept_whole(norge, deal):
    """However many changes and visits a chunk of deals has, each becomes a row, in its order."""
    moves = [("met" if number % 2 else "offered", number) for number in range(101)]
    promoted = norge.pull(deal("1", *moves), deal("2", *moves), at=200)
    assert promoted.changes_new == 202
    assert [visit[:2] for visit in norge.visits("2")] == moves
