"""The words of a plan."""

from dataclasses import replace

import pytest

from connector.model import CreateStage, EditStage, StageValues
from connector.reconcile.drift import Drift, DriftKind, Severity
from connector.reconcile.plan import Hazard, Held, Plan, Planned, Reason, Refusal
from connector.report.as_markdown import to_markdown
from connector.report.cells import shown
from connector.report.drift_words import KINDS, SEVERITIES
from connector.report.impact import impact_blocks
from connector.report.names import Names
from connector.report.plan import plan_document
from connector.report.plan_words import (
    admin_page,
    allow_options,
    by_hand,
    held_because,
    refused_because,
)

NO_NAMES = Names({}, {})


def drift(kind):
    return Drift(kind, "norge", "default", "Nysalg", None, None, stage="s1", key="first")


def move(stage, before, after):
    change = EditStage("default", stage, StageValues(slot=before), StageValues(slot=after))
    return Planned(change, (drift(DriftKind.ORDER),))


def test_no_code_is_without_words():
    """Every severity, kind, hazard, and every reason for every kind can be said."""
    assert set(SEVERITIES) == set(Severity)
    assert set(KINDS) == set(DriftKind)
    for kind in DriftKind:
        for crm in ("hubspot", "nutshell"):
            assert shown(by_hand(drift(kind), NO_NAMES, crm))
            assert all(shown(refused_because(Refusal(drift(kind), r), crm)) for r in Reason)
    for hazard in Hazard:
        assert held_because(Held(move("s1", 1, 2).change, (), (hazard,)))


@pytest.mark.parametrize(("crm", "told"), [("hubspot", True), ("nutshell", False)])
def test_only_a_crm_whose_pipelines_are_written_marks_their_deals(crm, told, impact, remote):
    """HubSpot marks every deal of a pipeline that changes; Nutshell hears nothing of a change."""
    rows = next(impact_blocks("norge", impact, replace(remote, crm=crm), NO_NAMES, {})).rows
    assert ("modified" in {row[0].code for row in rows}) is told


def test_a_hazard_is_allowed_by_stage_key_where_there_is_one():
    """A stage of the process is named by its key, one outside of it by its id."""
    change, hazards = move("s1", 1, 2).change, (Hazard.LEAP, Hazard.BULK)
    keyed = Held(change, (drift(DriftKind.ORDER),), hazards)
    assert shown(allow_options(keyed)) == "--allow leap:first --allow bulk:first"
    assert shown(allow_options(Held(change, (), hazards))) == "--allow leap:s1 --allow bulk:s1"


@pytest.mark.parametrize(
    ("crm", "page"),
    [
        ("hubspot", "HubSpot, Settings > Objects > Deals > Pipelines"),
        ("nutshell", "Nutshell, Setup > Pipelines"),
    ],
)
def test_an_admin_is_sent_to_the_page_of_their_crm(crm, page):
    """Each CRM keeps its pipelines somewhere else."""
    assert page in shown(admin_page(crm))


def test_a_position_is_told_from_where_it_is_to_where_it_will_be(remote, live):
    """A move begins where the stage is live, and ends where earlier moves have left the others."""
    changes = (
        move("appointmentscheduled", 0, 7),
        move("examined", 1, 8),
        move("closedwon", 6, 3),
    )
    plan = Plan("norge", "1234567", changes=changes)
    written = to_markdown(plan_document(plan, remote, live, None, "0", None, {}))
    assert "| 1 | Appointment Scheduled | position | first | after Closed won |" in written
    assert (
        "| 2 | Vurdert av teamet | position"
        " | after Appointment Scheduled | after Appointment Scheduled |"
    ) in written
    assert (
        "| 3 | Closed won | position | after Venter på svar | after Produkt undersøkt |" in written
    )


def test_a_position_names_a_new_stage_by_its_label(remote, live):
    """A stage the plan creates is known by the label it will have, never by its made id."""
    new = CreateStage("default", "default-new-0a1b", StageValues("Kontrakt mottatt", 0.8, 7))
    created = Planned(new, (drift(DriftKind.STAGE_MISSING),))
    plan = Plan("norge", "1234567", changes=(created, move("examined", 1, 8)))
    written = to_markdown(plan_document(plan, remote, live, None, "0", None, {}))
    assert "| position | after Appointment Scheduled | after Kontrakt mottatt |" in written
    assert "after default-new" not in written
