"""The stream of deals with their past, as of an instant and nothing later."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.metrics.deal_history import DealHistory, Visit, value_at, visit_at
from connector.metrics.funnel import Place
from connector.metrics.periods import Window
from connector.model import Change, Field, Merged, Outcome, Page
from connector.store import accounts, history, landing, promotion, pulls
from connector.store.deal_histories import Selection, deal_histories
from connector.store.instants import to_ms

FRESH = count(1)
OUTCOMES = {"won": Outcome.WON, "lost": Outcome.LOST}
EVERYTHING = frozenset({Field.AMOUNT, Field.CLOSE_DATE, Field.OWNER, "region"})


def places_of(account) -> dict[int, Place]:
    keys = history.stage_keys(account.db, account.id)
    return {
        key: Place(0, step, OUTCOMES.get(stage, Outcome.OPEN), key)
        for step, (stage, key) in enumerate(keys.items())
    }


def told(account, at, *, currency="NOK", **narrowed) -> list[DealHistory]:
    selection = Selection(
        (account.id,), to_ms(at), places_of(account), EVERYTHING, currency, **narrowed
    )
    return list(deal_histories(account.db, selection))


def days(norge, visit: Visit) -> tuple:
    stages = {key: stage for stage, key in history.stage_keys(norge.db, norge.id).items()}
    return stages[visit.place.stage], visit.entered, visit.left, bool(visit.cut)


def test_a_visit_that_ended_later_has_not_ended_yet(norge, deal, day):
    """As of an instant a later move, and whatever happened at the very instant, is unknown."""
    norge.pull(deal("1", ("met", 1), ("offered", 3), ("won", 5)))
    (known,) = told(norge, day(5))
    assert [days(norge, visit) for visit in known.visits] == [
        ("met", to_ms(day(1)), to_ms(day(3)), False),
        ("offered", to_ms(day(3)), None, False),
    ]
    assert known.closed(0) is None
    (later,) = told(norge, day(5.1))
    assert later.closed(0).entered == to_ms(day(5))


def test_a_deal_without_anything_dated_before_is_not_there(norge, deal, day):
    """A deal first heard of at the instant does not exist as of it."""
    norge.pull(deal("1", ("met", 1)), deal("2", ("met", 3)))
    assert [each.id for each in told(norge, day(3))] == ["1"]


def test_a_deal_is_gone_only_after_it_went(norge, deal, day):
    """An archived deal lives as of earlier instants, and its last visit is cut as of later ones."""
    norge.pull(deal("1", ("met", 1), archived_at=day(4)))
    (before,) = told(norge, day(4))
    (after,) = told(norge, day(4.1))
    assert (before.gone, before.visits[0].left) == (None, None)
    assert (after.gone, after.visits[0].left, bool(after.visits[0].cut)) == (
        to_ms(day(4)),
        to_ms(day(4)),
        True,
    )


def test_a_merged_deal_ends_with_the_merge(norge, deal, day):
    """A merge ends a deal as archiving does."""
    norge.pull(deal("1", ("met", 1)), deal("2", ("met", 1)), merged=(Merged("2", "1", day(3)),))
    assert [each.gone for each in told(norge, day(9))] == [None, to_ms(day(3))]


def test_fields_come_as_timelines(norge, deal, day):
    """Amounts are hundredths, close dates milliseconds, and an emptied field is None."""
    read = deal("1", ("met", 1), amount="1500.5", owner="kari")
    more = (
        Change(Field.AMOUNT, None, day(2)),
        Change(Field.CLOSE_DATE, "2026-02-01T00:00:00Z", day(2)),
        Change("region", "Norge", day(3)),
    )
    norge.pull(replace(read, changes=(*read.changes, *more)))
    (known,) = told(norge, day(4))
    assert known.amounts == [(to_ms(day(1)), 150_050), (to_ms(day(2)), None)]
    assert known.closes == [(to_ms(day(2)), to_ms(day(31)))]
    assert known.owners == [(to_ms(day(1)), "kari")]
    assert known.values["region"] == [(to_ms(day(3)), "Norge")]
    assert value_at(known.amounts, to_ms(day(2))) == 150_050
    assert value_at(known.owners, to_ms(day(1))) is None
    assert visit_at(known.visits, to_ms(day(1))) is None


def test_a_field_without_history_counts_since_creation(norge, deal, day):
    """A value first seen late, that may have been so since the deal was made, counts from there."""
    read = deal("1", ("met", 1))
    seen = Change(Field.AMOUNT, "10", day(50), not_before=day(1))
    norge.pull(replace(read, changes=(*read.changes, seen)))
    (known,) = told(norge, day(2))
    assert known.amounts == [(to_ms(day(1)), 1_000)]


def test_a_change_known_to_an_interval_counts_at_its_later_end(norge, deal, day):
    """Between two pulls nobody knows when; it counts from when it was seen."""
    read = deal("1", ("met", 1), amount="10")
    seen = Change(Field.AMOUNT, "20", day(50), not_before=day(40))
    norge.pull(replace(read, changes=(*read.changes, seen)))
    assert told(norge, day(45))[0].amounts == [(to_ms(day(1)), 1_000)]
    assert told(norge, day(51))[0].amounts[-1] == (to_ms(day(50)), 2_000)


@pytest.mark.parametrize(
    ("currency", "home", "rates", "hundredths"),
    [
        ("NOK", None, {}, 10_000),
        ("", None, {}, 10_000),
        ("EUR", None, {"EUR": 11.5}, 115_000),
        ("EUR", "1200", {"EUR": 11.5}, 115_000),
        ("EUR", "1200", {}, 120_000),
        ("EUR", None, {}, None),
    ],
)
def test_amounts_come_in_the_report_s_currency(norge, deal, day, currency, home, rates, hundredths):
    """A named rate comes first, then the CRM's own; without any the amount is missing and told."""
    norge.pull(deal("1", ("met", 1), amount="100", currency=currency, home_amount=home))
    (known,) = told(norge, day(9), rates=rates)
    assert known.amounts == [(to_ms(day(1)), hundredths)]
    assert known.unpriced == (hundredths is None)


