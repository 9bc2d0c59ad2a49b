from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import values
from connector.crm.answers import Answer
from connector.crm.hubspot.deals import PROPERTY_OF, Reading, read_deal
from connector.crm.hubspot.records import read_records
from connector.model import Change, Field

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
T = [datetime(2026, 11, day, 10, tzinfo=UTC) for day in range(1, 20)]

PRESENT = {
    "dealname": "Turbin til Hålogaland",
    "createdate": "2026-10-01T08:00:00Z",
    "hs_lastmodifieddate": "2026-11-20T08:00:00Z",
    "dealstage": "s1",
    "pipeline": "p1",
}


def version(value: Any, at: datetime, by: int | None = None) -> dict[str, Any]:
    return {"value": value, "timestamp": at.isoformat(), "updatedByUserId": by}


def read(
    present: dict[str, Any] | None = None, history: dict[str, Any] | None = None, **more: Any
) -> Reading:
    """The reading of a deal that has these present values and histories."""
    raw = {"id": "7", "properties": PRESENT | (present or {}), "propertiesWithHistory": history}
    body = msgspec.json.encode({"results": [raw | more]})
    answer = Answer("HubSpot", "GET /deals", 200, {"Content-Type": "application/json"}, body)
    (record,) = read_records(answer).records
    return read_deal(record, PROPERTY_OF, NOW)


def changes(reading: Reading, field: str) -> list[Change]:
    assert reading.deal is not None
    return [change for change in reading.deal.changes if change.field == field]


# --- histories ------------------------------------------------------------------------------------


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_history_comes_out_oldest_first(newest_first: bool):
    """HubSpot fact, 2026-11: the order of a history is not promised, so either one is read."""
    sent = [version("s1", T[0], 5), version("s2", T[1], 6), version("s3", T[2])]
    history = {"dealstage": sent[::-1] if newest_first else sent}
    assert changes(read({"dealstage": "s3"}, history), Field.STAGE) == [
        Change(Field.STAGE, "s1", T[0], by="5"),
        Change(Field.STAGE, "s2", T[1], by="6"),
        Change(Field.STAGE, "s3", T[2]),
    ]


@pytest.mark.parametrize("newest_first", [True, False])
def test_ties_keep_the_order_of_the_source(newest_first: bool):
    """Two versions of one instant keep the order in which they happened."""
    sent = [version(stage, at) for stage, at in [("a", T[0]), ("b", T[1]), ("c", T[1])]]
    reading = read({"dealstage": "c"}, {"dealstage": sent[::-1] if newest_first else sent})
    assert [change.value for change in changes(reading, Field.STAGE)] == ["a", "b", "c"]


def test_ties_alone_are_taken_for_newest_first():
    """Where only ties came, HubSpot's usual order decides."""
    reading = read({"dealstage": "b"}, {"dealstage": [version("b", T[0]), version("a", T[0])]})
    assert [change.value for change in changes(reading, Field.STAGE)] == ["a", "b"]


def test_a_history_that_ends_earlier_is_closed_by_the_present_value():
    """A present value no version tells was taken between the last version and now."""
    reading = read({"amount": "200.0"}, {"amount": [version("100", T[3])]})
    assert changes(reading, Field.AMOUNT) == [
        Change(Field.AMOUNT, "100", T[3]),
        Change(Field.AMOUNT, "200", NOW, not_before=T[3]),
    ]


def test_a_value_without_history_was_taken_since_the_deal_was_made():
    """A present value with no version at all was taken between creation and now."""
    created = datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert changes(read(), Field.STAGE) == [Change(Field.STAGE, "s1", NOW, not_before=created)]


def test_a_present_value_of_the_same_meaning_is_no_change():
    """A present value that is written otherwise than the last version says nothing new."""
    reading = read({"amount": "100.00"}, {"amount": [version("1E2", T[0])]})
    assert [change.value for change in changes(reading, Field.AMOUNT)] == ["100"]


def test_a_clock_behind_the_history_does_not_turn_time_back():
    """A value seen by a clock that lags stands no earlier than the last version."""
    late = NOW + timedelta(seconds=1)
    reading = read({"dealstage": "b"}, {"dealstage": [version("a", late)]})
    assert [change.at for change in changes(reading, Field.STAGE)] == [late, late]


@pytest.mark.parametrize("present", [{"amount": None}, {"amount": ""}])
@pytest.mark.parametrize("emptied", [None, ""])
def test_an_emptied_value_is_none(present: dict[str, Any], emptied: str | None):
    """HubSpot facts, 2026-11: an empty value comes as null or as empty text; both mean none."""
    reading = read(present, {"amount": [version(emptied, T[1]), version("5", T[0])]})
    assert [change.value for change in changes(reading, Field.AMOUNT)] == ["5", None]


