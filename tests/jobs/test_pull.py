import random
import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil

import pytest

from connector.crm.hubspot import connect
from connector.errors import NotAuthorised, QuotaUsedUp, SuspectPull, Unreachable, WrongAccount
from connector.jobs.pull import pull
from connector.model import EditStage, Owners, StageValues, Unread
from connector.sandbox import Fault, Hits, Kind, Portal, Sandbox, wire
from connector.sandbox.hubspot import lying, refusing
from connector.sandbox.writer import Writer
from connector.store import check, close, history, open_database
from connector.store.promotion import Mended

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
TABLES = ("accounts", "pulls", "landing", "deals", "owners", "pipelines", "quarantine")
STAGES = ("met", "examined", "evaluated", "signed", "lost")


def pulled(small, database=None, crm=None, **options):
    """Pull into the account's database, or another one, and close it again."""
    db = open_database(database or small.database)
    try:
        crm = crm or small.connect("READ")
        return pull(small.account, crm, db, now=small.clock.now, **options)
    finally:
        close(db)


def content(database):
    """What the database says of deals, without the keys and the order it says it in."""
    with sqlite3.connect(database) as db:
        rows = [
            sorted(db.execute(f"SELECT * FROM {view}").fetchall(), key=repr)
            for view in ("deals_all", "stage_visits", "deal_changes")
        ]
    db.close()
    return rows


def edit(portal, clock, chance):
    """Do one thing people do to deals all day."""
    clock.advance(timedelta(minutes=chance.randrange(1, 300)))
    live = [deal.id for deal in portal.deals.values() if not (deal.archived or deal.merged_into)]
    deal = chance.choice(live)
    match chance.randrange(6):
        case 0:
            portal.move(deal, chance.choice(STAGES))
        case 1:
            portal.set(deal, "amount", str(chance.randrange(10**6) / 100))
        case 2:
            portal.set(deal, "closedate", clock.now().isoformat())
        case 3:
            portal.archive(deal)
        case 4:
            portal.add_deal({"dealname": "New", "dealstage": "met", "pipeline": "sales"})
        case 5 if len(live) > 2:
            portal.merge(*chance.sample(live, 2))


def test_a_first_pull_of_another_account_than_was_meant_leaves_nothing(small):
    """Deals are asked for beside the account, and none of them stays where it is refused."""
    meant = replace(small.account, account_id="1")
    db, crm = open_database(small.database), small.connect("READ")
    with pytest.raises(WrongAccount, match=r"config\.toml says account 1,"):
        pull(meant, crm, db, now=small.clock.now)
    kept = [db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES]
    close(db)
    assert kept == [0] * len(TABLES)
    with pytest.raises(Unreachable, match="run had ended"):
        crm.pipelines()


@pytest.mark.parametrize("seed", range(4))
def test_pulls_of_what_changed_add_up_to_one_of_everything(make_small, seed):
    """After any edits between pulls, the database says what a pull of everything says."""
    small, chance = make_small(f"seed{seed}"), random.Random(seed)
    pulled(small)
    for _ in range(5):
        for _ in range(chance.randrange(8)):
            edit(small.portal, small.clock, chance)
        small.clock.advance(timedelta(minutes=1))
        pulled(small)
    db = open_database(small.database)
    assert check.check(db) == ()
    close(db)
    before = content(small.database)
    again = pulled(small, full=True)
    assert (again.promoted.deals_changed, again.promoted.changes_new) == (0, 0)
    assert content(small.database) == before


UNPLUGGED = Unreachable("unplugged")


class Unplugged:
    """A CRM that cannot be reached, or otherwise fails, after so many pages of deals."""

    def __init__(self, crm, pages, fault=UNPLUGGED):
        self._crm = crm
        self._pages = pages
        self._fault = fault

    def __getattr__(self, name):
        return getattr(self._crm, name)

    def deals(self, since, bookmark=None):
        for number, page in enumerate(self._crm.deals(since, bookmark)):
            if number == self._pages:
                raise self._fault
            yield page


