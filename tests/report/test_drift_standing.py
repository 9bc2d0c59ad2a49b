"""How long drift has been there, and which of it is accepted, word for word."""

import json

import pytest

from connector.model import Remote
from connector.reconcile.acceptance import Standing
from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from connector.report.drift import drift_document
from connector.report.drift_standing import History
from connector.report.plan import plan_document

FORMS = {"txt": to_text, "md": to_markdown, "json": to_json}


@pytest.mark.parametrize("form", FORMS)
def test_drift_with_its_history(form, standing_report, golden):
    """Each drift says new, still open or back again; accepted ones stand apart, with reasons."""
    golden(f"drift-standing.{form}", FORMS[form](standing_report))


@pytest.mark.parametrize("form", FORMS)
def test_what_is_accepted(form, accepted_report, golden):
    """Each acceptance says how it stands, until when, who and why."""
    golden(f"accepted-drift.{form}", FORMS[form](accepted_report))


def test_every_standing_has_words(accepted_report):
    """No acceptance stands in a way the list cannot tell."""
    rows = json.loads(to_json(accepted_report))["acceptances"]
    assert {row["standing"] for row in rows} == set(Standing)


def test_accepted_drift_is_told_beside_the_plan(plan, remote, live, history):
    """A plan says what it leaves alone and why, so that a reviewer does not miss it."""
    document = plan_document(plan, remote, live, None, "0", None, {}, accepted=history.accepted)
    assert "Because: Legal wants the old name" in to_text(document)
    accepted = json.loads(to_json(document))["accepted"]
    assert [row["until"] for row in accepted] == ["2026-12-31", "2026-11-21"]


@pytest.mark.parametrize(
    ("history", "says"),
    [
        (History(), "No drift: every pipeline with a process is as the process says."),
        (History(older=3), "No new drift."),
    ],
)
def test_an_empty_report_says_what_it_left_out(history, says, remote, live):
    """No drift is only said where there is none."""
    text = to_text(drift_document((), "norge", remote, live, remote.now, history))
    assert says in text
    assert ("Left out is what was there before" in text) is bool(history.older)


def test_nothing_but_accepted_drift_is_not_called_none(history, remote, live):
    """An account whose drift is all accepted is not said to be as the process says."""
    left = History(accepted=history.accepted)
    text = to_text(drift_document((), "norge", remote, live, remote.now, left))
    assert "No drift but what is accepted." in text


def test_days_are_those_of_the_account(open_drifts, history, live):
    """A drift seen at 23:30 in London was seen the next day in Oslo."""
    texts = [
        to_text(
            drift_document(
                open_drifts,
                "norge",
                Remote("hubspot", "1", "Acme", "STANDARD", zone, "NOK", at),
                live,
                at,
                history,
            )
        )
        for zone in ("Europe/London", "Europe/Oslo")
        for at in [next(iter(history.seen.values())).since]
    ]
    assert "still open since 2026-11-03" in texts[0]
    assert "still open since 2026-11-04" in texts[1]
