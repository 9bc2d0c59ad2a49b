from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.model import Change, EditStage, Field, Merged, Owner, StageValues, Unread
from connector.store import history, journal
from connector.store.check import check

TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
NASTY = [
    pytest.param("\ud800", id="half a surrogate pair"),
    pytest.param("\udc80\ud83d\ude00", id="surrogates"),
    pytest.param("a\0b", id="NUL"),
    pytest.param("x" * 10_000, id="10,000 characters"),
    pytest.param("🧾 \u202eعقد", id="emoji and right to left"),
    pytest.param("'; DROP TABLE deals; --", id="SQL"),
    pytest.param("", id="empty"),
]


@pytest.mark.parametrize("text", NASTY)
def test_any_text_can_be_promoted(norge, sales, deal, day, text):
    """No text a CRM can send, in whatever place, stops a pull."""
    stage = replace(sales.stages[0], id=text, label=text)
    pipelines = (sales, replace(sales, id="odd", label=text, stages=(stage,)))
    read = deal(text, (text, 1), amount=text, owner=text, name=text, currency=text)
    promoted = norge.pull(
        read,
        deal("2", ("met", 1)),
        merged=(Merged("2", text, day(2)),),
        unread=(Unread(text, text, text, text),),
        pipelines=pipelines,
        owners=(Owner(text, text, text, text, text),),
    )
    assert (promoted.deals_new, promoted.deals_gone, promoted.quarantined) == (2, 1, 1)
    assert check(norge.db) == ()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(TEXTS)
def test_text_that_utf8_can_hold_comes_back_as_it_was(norge, deal, text):
    """Only half surrogate pairs are replaced; all other text is kept to the letter."""
    norge.pull(deal("1", ("met", 1), name=text))
    stored = norge.rows("SELECT name FROM deals")[0][0]
    assert stored == text.encode("utf-8", "replace").decode()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(st.decimals(allow_nan=False, allow_infinity=False).map(lambda amount: f"{amount:f}"))
def test_amounts_are_kept_to_the_last_digit(norge, deal, amount):
    """Money is text in the database, however large or fine."""
    norge.pull(deal("1", ("met", 1), amount=amount))
    assert norge.rows("SELECT amount FROM deals") == [(amount,)]
    assert len(history.standings(norge.db, norge.id)) == 1


@pytest.mark.parametrize("slot", [2**63, -(2**63) - 1, 2**200])
def test_a_slot_no_integer_can_hold_is_forgotten(norge, sales, slot):
    """A place in the order that SQLite cannot hold is unknown, and makes no version every pull."""
    odd = replace(sales, stages=(replace(sales.stages[0], slot=slot), *sales.stages[1:]))
    for at in (1, 2):
        norge.pull(at=at, pipelines=(odd,))
    assert history.pipelines_now(norge.db, norge.id)[0].stages[0].slot is None
    assert norge.db.table("pipeline_versions").count == 1


def test_a_probability_that_is_no_number_is_unknown(norge, sales):
    """NaN equals nothing, not even itself, so it must not be compared on every pull."""
    odd = replace(sales, stages=(replace(sales.stages[0], probability=float("nan")),))
    for at in (1, 2):
        norge.pull(at=at, pipelines=(odd,))
    assert history.pipelines_now(norge.db, norge.id)[0].stages[0].probability is None
    assert norge.db.table("pipeline_versions").count == 1


@pytest.mark.parametrize("year", [1, 9999])
def test_instants_at_the_ends_of_time_are_kept(norge, deal, day, year):
    """A close date typed with a wrong century is stored, not refused."""
    at = day(0).replace(year=year)
    changes = (Change(Field.STAGE, "met", at), Change(Field.CLOSE_DATE, at.isoformat(), at))
    norge.pull(replace(deal("1"), changes=changes, created_at=at, modified_at=at))
    assert norge.rows("SELECT substr(created_at, 1, 4) FROM deals_now") == [(f"{year:04}",)]


def test_the_journal_holds_any_label(norge, day):
    """A label half a surrogate pair got into can still be corrected, and its answer noted."""
    run = journal.begin_apply(norge.db, norge.id, "f1", "\ud800", day(1))
    change = EditStage("sales", "met", StageValues("\ud800"), StageValues("Met"))
    journal.sent(norge.db, run, 0, change, day(1))
    journal.settle(norge.db, run, 0, journal.State.FAILED, "no: \ud800", day(1))
    assert journal.entries(norge.db, run)[0].note == "no: ?"