def test_a_pull_goes_on_behind_the_pages_it_has(make_small):
    """A pull that broke off is resumed within the hour, keeping its first start."""
    small = make_small("small", deals=180)
    with pytest.raises(Unreachable):
        pulled(small, crm=Unplugged(small.connect("READ"), pages=2))
    began = small.clock.now()
    small.clock.advance(timedelta(minutes=50))
    before = len(small.sandbox.requests)
    done = pulled(small)
    lists = [path for _, path in list(small.sandbox.requests)[before:] if "/objects/" in path]
    assert done.pull.resumed
    assert done.pull.started == began
    assert done.promoted.deals_new == 180
    assert done.pull.deals == 100
    assert len(lists) < 7


def test_a_pull_the_quota_stopped_goes_on_the_next_day(make_small):
    """What was read before the day's quota was used up is kept until there is a new one."""
    small = make_small("small", deals=180)
    with pytest.raises(QuotaUsedUp):
        pulled(small, crm=Unplugged(small.connect("READ"), 2, QuotaUsedUp("no more today")))
    small.clock.advance(timedelta(hours=20))
    done = pulled(small)
    assert (done.pull.resumed, done.promoted.deals_new) == (True, 180)


def test_an_expired_cursor_begins_its_leg_anew(make_small):
    """Where the CRM no longer takes a cursor, the listing is read from its beginning."""
    small = make_small("small", deals=180)
    with pytest.raises(Unreachable):
        pulled(small, crm=Unplugged(small.connect("READ"), pages=2))
    expired = Hits(times=1, when=lambda request: "after=" in request.target)
    with faulty(small, Fault(refusing.expired_cursor(), expired)) as sandbox:
        done = pulled(small, crm=reading(sandbox))
    assert (done.pull.resumed, done.promoted.deals_new) == (True, 180)


def test_after_the_hour_a_broken_off_pull_begins_anew(make_small):
    """Pages older than an hour are not trusted."""
    small = make_small("small", deals=180)
    with pytest.raises(Unreachable):
        pulled(small, crm=Unplugged(small.connect("READ"), pages=2))
    small.clock.advance(timedelta(minutes=70))
    assert not pulled(small).pull.resumed


def test_a_newly_tracked_field_is_read_for_every_deal(small):
    """Adding a field to the configuration makes the next pull read everything."""
    pulled(small)
    config = small.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + 'fields = { next_step = "hs_next_step" }\n')
    small.portal.set(next(iter(small.portal.deals)), "hs_next_step", "Call", small.clock.now())
    db = open_database(small.database)
    crm = small.connect("READ")
    crm = type(crm)(crm._transport, {**crm._walks._tracked, "next_step": "hs_next_step"})
    done = pull(small.account, crm, db)
    assert done.pull.since is None
    assert history.stats(db)[0].changes["next_step"] == 1
    close(db)


def test_a_bad_owner_is_told_and_costs_nothing_else(make_small):
    """A pull with an owner it cannot read goes through, and says which one and why."""
    small = make_small("small")
    crm = Unplugged(small.connect("READ"), pages=99)
    crm.owners = lambda former=False: Owners((), (Unread("7", None, "no name", "{}"),))
    assert set(pulled(small, crm=crm).faults) == {"owner 7 was not read: no name"}


def test_an_edit_of_the_pipeline_makes_no_changes_of_deals(small):
    """HubSpot touches every deal of an edited pipeline; none of them has changed for us."""
    pulled(small)
    small.clock.advance(timedelta(days=1))
    stage = small.portal.stage("met")
    pipeline = small.portal.pipeline_of("met")
    small.connect().write(_rename(pipeline.id, stage.id))
    rows = size(small.database)
    done = pulled(small)
    assert done.promoted.changes_new == 0
    assert size(small.database)["changes"] == rows["changes"]


