"""Text from a CRM never acts, whatever writes it."""

import json
import re
from unicodedata import category

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from connector.report.clean import clean
from connector.report.document import (
    Checklist,
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Items,
    Note,
    Phrase,
    Place,
    Table,
)

NASTY = (
    *"\x00\x07\x1b\x7f\x85\x9b\n\r\t\u2028\u202e\u2066\u200b\u200d\ufeff\ud800\udfff\U000e0041",
    *"|`*_~[]<>&#$!\\-+=:.)",
    "[/x]",
    "[bold red]",
    "\x1b[31m",
    "\x1b]8;;https://evil.example\x07",
    "<script>alert(1)</script>",
    "![x](https://evil.example/x.png)",
    "&amp;",
    "```",
    "\n| a | b |\n",
    "1. ",
    "=HYPERLINK",
    "👨‍👩‍👧",
    "Møte",
    " ",
)
hostile = st.lists(st.sampled_from(NASTY) | st.text(max_size=3), max_size=12).map("".join)
ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def document(text):
    """A document with a CRM's text in every place that can hold it."""
    crm = CrmText(text)
    columns = (
        Column("group", "Group", Place.HEADING),
        Column("label", "Label"),
        Column("labels", "Labels"),
        Column("number", "Number"),
        Column("below", "Below", Place.UNDER),
    )
    row = (crm, crm, Items((crm, crm)), Count(1), Phrase(("it is ", crm)))
    tasks = (
        Column("where", place=Place.HEADING),
        Column("do"),
        Column("order", "Order", Place.UNDER),
        Column("why", "Why", Place.UNDER),
    )
    task = (crm, crm, Items((crm, crm)), crm)
    blocks = (Table("rows", columns, (row,)), Note(crm), Checklist("tasks", tasks, (task,)))
    return Document("test", 1, text, (Fact("fact", "Fact", crm),), blocks)


def inert(text):
    return not any(category(each) in ACTING for each in text if each != "\n")


def said_in(tokens, tag):
    """The words of every element with a tag."""
    opened = [n for n, token in enumerate(tokens) if token.tag == tag and token.nesting == 1]
    return ["".join(child.content for child in tokens[n + 1].children) for n in opened]


@given(hostile)
def test_clean_text_is_one_inert_line(text):
    """No control, invisible format, lone surrogate or line break is left, and nothing is added."""
    cleaned = clean(text)
    assert inert(cleaned)
    assert "\n" not in cleaned
    assert len(cleaned) == len(text)
    assert all(a == b for a, b in zip(text, cleaned, strict=True) if category(a) not in ACTING)


@given(hostile, st.sampled_from([40, 80, 120]))
def test_no_control_character_reaches_a_terminal(text, width):
    """Text without colour holds nothing but what can be seen, and can be encoded."""
    written = to_text(document(text), width)
    assert inert(written)
    written.encode("utf-8")


@given(hostile)
def test_the_only_escapes_of_coloured_text_are_our_own(text):
    """Without the few colours we use, coloured text holds nothing but what can be seen."""
    assert inert(re.sub(r"\x1b\[[0-9;]*m", "", to_text(document(text), 80, color=True)))


@given(hostile)
@example("a|b")
@example("\\")
@example("\\|")
@example("1. x")
@example("- x")
@example("---")
@example("===")
def test_text_means_nothing_in_markdown(text):
    """A parser finds the same table and the cleaned text again, and nothing but text in it."""
    written = to_markdown(document(text))
    assert inert(written)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(written)
    inline = [token for token in tokens if token.type == "inline"]
    assert all(child.type in ("text", "text_special") for t in inline for child in t.children)
    said = clean(text).strip()
    assert said_in(tokens, "td")[0].strip() == said
    assert len(said_in(tokens, "td")) == 4
    assert [each.strip() for each in said_in(tokens, "h1")] == [said]
    # The fact, the task, its three parts below, and the two stages in order.
    assert sum(token.type == "list_item_open" for token in tokens) == 6


@given(hostile)
def test_json_keeps_the_text_to_the_letter(text):
    """JSON holds the CRM's own text, with everything that could act escaped."""
    written = to_json(document(text))
    assert inert(written)
    written.encode("utf-8")
    parsed = json.loads(written)
    # Two lone surrogates side by side are one character to every JSON parser.
    assert parsed["fact"] == json.loads(json.dumps(text))
    assert parsed["rows"][0]["labels"] == [parsed["fact"]] * 2
