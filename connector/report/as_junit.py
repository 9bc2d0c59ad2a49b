"""Test suites as JUnit XML, in the subset that GitHub actions, GitLab, Jenkins and Ant all read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from connector.report.clean import clean

# XML has no way at all to write these; `clean` took every other character that acts.
_UNWRITABLE = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a case did not pass; `kind` is "failure" or "skipped", `code` what machines sort by."""

    kind: str
    code: str
    summary: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was compared; no verdict means that it is as it should be."""

    group: str
    name: str
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """Everything that was compared in one account at an instant."""

    account: str
    at: datetime
    properties: tuple[tuple[str, str], ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class FailedSuite:
    """An account that could not be asked, and why."""

    account: str
    at: datetime
    code: str
    message: str


def to_junit(suites: Iterable[Suite | FailedSuite]) -> bytes:
    """The suites as one document in UTF-8, in which no text of a CRM means anything."""
    root = Element("testsuites")
    for number, suite in enumerate(suites):
        root.append(_suite(number, suite))
    indent(root)
    document: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return document + b"\n"


def _suite(number: int, suite: Suite | FailedSuite) -> Element:
    """One element; no length of time is told, because nothing runs while values are compared."""
    if isinstance(suite, FailedSuite):
        why = Verdict("error", suite.code, suite.message)
        cases: Sequence[Case] = (Case(suite.account, "read", why),)
        properties: Sequence[tuple[str, str]] = ()
    else:
        cases, properties = suite.cases, suite.properties
    kinds = [case.verdict.kind for case in cases if case.verdict]
    element = Element(
        "testsuite",
        {
            "name": _written(suite.account),
            "package": "connector.drift",
            "id": str(number),
            "timestamp": f"{suite.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
            "hostname": "localhost",
            "tests": str(len(cases)),
            "failures": str(kinds.count("failure")),
            "errors": str(kinds.count("error")),
            "skipped": str(kinds.count("skipped")),
            "time": "0",
        },
    )
    parent = SubElement(element, "properties")
    for name, value in properties:
        SubElement(parent, "property", {"name": name, "value": _written(value)})
    element.extend(_cases(cases))
    SubElement(element, "system-out")
    SubElement(element, "system-err")
    return element


def _cases(cases: Iterable[Case]) -> Iterator[Element]:
    for case in cases:
        element = Element(
            "testcase",
            {"name": _written(case.name), "classname": _written(case.group), "time": "0"},
        )
        if verdict := case.verdict:
            said = {"type": verdict.code, "message": _written(verdict.summary)}
            child = SubElement(element, verdict.kind, said)
            child.text = "\n".join(map(_written, verdict.lines)) or None
        yield element


def _written(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", clean(text))
