"""The list of work orders, as an admin and programs read it."""

import csv
from dataclasses import replace
from io import StringIO

import pytest
from markdown_it import MarkdownIt

from connector.model import Pipeline
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.plan import Plan, Reason, Refusal
from connector.reconcile.work_orders import Namesake, Wish, WorkOrder
from connector.reconcile.work_review import Closed, Ending, Known
from connector.reconcile.work_steps import Act, Step, Worklist
from connector.report.as_csv import to_csv
from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from connector.report.cells import shown
from connector.report.document import Checklist, Table
from connector.report.plan import plan_document
from connector.report.work_words import act_term, ending_term, first, to_do, was_asked
from tests.report.work_world import NOW, REMOTE

ORDER = WorkOrder(Drift(DriftKind.LABEL, "usa", "1", "Sales", "B", "A", stage="7"), Wish("a", "b"))


def test_text_in_a_narrow_terminal(work_report, golden):
    """Boxes to tick, with what there is to know below each, in 80 columns."""
    written = to_text(work_report, 80)
    golden("work-orders-80.txt", written)
    assert max(map(len, written.splitlines())) <= 80


def test_markdown(work_report, golden):
    """A task list for a ticket."""
    golden("work-orders.md", to_markdown(work_report))


def test_json(work_report, golden):
    """All of it, for programs: refusals stay complete beside the list made of them."""
    golden("work-orders.json", to_json(work_report))


def test_a_checklist_as_comma_separated_values(work_report):
    """Each step is a row, in order."""
    table = next(block for block in work_report.blocks if isinstance(block, Checklist))
    rows = list(csv.DictReader(StringIO(to_csv(table).removeprefix("\ufeff"))))
    assert [row["step"] for row in rows] == [str(at) for at in range(1, len(table.rows) + 1)]
    assert {row["act"] for row in rows} >= {"rename-stage", "delete-stage", "order-stages"}


def test_markdown_draws_one_list_item_a_step(work_report):
    """Rendered, every step is an item that begins with a box, its details are lists inside it."""
    table = next(block for block in work_report.blocks if isinstance(block, Checklist))
    tokens = MarkdownIt("commonmark").parse(to_markdown(work_report))
    items = [
        (token.level, inline.content)
        for token, inline in zip(tokens, tokens[2:], strict=False)
        if token.type == "list_item_open" and inline.type == "inline"
    ]
    boxes = [(level, words) for level, words in items if words.startswith("[ ] ")]
    assert len(boxes) == len(table.rows)
    assert {level for level, _ in boxes} == {1}
    assert (5, "Meeting booked") in items


def test_what_is_left_to_a_person_is_told_once(work_report):
    """People read a refusal on the list or in the table of refusals; programs find all there."""
    refusals = next(b for b in work_report.blocks if isinstance(b, Table) and b.name == "refusals")
    assert isinstance(refusals, Table)
    told = {str(row[-1].text) for row in refusals.rows}
    listed = {str(row[-1].text) for row in refusals.data_rows}
    assert listed
    assert not told & listed


def test_no_code_is_without_words():
    """Every act and every ending can be said, and what was asked of every kind of drift."""
    for act in Act:
        step = Step(ORDER, act, "Sales", "A", "A", "B")
        assert shown(to_do(step))
        assert act_term(step).words
    for how in Ending:
        assert ending_term(Closed(Known(ORDER.drift, ORDER.wish, NOW, NOW), how, NOW, None)).words
    for kind in DriftKind:
        assert shown(was_asked(replace(ORDER.drift, kind=kind)))


@pytest.mark.parametrize(
    ("crm", "deals", "said"),
    [
        ("nutshell", 12, "move the 12 leads in it"),
        ("hubspot", 1, "move the one deal in it"),
        ("nutshell", None, "move the leads in it, if any"),
        ("hubspot", 0, "–"),
    ],
)
def test_a_stage_goes_after_its_deals(crm, deals, said):
    """How many must be moved is said, or that nobody knows."""
    step = Step(replace(ORDER, deals=deals), Act.DELETE_STAGE, "Sales", "A", "A")
    assert shown(first(step, crm)).startswith(said)


def test_a_name_that_is_to_stay_is_in_the_way():
    """What nobody can do as things stand says why."""
    step = Step(ORDER, Act.RENAME_STAGE, "Sales", "A", "A", "B", blocked="B")
    assert shown(first(step, "nutshell")).startswith('"B" is to keep that name')


def test_what_is_there_by_its_name_waits_for_its_id():
    """Nobody is told to add it again, nor to delete it; the command that names it is."""
    missing = Drift(
        DriftKind.STAGE_MISSING, "usa", "1-stagesets", "Sales", "Demo", None, "new", "7", "demo"
    )
    unknown = Drift(DriftKind.STAGE_UNKNOWN, "usa", "1-stagesets", "Sales", None, "Demo", stage="8")
    plan = Plan(
        "usa",
        "379104",
        refusals=(Refusal(missing, Reason.CANNOT_WRITE), Refusal(unknown, Reason.CANNOT_WRITE)),
    )
    live = (Pipeline("1-stagesets", "Sales", ()),)
    work = Worklist(namesakes=(Namesake(missing, "8"),))
    text = to_text(plan_document(plan, REMOTE, live, None, "0", None, {}, work=work), 200)
    assert "connector process pin new usa 1-stagesets --stage demo=8" in text
    assert "add the stage" not in text
    assert "delete" not in text
