import json

import pytest

from connector.crm.answers import Answer
from connector.crm.hubspot.decoding import Decoded
from connector.crm.hubspot.records import Record, read_records
from connector.errors import BadAnswer

GOOD = '{"id": "1", "properties": {"dealname": "Gard"}}'


def page(*records: str, paging: str = "null") -> Decoded[Record]:
    body = f'{{"results": [{", ".join(records)}], "paging": {paging}}}'
    return read_records(_answer(body.encode()))


def _answer(body: bytes) -> Answer:
    return Answer("HubSpot", "GET /deals", 200, {"Content-Type": "application/json"}, body)


@pytest.mark.parametrize(
    "bad",
    [
        '{"id": "2", "properties": {"amount": NaN}}',
        '{"id": "2", "properties": {"amount": 1e999}}',
        '{"id": "2", "properties": {"dealname": "half \\ud800"}}',
        '{"id": "2", "properties": {"amount": {"sum": 5}}}',
        '{"id": "2", "properties": "none"}',
        '{"id": "2", "propertiesWithHistory": {"amount": [{"value": "1"}]}}',
        '{"id": "2", "propertiesWithHistory": {"amount": [{"timestamp": 5}]}}',
        '{"id": "2", "archived": "no"}',
    ],
)
def test_a_bad_record_is_set_aside_and_its_page_stays(bad: str):
    """One record that cannot be decoded is named and kept; its neighbours and paging stand."""
    read = page(GOOD, bad, GOOD, paging='{"next": {"after": "3"}}')
    assert [record.text("dealname") for record in read.records] == ["Gard", "Gard"]
    assert [(unread.record, unread.field) for unread in read.unread] == [("2", None)]
    assert read.unread[0].raw.startswith('{"id": "2"')
    assert read.paging is not None


@pytest.mark.parametrize("bad", ["null", "5", '"x"', "[]", '{"properties": {}}', '{"id": null}'])
def test_a_record_without_an_id_is_set_aside(bad: str):
    """A record that does not say which one it is still counts."""
    read = page(GOOD, bad)
    assert (len(read.records), len(read.unread)) == (1, 1)


def test_what_is_kept_of_a_bad_record_is_short_and_can_be_stored():
    """A record set aside is cut to a thousand characters of plain ASCII."""
    read = page('{"id": "2", "archived": "no", "x": "' + "\\ud800æ" * 5000 + '"}')
    assert len(read.unread[0].raw) == 1000
    assert read.unread[0].raw.isascii()


@pytest.mark.parametrize("depth", [100, 900, 950, 980, 1000, 100_000])
def test_a_deep_record_breaks_nothing(depth: int):
    """Nesting beyond reason costs the record, or the answer, and never the run."""
    deep = '{"id": "2", "archived": 0, "x": ' + "[" * depth + "]" * depth + "}"
    try:
        assert len(page(GOOD, deep).unread) == 1
    except BadAnswer:
        assert depth > 100


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b'{"results": null}',
        b'{"results": {}}',
        b'{"results": [], "paging": {"next": {}}}',
        b'{"results": [], "paging": "x"}',
        b'{"results": [' + GOOD.encode(),
        b'{"results": [{"id": "\xff"}]}',
        json.dumps({"message": "not a listing"}).encode(),
    ],
)
def test_an_answer_that_is_no_listing_is_refused(body: bytes):
    """A bad page is refused as a whole; it never passes for one without deals."""
    with pytest.raises(BadAnswer):
        read_records(_answer(body))


def test_a_page_of_html_is_refused():
    """A page of a proxy, sent with status 200, is no listing."""
    with pytest.raises(BadAnswer, match="text/html"):
        read_records(Answer("HubSpot", "GET /deals", 200, {"Content-Type": "text/html"}, b"<p>"))


def test_numbers_and_flags_may_come_bare():
    """Values that come as JSON numbers or booleans read like the strings HubSpot sends."""
    read = page('{"id": 5, "properties": {"a": 1.5, "b": true, "c": null, "d": "x"}}')
    record = read.records[0]
    assert [record.text(name) for name in "abcde"] == ["1.5", "True", "", "x", ""]


def test_a_history_of_null_is_an_empty_one():
    """A property whose history comes as null costs nothing: its deal is read without it."""
    read = page('{"id": "2", "propertiesWithHistory": {"closedate": null}, "archived": null}')
    assert read.unread == ()
    assert read.records[0].versions("closedate") == []
