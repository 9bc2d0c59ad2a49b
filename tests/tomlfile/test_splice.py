import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.tomlfile import append, literal, put, reorder

STAGES = """\
version = 1  # of the file

# About a.
# Still about a.
[[stage]]
key = "a"  # first

labels.en = "A"
exit = [
    { key = "x" },  # inner
]

# A section of its own.

[[stage]]
    key = "b"
    [stage.labels]
    en = "B"
    # Below b.

[[stage]]
key = "c"
labels = { en = "C" }
# About the table.
[[bindings]]
account = "norge"
"""

texts = st.text(st.characters(codec="utf-8"))


@given(
    st.recursive(
        st.one_of(texts, st.booleans(), st.integers(-99, 99), st.floats(allow_nan=False)),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(texts, inner)),
        max_leaves=8,
    )
)
def test_a_literal_reads_back_as_its_value(value):
    """Any text, number, list or table written as TOML reads the same and stays on a line."""
    assert tomllib.loads(f"x = {literal(value)}") == {"x": value}
    assert "\n" not in literal(value)


@pytest.mark.parametrize(
    ("place", "after", "gone", "come"),
    [
        (("version",), "", "version = 1  # of the file", "version = 2  # of the file"),
        (("note",), "version", None, "note = 2"),
        (("stage", 0, "key"), "", 'key = "a"  # first', "key = 2  # first"),
        (("stage", 0, "exit"), "", None, None),
        (("stage", 0, "ask"), "exit", None, "ask = 2"),
        (("stage", 0, "labels", "sv"), "key", None, "labels.sv = 2"),
        (("stage", 1, "labels", "sv"), "key", None, "    sv = 2"),
        (("stage", 1, "ask"), "key", None, "    ask = 2"),
        (("stage", 2, "labels", "s v"), "", None, 'labels = { en = "C", "s v" = 2 }'),
        (("bindings", 0, "stages", "a"), "account", None, "stages = { a = 2 }"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_put_changes_one_value_and_nothing_else(place, after, gone, come, newline):
    """Only the key that was meant has a new value, and every other line is as it was."""
    text = STAGES.replace("\n", newline)
    changed = put(text, place, 2, after)
    expected = tomllib.loads(text)
    table = expected
    for part in place[:-1]:
        table = table.setdefault(part, {}) if isinstance(part, str) else table[part]
    table[place[-1]] = 2
    assert tomllib.loads(changed) == expected
    before, now = text.split(newline), changed.split(newline)
    if come:
        assert come in now
        assert [line for line in now if line not in before] == [come]
    if gone:
        assert [line for line in before if line not in now] == [gone]
    assert "\n" not in changed.replace(newline, "")


def test_an_empty_inline_table_takes_a_first_key():
    """`{}` becomes a table with the one pair."""
    assert put("labels = {}", ("labels", "nb"), "Møte") == 'labels = { nb = "Møte" }'


def test_put_below_the_last_line_needs_no_newline():
    """A file without a newline at its end gets its new key on a line of its own."""
    assert put("a = 1 # one", ("b",), 2, after="a") == "a = 1 # one\nb = 2"


def test_reorder_takes_comments_along_and_leaves_gaps():
    """Tables move with the comment lines right above them; blank lines between tables stay."""
    moved = reorder(STAGES, "stage", [2, 0, 1])
    assert [stage["key"] for stage in tomllib.loads(moved)["stage"]] == ["c", "a", "b"]
    assert '# About a.\n# Still about a.\n[[stage]]\nkey = "a"  # first' in moved
    assert 'en = "B"\n    # Below b.\n' in moved
    assert "\n\n# A section of its own.\n\n" in moved
    assert "# About the table.\n[[bindings]]" in moved
    assert sorted(moved.splitlines()) == sorted(STAGES.splitlines())


@given(st.permutations(range(3)))
def test_reorder_and_back_is_the_same_text(order):
    """Where blank lines stand between tables, undoing restores the text to the letter."""
    text = STAGES.replace("\n# About the table.", "\n\n# About the table.")
    back = [order.index(index) for index in range(3)]
    assert reorder(reorder(text, "stage", order), "stage", back) == text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_append_keeps_the_ends_of_lines(newline):
    """An appended block ends its lines as the rest of the file does, one blank line below it."""
    text = f"a = 1{newline}{newline}{newline}"
    assert append(text, "b = 2\nc = 3\n") == newline.join(["a = 1", "", "b = 2", "c = 3", ""])