def test_a_missing_property_leaves_the_history_alone():
    """HubSpot facts, 2026-11: an empty property may be left out, which contradicts no history."""
    reading = read(history={"amount": [version("5", T[0])]})
    assert [change.value for change in changes(reading, Field.AMOUNT)] == ["5"]


def test_null_after_a_value_is_seen_as_emptied():
    """A null that no version tells was taken between the last version and now."""
    reading = read({"amount": None}, {"amount": [version("5", T[0])]})
    assert changes(reading, Field.AMOUNT)[-1] == Change(Field.AMOUNT, None, NOW, not_before=T[0])


@pytest.mark.parametrize("history", [None, {}, {"amount": []}])
def test_a_field_never_filled_has_no_change(history: dict[str, Any] | None):
    """Null without history is no change at all."""
    assert changes(read({"amount": None}, history), Field.AMOUNT) == []


def test_close_dates_are_instants():
    """Close dates come as ISO text or as epoch milliseconds and are stored as one text."""
    sent = [version("2026-12-24", T[1]), version("1795255200000", T[0])]
    reading = read({"closedate": "2026-12-24T00:00:00Z"}, {"closedate": sent})
    assert [change.value for change in changes(reading, Field.CLOSE_DATE)] == [
        "2026-11-21T10:00:00.000Z",
        "2026-12-24T00:00:00.000Z",
    ]


_instants = st.sampled_from(T)
_texts = st.sampled_from(["a", "b", "c", "", None])
_amounts = st.decimals(min_value=0, max_value=10**9, places=2).map(str)


@given(st.lists(st.tuples(_texts, _instants), max_size=8), st.sampled_from(["a", "b", "c"]))
def test_the_last_change_is_the_present_value(told: list[tuple[Any, datetime]], present: str):
    """Whatever history comes in whatever order, its changes rise and end in the present value."""
    reading = read({"dealstage": present}, {"dealstage": [version(*each) for each in told]})
    found = changes(reading, Field.STAGE)
    assert found[-1].value == present
    assert [change.at for change in found] == sorted(change.at for change in found)
    exact = [change for change in found if change.not_before is None]
    assert sorted(change.at for change in exact) == sorted(at for _, at in told)


@given(st.lists(st.tuples(_amounts, _instants), min_size=1, max_size=8, unique_by=lambda t: t[1]))
def test_amounts_survive_a_round_trip(told: list[tuple[str, datetime]]):
    """Every amount of a history comes out as the sum it was, at its instant."""
    present = max(told, key=lambda each: each[1])[0]
    reading = read({"amount": present}, {"amount": [version(*each) for each in told]})
    assert {(change.value, change.at) for change in changes(reading, Field.AMOUNT)} == {
        (values.amount(text), at) for text, at in told
    }
    assert reading.unread == ()


# --- what makes no sense --------------------------------------------------------------------------


def test_a_bad_value_is_set_aside_once():
    """A present value that the history ends in is one bad value, and the rest of it stands."""
    reading = read({"amount": "abc"}, {"amount": [version("abc", T[1]), version("5", T[0])]})
    assert [change.value for change in changes(reading, Field.AMOUNT)] == ["5"]
    assert [(u.record, u.field, u.reason, u.raw) for u in reading.unread] == [
        ("7", "amount", "is not a number", "abc")
    ]


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1e30", "1 234,5", True])
def test_a_bad_present_value_leaves_the_history(bad: Any):
    """A present value that makes no sense is set aside and its history stands."""
    reading = read({"amount": bad}, {"amount": [version("5", T[0])]})
    assert [change.value for change in changes(reading, Field.AMOUNT)] == ["5"]
    assert [unread.raw for unread in reading.unread] == [str(bad)]


@pytest.mark.parametrize(
    "bad", ["", "soon", "3093527980800000", "99999-01-01T00:00:00Z", "9999-12-31T23:00:00-05:00"]
)
def test_a_version_without_an_instant_is_set_aside(bad: str):
    """One version that nobody can date does not cost the deal."""
    sent = [{"value": "s2", "timestamp": bad}, version("s1", T[0])]
    reading = read({"dealstage": "s1"}, {"dealstage": sent})
    assert [change.value for change in changes(reading, Field.STAGE)] == ["s1"]
    assert [(u.field, u.reason) for u in reading.unread] == [
        ("stage", "its timestamp is not a date")
    ]


