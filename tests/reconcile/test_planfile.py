"""Plan files: what they hold, what their fingerprint covers, and how a broken one is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.errors import FileFaults, PlanRefused
from connector.model import EditStage, SetConfidence, StageValues
from connector.reconcile.confidence.leads import Ours
from connector.reconcile.confidence.planner import plan_leads
from connector.reconcile.confidence.wanted import Basis, by_process
from connector.reconcile.plan import Hazard, Plan
from connector.reconcile.planfile import dump, fingerprint, load
from tests.reconcile.tables import pipeline, planned, process, stage, want

AT = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
LIVE = pipeline(stage("a", "Møte"), stage("b", "B", 0.1), stage("c", "C"), stage("d", "D"))
DESIRED = process(
    want("a", "Møte avtalt"), want("b", "B", 0.9), want("c", "C"), want("d", "D"), want("e", "E")
)


def plan_of(label: str = "Møte") -> Plan:
    live = replace(LIVE, stages=(replace(LIVE.stages[0], label=label), *LIVE.stages[1:]))
    return planned(DESIRED, live, allow={(Hazard.CREATE, "e")})


LEAD = {"deal": "1-leads", "pipeline": "sales", "stage": "a", "before": 42, "after": 60}
SET = SetConfidence("1-leads", "sales", "a", 42, 60)


def mended(change: Callable[[dict[str, Any]], object]) -> str:
    content = json.loads(dump(plan_of(), None, AT))
    change(content)
    return json.dumps(content)


def test_a_file_is_readable() -> None:
    """The file names its version, when it was made and its fingerprint, and shows each change."""
    text = dump(plan_of(), None, AT)
    content = json.loads(text)
    assert list(content)[:3] == ["connector-plan", "made_at", "fingerprint"]
    assert content["made_at"] == "2026-11-21T03:10:00+00:00"
    assert content["fingerprint"] == fingerprint(plan_of())
    assert content["changes"][0]["edit"] == {
        "pipeline": "sales",
        "stage": "a",
        "before": {"label": "Møte"},
        "after": {"label": "Møte avtalt"},
    }
    assert content["changes"][1]["create"]["stage"] == "e"
    assert content["held"][0]["hazards"] == ["leap"]
    assert "Møte avtalt" in text


@pytest.mark.parametrize(
    "label", ["\u001b[31mred", "\ud800", "\u202eevil", "\x00", "\x9b", "\U000e0041", "🤝", "a\nb"]
)
def test_hostile_labels_neither_act_nor_break_the_file(label: str) -> None:
    """Characters that act on a terminal, or cannot be stored, are escaped and come back as were."""
    text = dump(plan_of(label), None, AT)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert load(text.encode().decode()) == plan_of(label)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda c: c.pop("connector-plan"), "connector-plan"),
        (lambda c: c.update({"connector-plan": 2}), "connector-plan"),
        (lambda c: c.pop("remote"), ""),
        (lambda c: c.update(account=7), "account"),
        (lambda c: c["changes"][0]["edit"].update(stage=None), "changes[0].edit.stage"),
        (lambda c: c["changes"][0].pop("edit"), ""),
        (lambda c: c["changes"][0]["edit"]["after"].update(slot="1"), "changes[0].edit.after.slot"),
        (lambda c: c["held"][0].update(hazards=["fire"]), "held[0].hazards[0]"),
        (lambda c: c.update(leads=[{"deal": "1-leads"}]), "leads[0]"),
        (lambda c: c["leads"].append({**LEAD, "after": "60"}), "leads[0].after"),
    ],
)
def test_a_broken_file_names_the_key(change: Callable[[dict[str, Any]], object], key: str) -> None:
    """A file that is no plan is refused with the file and the key that is wrong."""
    with pytest.raises(FileFaults) as raised:
        load(mended(change), "plan.json")
    fault = raised.value.faults[0]
    assert fault.file == "plan.json"
    assert fault.key.endswith(key)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"connector-plan": NaN}', "\ufeff{}", "[" * 10**5]
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    """Text that is no JSON, or not that of a plan, is refused as a file."""
    with pytest.raises(FileFaults):
        load(text)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["changes"][0]["edit"]["after"].update(label="Other"),
        lambda c: c["changes"][0]["edit"]["before"].update(label="Other"),
        lambda c: c["changes"].pop(),
        lambda c: c.update(remote="666"),
        lambda c: c.update(account="usa"),
        lambda c: c.update(processes=[]),
        lambda c: c["seen"][0]["stages"][1].update(label="Other"),
        lambda c: c.update(fingerprint="0" * 64),
    ],
)
def test_a_file_changed_by_hand_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    """What the fingerprint covers cannot be changed in the file."""
    with pytest.raises(PlanRefused, match="changed after it was made"):
        load(mended(change))


def test_the_fingerprint_covers_what_is_written_and_nothing_else() -> None:
    """Held changes, refusals and drifts say why; only what is done, to what, is fingerprinted."""
    plan = plan_of()
    bare = replace(
        plan,
        held=(),
        refusals=(),
        changes=tuple(replace(planned, drifts=()) for planned in plan.changes),
    )
    assert fingerprint(bare) == fingerprint(plan)
    change = EditStage("sales", "a", StageValues("Møte"), StageValues("Other"))
    other = replace(plan, changes=(replace(plan.changes[0], change=change), *plan.changes[1:]))
    assert fingerprint(other) != fingerprint(plan)
    assert len(fingerprint(plan)) == 64


def test_leads_come_back_and_count_in_the_fingerprint() -> None:
    """Lead, place and both confidences; and the last run, since what was turned back is new."""
    bare = plan_of()
    plan = replace(bare, leads=(SET,), after_run=3)
    text = dump(plan, None, AT)
    assert json.loads(text)["leads"] == [LEAD]
    assert load(text) == plan
    others = [
        bare,
        *(
            replace(plan, leads=(replace(SET, **other),))
            for other in (
                {"deal": "2-leads"},
                {"pipeline": "x"},
                {"stage": "b"},
                {"before": None},
                {"after": 61},
            )
        ),
        replace(plan, after_run=4),
    ]
    marks = {fingerprint(each) for each in (plan, *others)}
    assert len(marks) == 1 + len(others)


def test_a_lead_added_by_hand_is_refused() -> None:
    """Nothing is applied that was not reviewed."""
    with pytest.raises(PlanRefused):
        load(mended(lambda c: c["leads"].append(LEAD)))


def test_what_a_reviewer_is_told_of_leads_is_in_the_file_and_not_in_the_fingerprint() -> None:
    """Who is left, what it moves and how many wait may differ from one reading to the next."""
    told = plan_leads((), {}, Ours({}, AT), Basis.PROCESS, by_process)
    plan = replace(plan_of(), leads=(SET,))
    content = json.loads(dump(plan, None, AT, told))
    assert content["leads_basis"] == "process"
    assert content["leads_impact"]["leads"] == 0
    assert content["leads_left"] == []
    assert content["fingerprint"] == fingerprint(plan)
    assert load(json.dumps(content)) == plan
