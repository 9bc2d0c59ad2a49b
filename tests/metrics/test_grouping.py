"""Into which group a deal falls, and which groups may be told apart."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.funnel import Funnel, FunnelStage
from connector.metrics.grouping import (
    ALL,
    NONE,
    OTHERS,
    By,
    Group,
    Grouping,
    Split,
    Unsplit,
    by_funnel,
    pooled,
    split,
)
from connector.metrics.privacy import Naming, Privacy
from connector.metrics.scope import Person
from connector.model import Outcome

PEOPLE = {
    ("norge", "7"): Person("Kari Hauge", "Norge"),
    ("norge", "8"): Person("Erik Sjöberg", "Sverige"),
}
KARI, ERIK = Group("7", "Kari Hauge"), Group("8", "Erik Sjöberg")


def test_an_open_deal_is_its_owners_now(deal, scope):
    """Handed over, an open deal counts for whoever has it as of the report."""
    handed = deal("new 0", owner={0: "7", 5: "8"})
    assert Grouping(By.OWNER, scope(people=PEOPLE)).of(handed) == ERIK


def test_a_closed_deal_stays_with_whoever_closed_it(deal, scope):
    """A hand-over after the closing, as to those who look after customers, changes nothing."""
    grouping = Grouping(By.OWNER, scope(people=PEOPLE))
    assert grouping.of(deal("new 0, won 4", owner={0: "7", 5: "8"})) == KARI
    assert grouping.of(deal("new 0, won 5", owner={0: "7", 5: "8"})) == ERIK


def test_a_deal_born_closed_has_the_owner_it_was_born_with(deal, scope):
    """An imported deal takes stage and owner in one instant."""
    assert Grouping(By.OWNER, scope(people=PEOPLE)).of(deal("won 3", owner="7")) == KARI


def test_a_deal_can_be_asked_whose_it_was(deal, day, scope):
    """A forecast of the past counts for the owner it had then."""
    grouping = Grouping(By.TEAM, scope(people=PEOPLE))
    handed = deal("new 0", owner={1: "7", 5: "8"})
    teams = [grouping.at(handed, day(at)) for at in (1, 2, 5, 6)]
    assert teams == [NONE, *(Group(name, name) for name in ("Norge", "Norge", "Sverige"))]


@pytest.mark.parametrize("owner", ["9", None])
def test_nobody_knows_the_team_of_a_stranger(deal, scope, owner):
    """An owner no account knows has no team, and so has a deal without an owner."""
    assert Grouping(By.TEAM, scope(people=PEOPLE)).of(deal("new 0", owner=owner)) == NONE


def test_people_can_be_shown_by_id(deal, scope):
    """With owners = "ids" no name comes out, and several accounts tell theirs apart."""
    ids = Privacy(Naming.IDS)
    theirs = deal("new 0", owner="7")
    assert Grouping(By.OWNER, scope(people=PEOPLE, privacy=ids)).of(theirs) == Group("7", "7")
    both = replace(scope(people=PEOPLE), accounts=("norge", "sverige"))
    assert Grouping(By.OWNER, both).of(theirs) == Group("norge/7", "Kari Hauge")


def test_a_field_groups_by_its_value_at_the_closing(deal, scope):
    """Product, region and source are told by the field of that name; empty is none."""
    grouping = Grouping(By.PRODUCT, scope())
    assert grouping.of(deal("new 0, lost 4", product={0: "GTX", 6: "MG"})) == Group("GTX", "GTX")
    assert grouping.of(deal("new 0", product={0: "GTX", 6: None})) == NONE
    assert grouping.of(deal("new 0")) == NONE


def test_stages_and_phases_are_those_of_the_process(deal, scope):
    """A stage no process knows is none, and a phase is shared by stages."""
    stages = (
        FunnelStage("new", "New", Outcome.OPEN, 0.1, phase="early"),
        FunnelStage("won", "Won", Outcome.WON, 1.0),
    )
    frame, path = scope(Funnel("sales", "Sales", stages)), "new 0"
    assert Grouping(By.STAGE, frame).of(deal(path)) == Group("new", "New")
    assert Grouping(By.PHASE, frame).of(deal(path)) == Group("early", "early")
    assert Grouping(By.STAGE, frame).of(deal("off 0")) == NONE
    assert Grouping(By.PHASE, frame).of(deal("- 0")) == NONE


def test_config_can_forbid_reps(scope):
    """With owners = "off" nothing is split by owner; teams may be."""
    off = scope(privacy=Privacy(Naming.OFF), fields=frozenset({"owner"}))
    assert split(By.OWNER, off) == Split(By.OWNER, Unsplit.FORBIDDEN)
    assert split(By.OWNER, off).by is None
    assert split(By.TEAM, off).by is By.TEAM


def test_a_field_nobody_tracks_cannot_split(scope):
    """Without the field's history there is nothing to split by."""
    assert split(By.REGION, scope()).refused is Unsplit.UNTRACKED
    assert split(By.REGION, scope(fields=frozenset({"region"}))).by is By.REGION
    assert split(By.STAGE, scope()).by is By.STAGE
    assert split(None, scope()) == Split()