def _rename(pipeline, stage):
    return EditStage(pipeline, stage, StageValues("Met"), StageValues("Met for the first time"))


# --- what a night costs ---------------------------------------------------------------------------


def size(database):
    """How many rows every table has."""
    db = open_database(database)
    rows = {name: db.table(name).count for name in db.table_names()}
    close(db)
    return rows


def night(small, **options):
    """A pull a day later, and how many requests it sent."""
    small.clock.advance(timedelta(days=1))
    before = len(small.sandbox.requests)
    return pulled(small, **options), len(small.sandbox.requests) - before


@pytest.fixture
def many(make_small):
    """Deals enough for several pages, some of them archived, pulled."""
    small = make_small("many", deals=600)
    for deal in sorted(small.portal.deals)[::6]:
        small.portal.archive(deal)
    pulled(small)
    return small


def active(small):
    """The active deals, by id."""
    deals = small.portal.deals.values()
    return {deal.id: deal for deal in deals if not (deal.archived or deal.merged_into)}


def test_a_quiet_night_costs_a_handful_of_requests_and_rows(many):
    """Nothing happened: six requests at most, and no row but the pull's own."""
    rows = size(many.database)
    done, requests = night(many)
    assert requests <= 6
    assert sum(size(many.database).values()) - sum(rows.values()) <= 1
    assert done.counted == done.promoted.live == 500


@pytest.mark.parametrize("changed", [1, 60, 450])
def test_a_night_costs_what_changed(many, changed):
    """A search for two hundred changed deals, a read for fifty, and the six of a quiet night."""
    many.clock.advance(timedelta(hours=2))
    for deal in list(active(many))[:changed]:
        many.portal.move(deal, "lost")
    done, requests = night(many)
    assert done.promoted.deals_changed == changed
    assert requests <= 6 + ceil(changed / 200) + ceil(changed / 50)


def test_what_the_overlap_brings_again_is_not_read_again(many):
    """A deal changed in the hour before the last pull costs no read; changed once more, it does."""
    many.clock.advance(timedelta(days=1))
    changed = list(active(many))[:120]
    for deal in changed:
        many.portal.move(deal, "lost")
    many.clock.advance(timedelta(minutes=1))
    assert pulled(many).promoted.deals_changed == 120
    many.portal.move(changed[0], "met")
    done, requests = night(many)
    assert done.promoted.deals_changed == 1
    assert requests <= 6 + 1 + 1


def test_archived_deals_are_looked_for_where_the_count_falls_short(many):
    """A deal archived since is not modified; that there is one fewer tells to look."""
    many.clock.advance(timedelta(hours=2))
    many.portal.archive(next(iter(active(many))))
    done, _ = night(many)
    assert (done.promoted.deals_changed, done.promoted.live) == (1, 499)
    assert gone(many) == {"archived": 101}


def test_a_deal_nobody_can_find_is_read_by_id_before_it_is_gone(many):
    """A purged deal leaves the count short; the next pull reads everything, then it by its id."""
    many.portal.purge(next(iter(active(many))))
    done, _ = night(many)
    assert (done.promoted.deals_gone, done.counted, done.promoted.live) == (0, 499, 500)
    done, _ = night(many)
    assert done.pull.since is None
    assert (done.promoted.deals_gone, done.promoted.live) == (1, 499)
    assert gone(many) == {"archived": 100, "deleted": 1}
    assert night(many)[0].pull.since is not None


def gone(small):
    with sqlite3.connect(small.database) as db:
        rows = db.execute(
            "SELECT gone_how, COUNT(*) FROM deals WHERE gone_how > '' GROUP BY gone_how"
        ).fetchall()
    db.close()
    return dict(rows)


