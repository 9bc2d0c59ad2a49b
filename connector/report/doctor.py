"""The report of whether everything connector needs is in order, and how to mend what is not."""

from collections import Counter
from collections.abc import Sequence

from connector.report.doctor_words import LEVELS, check_of, words_of
from connector.report.document import (
    Cell,
    Column,
    Count,
    Document,
    Fact,
    Missing,
    Note,
    Place,
    Table,
    Tone,
    phrase,
)
from connector.report.findings import Finding, Level

_FINDINGS = (
    Column("account", place=Place.HEADING),
    Column("level", "State"),
    Column("check", "Check"),
    Column("code", place=Place.DATA),
    Column("found", "Found"),
    Column("mend", "Mend", Place.UNDER),
)


def doctor_document(findings: Sequence[Finding], file: str) -> Document:
    """Every finding, this machine's first and then account by account; `file` is config.toml."""
    counted = Counter(each.level for each in findings)
    return Document(
        name="doctor",
        version=1,
        title="Is everything in order?",
        facts=(
            Fact("configuration", "Configuration", file),
            Fact("ok", "In order", Count(counted[Level.OK])),
            Fact("warnings", "Warnings", Count(counted[Level.WARNING])),
            Fact("problems", "Problems", Count(counted[Level.PROBLEM])),
        ),
        blocks=(Table("findings", _FINDINGS, tuple(map(_row, findings))), _closing(counted)),
    )


def _row(finding: Finding) -> tuple[Cell, ...]:
    words = words_of(finding)
    return (
        finding.account or Missing("this machine"),
        LEVELS[finding.level],
        check_of(finding),
        finding.code,
        phrase(words.found, **finding.data),
        phrase(words.mend, **finding.data) if words.mend else None,
    )


def _closing(counted: Counter[Level]) -> Note:
    if counted[Level.PROBLEM]:
        return Note("Mend the problems from the top down, then: connector doctor", Tone.BAD)
    if counted[Level.WARNING]:
        return Note("connector works; the warnings say what may bite later.", Tone.CAUTION)
    return Note("Everything is in order.", Tone.GOOD)
