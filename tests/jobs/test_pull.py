import random
import sqlite3
from datetime import timedelta

import pytest

from connector.errors import Unreachable
from connector.jobs.pull import pull
from connector.model import Owners, Unread
from connector.store import check, close, history, open_database

STAGES = ("met", "examined", "evaluated", "signed", "lost")


def pulled(small, database=None, crm=None, **options):
    """Pull into the account's database, or another one, and close it again."""
    db = open_database(database or small.database)
    try:
        return pull(small.account, crm or small.connect("READ"), db, **options)
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


class Unplugged:
    """A CRM that cannot be reached any more after so many pages of deals."""

    def __init__(self, crm, pages):
        self._crm = crm
        self._pages = pages
        self.can = crm.can
        self.account, self.pipelines, self.owners = crm.account, crm.pipelines, crm.owners
        self.versions = crm.versions

    def deals(self, since, bookmark):
        for number, page in enumerate(self._crm.deals(since, bookmark)):
            if number == self._pages:
                raise Unreachable("unplugged")
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
    assert len(lists) == 3


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
    crm.owners = lambda: Owners((), (Unread("7", None, "no name", "{}"),))
    assert pulled(small, crm=crm).faults == ("owner 7 was not read: no name",)


def test_an_edit_of_the_pipeline_makes_no_changes_of_deals(small):
    """HubSpot touches every deal of an edited pipeline; none of them has changed for us."""
    pulled(small)
    small.clock.advance(timedelta(days=1))
    stage = small.portal.stage("met")
    pipeline = small.portal.pipeline_of("met")
    small.connect().write(_rename(pipeline.id, stage.id))
    done = pulled(small)
    assert done.promoted.changes_new == 0


def _rename(pipeline, stage):
    from connector.model import EditStage, StageValues

    return EditStage(pipeline, stage, StageValues("Met"), StageValues("Met for the first time"))