def test_small_groups_of_people_are_told_as_one():
    """Kari's two deals go up in the others, and Erik's with them, lest the total give them away."""
    cells = {Group(name, name): n for name, n in (("Kari", 2), ("Erik", 6), ("Lars", 9))}
    told = pooled(cells, int, By.OWNER, Privacy(minimum_group=5))
    assert told == {Group("Lars", "Lars"): 9, OTHERS: 8}


def test_others_are_as_many_as_it_takes_and_no_more():
    """Two and three deals make five, so nobody else has to hide with them."""
    cells = {Group(name, name): n for name, n in (("Kari", 2), ("Erik", 3), ("Lars", 9))}
    told = pooled(cells, int, By.OWNER, Privacy(minimum_group=5))
    assert told == {Group("Lars", "Lars"): 9, OTHERS: 5}


def test_large_groups_are_told_largest_first():
    """Every group is large enough; deals of nobody come last, for they are no one's figure."""
    cells = {NONE: 50, KARI: 5, ERIK: 9}
    assert list(pooled(cells, int, By.OWNER, Privacy())) == [ERIK, KARI, NONE]


def test_products_are_no_people():
    """A product with one deal stands by itself."""
    assert pooled({KARI: 1, ERIK: 9}, int, By.PRODUCT, Privacy()) == {ERIK: 9, KARI: 1}


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(1, 30)),
    st.integers(1, 12),
)
def test_no_sum_gives_a_hidden_group_away(sizes, least):
    """Whoever is told of has enough deals, the others too, and no deal is lost among them."""
    cells = {Group(name, name): n for name, n in sizes.items()}
    told = pooled(cells, int, By.TEAM, Privacy(minimum_group=least))
    assert all(n >= least for n in told.values())
    assert sum(told.values()) == (sum(sizes.values()) if told else 0)
    assert bool(told) == (sum(sizes.values()) >= least)


def test_deals_of_nobody_hide_no_one():
    """Kari's two deals would be what is missing to the total, so it is not split at all."""
    assert pooled({KARI: 2, NONE: 50}, int, By.OWNER, Privacy()) == {}


def test_a_split_funnel_leads_with_its_total():
    """All of a funnel comes first and is the sum of its groups; unsplit there is nothing to add."""
    cells = {(1, KARI): 6, (0, KARI): 7, (0, ERIK): 8}
    split_up = by_funnel(cells, int, By.OWNER, Privacy())
    assert split_up == {0: {ALL: 15, ERIK: 8, KARI: 7}, 1: {ALL: 6, KARI: 6}}
    assert by_funnel({(0, ALL): 15}, int, None, Privacy()) == {0: {ALL: 15}}
