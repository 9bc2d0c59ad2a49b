import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import example, given, reject
from hypothesis import strategies as st

from connector.tomlfile.marks import Place, comment_lines, marks

TRICKY = """\
# [[stage]]
title = "a # b = [c]" # x
"quoted.key" = 1
dotted . "in parts".key = 2
at = 1979-05-27 07:32:00 # with a space
text = \"\"\"
[[stage]]
key = "no" \\\"\"\" \"\"\"\"\"
raw = '''
# not a comment'''''
empty = [\"\", '', \"\"\"\"\"\", '''''']

[[stage]]
exit = [ # ]
    { key = "a", deep = { list = [1, [2, 3]] } },  # {
    { key = "}" },
]
[stage.labels]
nb = "Møte"
[[stage.tasks]]
title = 't'
[[stage.tasks]]
title = 'u'
[ other . "table" ]
x = true
[[stage]]
labels.sv = "Möte"
"""

plain = st.text(st.characters(exclude_categories=("C",), exclude_characters="'\"\\"), max_size=6)
strings = st.one_of(
    plain.map(lambda text: f'"{text} # [\\" = "'),
    plain.map(lambda text: f"'{text}\"'"),
    plain.map(lambda text: f'"""{text}\n[[x]]\n"" \\""""'),
    plain.map(lambda text: f"'''\n{text} = ' '''''"),
)
values = st.recursive(
    st.one_of(strings, st.sampled_from(["1", "2.5", "true", "1979-05-27", "1979-05-27 07:32:00"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: "[ # [\n" + " ,\n".join(parts) + "\n]"),
        st.lists(inner.filter(lambda part: "\n" not in part), max_size=3).map(
            lambda parts: f"{{ {', '.join(f'k{i} = {part}' for i, part in enumerate(parts))} }}"
        ),
    ),
    max_leaves=6,
)
tables = st.lists(
    st.tuples(st.sampled_from(["[[a]]", "[[a.b]]", "[[ 'c d' ]]"]), st.lists(values, max_size=4)),
    max_size=5,
)


def written(parts: list[tuple[str, list[str]]]) -> str:
    """A TOML text of array tables with one key per value, beginning with the outer table."""
    lines = ["[[a]]"]
    for header, each in parts:
        lines += [f"  {header} # = [", *(f"key-{i} = {v} # {{" for i, v in enumerate(each)), ""]
    return "\n".join(lines)


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from leaves(inner, (*place, key))
        case list():
            for index, inner in enumerate(value):
                yield from leaves(inner, (*place, index))
        case _:
            yield place, value


@st.composite
def cut(draw) -> str:
    """The tricky text with a piece missing, where that still is TOML."""
    start, length = draw(st.integers(0, len(TRICKY))), draw(st.integers(0, 40))
    text = TRICKY[:start] + TRICKY[start + length :]
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        reject()
    return text


@given(tables.map(written) | cut())
@example(TRICKY)
def test_every_value_is_where_its_mark_says(text):
    """The text between a mark's start and end is the value tomllib found at that place."""
    found = marks(text)
    for place, value in leaves(tomllib.loads(text)):
        mark = found[place]
        assert tomllib.loads(f"x = {text[mark.start : mark.end]}") == {"x": value}
        assert mark.line <= text.count("\n", 0, mark.start) + 1


def test_lines_are_those_a_person_counts():
    """A key's line is where the key stands, also behind multi-line texts and lists."""
    lines = {place: mark.line for place, mark in marks(TRICKY).items()}
    assert lines["title",] == 2
    assert lines["text",] == 6
    assert lines["raw",] == 9
    assert lines["stage", 0] == 13
    assert lines["stage", 0, "exit", 1, "key"] == 16
    assert lines["stage", 0, "labels", "nb"] == 19
    assert lines["stage", 0, "tasks", 1, "title"] == 23
    assert lines["stage", 1, "labels", "sv"] == 27


def test_comment_lines_are_comments_alone_on_a_line():
    """A `#` within a text, or behind a value, makes no comment line."""
    assert comment_lines("# a\nb = 1 # c\n  # d\ne = '''\n# f'''\n") == [1, 3]