def test_former_owners_are_asked_for_where_a_deal_names_an_unknown_one(many):
    """A deal that belonged to somebody who left since has an owner with a name."""
    owner = many.portal.people.add_owner("Nils", "Berg", email="n@x.example", archived=True, at=NOW)
    deal = next(iter(active(many)))
    many.clock.advance(timedelta(hours=2))
    many.portal.set(deal, "hubspot_owner_id", str(owner.id))
    night(many)
    db = open_database(many.database)
    assert db.execute("SELECT name FROM owners_now").fetchall() == [("Nils Berg",)]
    close(db)


def test_a_deal_that_cannot_be_read_costs_one_request_a_night(many):
    """It is asked for by its id until it can be read; nights stay nights."""
    deal = next(iter(active(many).values()))
    stage = deal.history["dealstage"]
    many.clock.advance(timedelta(hours=2))
    many.portal.set(deal.id, "description", "x")
    deal.history["dealstage"] = []
    assert night(many)[0].promoted.deals_unread == 1
    done, requests = night(many)
    assert (done.pull.since is None, done.promoted.deals_unread) == (False, 1)
    assert requests <= 7
    deal.history["dealstage"] = stage
    done, _ = night(many)
    assert (done.promoted.deals_unread, done.promoted.deals_new) == (0, 0)


# --- when not to believe what was read ------------------------------------------------------------


@contextmanager
def faulty(small, *faults, **options):
    """The same portal behind another door."""
    with Sandbox(small.portal, clock=small.clock, faults=faults, **options) as sandbox:
        yield sandbox


def reading(sandbox):
    return connect("pat-sandbox-read", base_url=sandbox.url, requests_per_10s=100_000)


def test_far_fewer_deals_are_suspect_until_somebody_accepts_them(many):
    """What was read is stored, nothing is taken for gone, and the next pull asks again."""
    for deal in list(active(many))[:150]:
        many.portal.purge(deal)
    new = many.portal.add_deal({"dealname": "New", "dealstage": "met", "pipeline": "sales"})
    for options in ({"full": True}, {}):
        with pytest.raises(SuspectPull, match=r"50[01] live deals, and now 351.*--accept-suspect"):
            night(many, **options)
    assert gone(many) == {"archived": 100}
    with sqlite3.connect(many.database) as db:
        assert db.execute("SELECT 1 FROM deals WHERE remote = ?", (str(new.id),)).fetchone()
    db.close()
    done, _ = night(many, accept_suspect=True)
    assert (done.promoted.deals_gone, done.promoted.live) == (150, 351)
    assert night(many)[1] <= 6


def test_a_count_that_collapses_at_night_is_not_believed(many):
    """Where a search suddenly counts few deals, all are read, and whatever is there stays."""
    fewer = Fault(lying.total_off(-0.5), Hits((Kind.SEARCH,)))
    many.clock.advance(timedelta(days=1))
    many.portal.purge(next(iter(active(many))))
    with faulty(many, fewer) as sandbox:
        done = pulled(many, crm=reading(sandbox))
    assert (done.counted, done.promoted.live, done.promoted.deals_gone) == (250, 499, 1)
    assert night(many)[0].pull.since is None


def test_a_count_that_is_wrong_is_verified_daily(many):
    """Where the CRM's count disagrees with a read of everything, nights are not believed long."""
    more = Fault(lying.total_off(0.1), Hits((Kind.SEARCH,)))
    with faulty(many, more) as sandbox:
        done = pulled(many, crm=reading(sandbox), full=True)
        assert (done.counted, done.promoted.live) == (550, 500)
        many.clock.advance(timedelta(hours=6))
        assert pulled(many, crm=reading(sandbox)).pull.since is not None
        many.clock.advance(timedelta(hours=18))
        assert pulled(many, crm=reading(sandbox)).pull.since is None
    assert pulled(many, full=True).counted == 500
    assert night(many)[0].pull.since is not None


