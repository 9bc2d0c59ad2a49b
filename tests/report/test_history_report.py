import json

import pytest

from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from connector.report.history import history_document, moment_document

REPORTS = {"history": "history_report", "pipelines-then": "moment_report"}
FORMS = {"txt": to_text, "md": to_markdown, "json": to_json}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", REPORTS)
def test_the_words_of_a_history(name, form, request, golden):
    """Every sort of edit and hand, as text, Markdown and JSON."""
    golden(f"{name}.{form}", FORMS[form](request.getfixturevalue(REPORTS[name])))


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal(name, width, request):
    """Text fits 80, 100 and 120 columns."""
    from rich.cells import cell_len

    lines = to_text(request.getfixturevalue(REPORTS[name]), width).splitlines()
    assert max(map(cell_len, lines)) <= width


def test_nothing_known_is_said_plainly(remote):
    """A history without edits and a moment without pipelines say so."""
    empty = history_document((), "norge", remote, {}, remote.now)
    assert "Nothing is known to have changed." in to_text(empty)
    before = moment_document((), "norge", remote, {}, remote.now)
    assert "There was no pipeline then." in to_text(before)


def test_an_inexact_instant_says_how_well_it_is_known(history_report):
    """Programs learn from `known` whether `at` is the instant or the latest it can be."""
    edits = json.loads(to_json(history_report))["edits"]
    told = {(edit["known"], edit["at"] is not None, edit["after"] is not None) for edit in edits}
    assert told == {
        ("exact", True, False),
        ("between", True, True),
        ("before-history", True, False),
    }
