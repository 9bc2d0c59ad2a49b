"""Results -> Document -> what people and programs read."""

from connector.report.application import application_document
from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.doctor import doctor_document
from connector.report.document import Document
from connector.report.drift import drift_document
from connector.report.drift_standing import History, accepted_document
from connector.report.failure import failure_document
from connector.report.history import history_document, moment_document
from connector.report.plan import plan_document
from connector.report.processes import process_document, processes_document
from connector.report.pulled import pull_document
from connector.report.runs import jobs_document, run_document
from connector.report.what_if import what_if_document

PIPED_WIDTH = 100


def to_text(document: Document, width: int = PIPED_WIDTH, color: bool = False) -> str:
    """The document for a terminal of so many columns; the width is fixed where there is none."""
    from connector.report.as_text import render

    return render(document, width, color)


__all__ = [
    "PIPED_WIDTH",
    "Document",
    "History",
    "accepted_document",
    "application_document",
    "doctor_document",
    "drift_document",
    "failure_document",
    "history_document",
    "jobs_document",
    "moment_document",
    "plan_document",
    "process_document",
    "processes_document",
    "pull_document",
    "run_document",
    "to_json",
    "to_markdown",
    "to_text",
    "what_if_document",
]
