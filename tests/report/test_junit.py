"""Drift as JUnit XML: what readers insist on, and that no text of a CRM can break it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connector.model import Binding, Process
from connector.report.as_junit import Case, FailedSuite, Suite, Verdict, to_junit
from connector.report.drift_standing import History
from connector.report.drift_suite import drift_suite

AT = datetime(2026, 11, 21, 2, 10, tzinfo=UTC)
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "data" / "junit.xsd"))


def parsed(document: bytes) -> etree._Element:
    """The document's root, once the schema finds no fault with it."""
    root = etree.fromstring(document)
    SCHEMA.assertValid(root)
    return root


@pytest.fixture
def processes():
    bindings = (Binding("norge", "default", "nb"), Binding("norge", "9912345", "nb"))
    return (Process("new-business", "Nysalg", "nb", (), bindings=bindings),)


@pytest.fixture
def suite(open_drifts, remote, live, processes, history):
    return drift_suite(open_drifts, "norge", remote, live, processes, AT, history)


def test_drift_as_junit(suite, golden):
    """Accounts are suites, pipelines and stages cases; an account that failed is an error."""
    failed = FailedSuite("usa", AT, "Unreachable", "HubSpot did not answer in time.")
    document = to_junit((suite, failed))
    parsed(document)
    golden("drift-junit.xml", document.decode())


def test_every_stage_is_a_case_and_every_drift_is_told(suite, open_drifts, history, live):
    """A stage without drift passes, and no drift is left out of the text of its case."""
    root = parsed(to_junit([suite]))
    text = "".join(root.itertext())
    assert all(drift.id in text for drift in open_drifts)
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert all(any(stage.id in name for _, name in cases) for stage in live[0].stages)
    assert len(cases) == len(set(cases))


def test_the_worst_severity_is_the_type_of_a_failure(open_drifts, remote, live, processes):
    """A case fails once, by the worst of its drifts, because some readers see one failure only."""
    every = (*open_drifts, replace(open_drifts[0], stage="decisionmakerboughtin"))
    suite = drift_suite(every, "norge", remote, live, processes, AT, History())
    case = next(c for c in suite.cases if "decisionmakerboughtin" in c.name)
    assert case.verdict is not None
    assert (case.verdict.code, len(case.verdict.lines)) == ("structural", 2)


def test_the_counts_are_those_of_the_cases(suite):
    """Readers that trust the attributes and readers that count come to the same."""
    element = parsed(to_junit([suite]))[0]
    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        assert int(element.get(attribute)) == len(list(element.iter(tag)))


def test_no_account_is_a_document_too():
    """Without accounts there is an empty document, not an empty file."""
    assert len(parsed(to_junit([]))) == 0


TEXT = st.text(st.characters(), min_size=1) | st.sampled_from(
    [
        "]]>",
        "<![CDATA[",
        "&amp;",
        '"/><failure/>',
        "\x00",
        "\x1b[31m",
        "\ufffe\uffff",
        "\ud800",
        "<!--",
    ]
)


@settings(max_examples=200)
@given(TEXT, TEXT, TEXT, st.lists(TEXT, max_size=3))
def test_no_text_breaks_the_document(group, name, summary, lines):
    """Any text of a CRM or a person leaves a document that can be read, with one case in it."""
    verdict = Verdict("failure", "structural", summary, tuple(lines))
    case = Case(f"norge.{group}", f"{name} [1]", verdict)
    document = to_junit([Suite("norge", AT, (("account_name", summary),), (case,))])
    root = parsed(document)
    assert [each.tag for each in root.iter("testcase", "failure")] == ["testcase", "failure"]
    assert not any(ord(c) < 32 and c != "\n" for c in document.decode())