def test_narrowed_to_a_window_only_deals_open_in_it_come(norge, deal, day):
    """A deal that was closed before the window, or began after it, is left out, whole."""
    norge.pull(
        deal("early", ("met", 1), ("won", 3)),
        deal("through", ("met", 2), ("offered", 5), ("lost", 9)),
        deal("late", ("met", 8)),
    )
    window = Window(to_ms(day(4)), to_ms(day(7)))
    (known,) = told(norge, day(20), open_in=window)
    assert known.id == "through"
    assert len(known.visits) == 3


def test_only_the_accounts_asked_for_come(norge, deal, day, remote):
    """Deals of another account in the same database stay out, though they lie between."""
    other = accounts.remember(norge.db, "sverige", replace(remote, id="9"))
    norge.pull(deal("1", ("met", 1)), at=100)
    run = pulls.begin(norge.db, other, day(100), Field.ALWAYS)
    landing.land(norge.db, run, Page((deal("1", ("met", 1)),)))
    landing.finish(norge.db, run)
    promotion.promote(norge.db, run, (), (), day(100))
    norge.pull(deal("1", ("met", 1)), deal("2", ("met", 1)), at=101)
    assert [(each.account, each.id) for each in told(norge, day(9))] == [
        ("norge", "1"),
        ("norge", "2"),
    ]


moves = st.lists(
    st.tuples(st.sampled_from(["met", "offered", "won", "lost"]), st.integers(0, 20)), min_size=1
)
worlds = st.lists(
    st.tuples(moves, st.lists(st.tuples(st.integers(1, 99), st.integers(0, 20)))), max_size=5
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds, st.integers(1, 20))
def test_as_of_depends_on_nothing_later(norge, deal, day, remote, world, at):
    """With every change at or after the instant deleted, the same deals are told the same."""
    whole = [_lived(deal, day, number, *life) for number, life in enumerate(world)]
    cut = [
        replace(each, changes=kept)
        for each in whole
        if (kept := tuple(change for change in each.changes if change.at < day(at)))
    ]
    assert _stored(norge, remote, day, whole, at) == _stored(norge, remote, day, cut, at)


def _lived(deal, day, number, moves, amounts):
    made = deal(str(number), *sorted(moves, key=lambda move: move[1]))
    priced = (Change(Field.AMOUNT, str(amount), day(at)) for amount, at in amounts)
    return replace(made, changes=(*made.changes, *sorted(priced, key=lambda change: change.at)))


def _stored(norge, remote, day, deals, at):
    """What is told of these deals, alone in an account of their own."""
    number = next(FRESH)
    account = accounts.remember(norge.db, f"a{number}", replace(remote, id=str(number)))
    run = pulls.begin(norge.db, account, day(100), Field.ALWAYS)
    landing.land(norge.db, run, Page(tuple(deals)))
    landing.finish(norge.db, run)
    promotion.promote(norge.db, run, (), (), day(100))
    stages = {key: stage for stage, key in history.stage_keys(norge.db, account).items()}
    places = {
        key: Place(0, ord(stage[0]), OUTCOMES.get(stage, Outcome.OPEN), 0)
        for key, stage in stages.items()
    }
    selection = Selection((account,), to_ms(day(at)), places, EVERYTHING, "NOK")
    return [(each.id, [*each.visits], each.amounts) for each in deal_histories(norge.db, selection)]