@pytest.mark.parametrize(
    "odd",
    ["1795255200000", "2026-11-21T10:00:00", "2026-11-21T10:00Z", "2026-11-21T12:00:00+02:00"],
)
def test_an_instant_may_be_written_in_another_way(odd: str):
    """A timestamp that is no ISO 8601 in UTC with seconds counts all the same."""
    sent = [{"value": "s2", "timestamp": odd, "updatedByUserId": 5}, version("s1", T[0])]
    assert changes(read({"dealstage": "s2"}, {"dealstage": sent}), Field.STAGE) == [
        Change(Field.STAGE, "s1", T[0]),
        Change(Field.STAGE, "s2", datetime(2026, 11, 21, 10, tzinfo=UTC), by="5"),
    ]


def test_a_bad_amount_in_home_currency_is_set_aside():
    """The amount in home currency may make no sense without harm to the deal."""
    reading = read({"amount_in_home_currency": "?"})
    assert reading.deal is not None
    assert reading.deal.home_amount is None
    assert [unread.field for unread in reading.unread] == ["home_amount"]


@pytest.mark.parametrize(
    ("present", "reason"),
    [
        ({"dealstage": None}, "it is in no stage"),
        ({"dealstage": ""}, "it is in no stage"),
        ({"createdate": "x"}, "its createdate is not a date"),
        ({"createdate": None}, "its createdate is not a date"),
        ({"hs_lastmodifieddate": "x"}, "its hs_lastmodifieddate is not a date"),
    ],
)
def test_a_record_that_is_no_deal_is_set_aside(present: dict[str, Any], reason: str):
    """Without a stage or the dates of its life a record is no deal, and says why."""
    reading = read(present)
    assert (reading.deal, reading.merged) == (None, ())
    assert [(u.record, u.field, u.reason) for u in reading.unread] == [("7", None, reason)]
    assert "Hålogaland" in reading.unread[0].raw


def test_a_date_left_out_is_taken_from_the_record():
    """The record's own dates stand in for properties that are missing or make no sense."""
    reading = read(
        {"createdate": None, "hs_lastmodifieddate": "?"},
        createdAt="2026-01-02T00:00:00Z",
        updatedAt="2026-03-04T00:00:00Z",
    )
    assert reading.deal is not None
    assert (reading.deal.created_at.month, reading.deal.modified_at.month) == (1, 3)


@pytest.mark.parametrize(
    "name", ["", "\x00", "=1+1", "[/x]", "\x1b[31m", "🦊" * 10_000, "x" * 10_000]
)
def test_a_name_is_kept_as_it_is(name: str):
    """A name is read as it was written; where it is shown, it is made harmless."""
    deal = read({"dealname": name}).deal
    assert deal is not None
    assert deal.name == name


# --- merged and archived --------------------------------------------------------------------------


def test_merged_ids_are_known_since_a_version_names_them():
    """HubSpot fact, 2026-11: the ids merged into a deal stand in hs_merged_object_ids."""
    history = {"hs_merged_object_ids": [version("8;9", T[2]), version("8", T[1])]}
    merged = read({"hs_merged_object_ids": "8;9"}, history).merged
    assert [(m.id, m.into, m.at) for m in merged] == [("8", "7", T[1]), ("9", "7", T[2])]


def test_merged_ids_without_history_are_dated_by_the_last_modification():
    """Where no version names a merged id, it was merged by the last modification."""
    merged = read({"hs_merged_object_ids": "8"}).merged
    assert [(m.id, m.into, m.at) for m in merged] == [
        ("8", "7", datetime(2026, 11, 20, 8, tzinfo=UTC))
    ]


@pytest.mark.parametrize("present", [{}, {"hs_merged_object_ids": None}])
def test_most_deals_have_nothing_merged_into_them(present: dict[str, Any]):
    """No merged ids, no merges."""
    assert read(present).merged == ()


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-11-19T00:00:00Z", datetime(2026, 11, 19, tzinfo=UTC)),
        (None, datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("?", datetime(2026, 11, 20, 8, tzinfo=UTC)),
    ],
)
def test_an_archived_deal_says_when(told: str | None, at: datetime):
    """An archived deal is gone since archivedAt, or by its last modification."""
    deal = read(archived=True, archivedAt=told).deal
    assert deal is not None
    assert deal.archived_at == at


def test_an_active_deal_is_not_archived():
    """A date of archiving without the flag, as a restored deal may have it, means nothing."""
    deal = read(archived=False, archivedAt="2026-11-19T00:00:00Z").deal
    assert deal is not None
    assert deal.archived_at is None