def test_a_verification_says_what_the_nights_missed(many):
    """A change that moved no modified date is found by the read of everything, and told."""
    deal = next(iter(active(many).values()))
    before, small = deal.modified, many
    small.portal.move(deal.id, "lost")
    deal.modified = before
    for _ in range(6):
        assert night(small)[0].promoted.mended is None
    done, _ = night(small)
    assert done.promoted.mended == Mended(deals_changed=1)


def test_another_account_behind_the_key_ends_the_pull(small):
    """Where the key comes to open another account in the midst of a pull, nothing is stored."""
    other = Fault(lying.other_portal(Portal(999_999, name="Another")), Hits(first=6))
    with faulty(small, other) as sandbox, pytest.raises(NotAuthorised, match=r"999999.*Nothing"):
        pulled(small, crm=reading(sandbox))
    assert size(small.database)["deals"] == 0
    assert not pulled(small).pull.resumed


@pytest.mark.parametrize("skew", [timedelta(days=1), timedelta(days=-1)])
def test_a_clock_that_is_a_day_off_loses_no_change(many, skew):
    """Whatever date the CRM's answers bear on one night, the next one finds what changed since."""
    many.clock.advance(timedelta(days=1))
    with faulty(many, Fault(wire.dated(skew))) as sandbox:
        pulled(many, crm=reading(sandbox))
    many.clock.advance(timedelta(hours=3))
    many.portal.move(next(iter(active(many))), "lost")
    many.clock.advance(timedelta(hours=3))
    assert pulled(many).promoted.deals_changed == 1
    assert live(many.database) == live_of_a_new_pull(many)


class Restless:
    """A CRM in which somebody archives a deal as the pull begins and restores it in its midst."""

    def __init__(self, crm, portal, deal):
        self._crm, self._portal, self._deal = crm, portal, deal

    def __getattr__(self, name):
        return getattr(self._crm, name)

    def deals(self, since, bookmark=None):
        if since is None:
            self._portal.archive(self._deal)
        return self._crm.deals(since, bookmark)

    def archived(self, bookmark=None):
        self._portal.restore(self._deal)
        return self._crm.archived(bookmark)


def test_a_deal_that_slips_through_both_listings_is_found(small):
    """Archived while active deals are read, active while archived ones are: it was modified."""
    deal = next(iter(active(small)))
    pulled(small, crm=Restless(small.connect("READ"), small.portal, deal))
    assert live(small.database) == live_of_a_new_pull(small)
    assert len(live(small.database)) == 30


@pytest.mark.parametrize("seed", range(6))
def test_a_pull_while_people_work_has_every_deal_that_was_there_throughout(make_small, seed):
    """Edited, moved, archived, restored, merged: who was there at both ends is in the database.

    The search is a minute late, answers are slow enough to be asked for side by side, and after
    the lag another pull says what a new database would.
    """
    small = make_small("busy", deals=400)
    writer = Writer(small.portal, seed=seed, every=2)
    there = {id for id, deal in small.portal.deals.items() if deal.merged_into is None}
    with faulty(small, before=writer, index_lag=60, latency=0.03) as sandbox:
        pulled(small, crm=reading(sandbox))
    there &= {id for id, deal in small.portal.deals.items() if deal.merged_into is None}
    assert len(writer.edits) > 5
    with sqlite3.connect(small.database) as db:
        known = {int(remote) for (remote,) in db.execute("SELECT remote FROM deals")}
    db.close()
    assert there <= known
    small.clock.advance(timedelta(minutes=2))
    pulled(small)
    assert live(small.database) == live_of_a_new_pull(small)


def live(database):
    with sqlite3.connect(database) as db:
        rows = sorted(db.execute("SELECT * FROM deals_now").fetchall(), key=repr)
    db.close()
    return rows


def live_of_a_new_pull(small):
    """The live deals of a database that was made just now."""
    fresh = small.folder / "fresh.db"
    pulled(small, database=fresh)
    return live(fresh)
