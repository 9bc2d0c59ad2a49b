"""The reports of conversion, adoption, losses and reps, word for word."""

import json
from dataclasses import replace

import pytest

from connector.metrics.flow.adoption import Adopting
from connector.metrics.flow.conversion import Rule, conversions
from connector.metrics.flow.losses import losses
from connector.metrics.flow.reps import reps
from connector.metrics.grouping import By, Split, split
from connector.metrics.privacy import Naming, Privacy
from connector.report.analytics.adoption import adoption_document
from connector.report.analytics.conversion import conversion_document
from connector.report.analytics.head import Head
from connector.report.analytics.losses import losses_document
from connector.report.analytics.reps import reps_document
from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from tests.report import flow_world
from tests.report.flow_world import deals, scope

REPORTS = ("conversion", "adoption", "losses", "reps", "sheet")


def report(name):
    return getattr(flow_world, f"{name}_report")()


@pytest.mark.parametrize("name", REPORTS)
def test_text(name, golden):
    """What people read in a terminal of 100 columns and of 80."""
    document = report(name)
    golden(f"{name}.txt", to_text(document))
    golden(f"{name}-80.txt", to_text(document, 80))


@pytest.mark.parametrize("name", REPORTS)
def test_markdown_and_json(name, golden):
    """What tickets and programs read."""
    document = report(name)
    golden(f"{name}.md", to_markdown(document))
    golden(f"{name}.json", to_json(document))


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [100, 120])
def test_no_line_is_wider_than_the_terminal(name, width):
    """A hundred columns hold every table."""
    assert max(map(len, to_text(report(name), width).splitlines())) <= width


@pytest.mark.parametrize("name", REPORTS)
def test_a_deal_less_company_gets_an_answer(name):
    """Without a single deal every report is there, and says so instead of a zero."""
    frame = scope()
    adoption = Adopting(frame, people=True).adoptions()
    head = Head(frame, adoption=adoption)
    document = {
        "conversion": lambda: conversion_document(
            head, conversions(frame, Rule.REACHED, Split(), None, [])
        ),
        "adoption": lambda: adoption_document(head),
        "losses": lambda: losses_document(head, losses(frame, [])),
        "reps": lambda: reps_document(head, reps(frame, [])),
        "sheet": lambda: reps_document(head, reps(frame, [])),
    }[name]()
    assert " 0 %" not in to_text(document)
    assert json.loads(to_json(document))["adoption_share"] is None


def test_reps_are_out_of_every_report_where_config_says_so():
    """With owners = "off" nobody is named or counted, and the reports say why."""
    frame = scope(privacy=Privacy(Naming.OFF))
    asked = split(By.OWNER, frame)
    adopting = Adopting(frame, people=True)
    for deal in deals():
        adopting.take(deal)
    head = Head(frame, adoption=adopting.adoptions())
    for document in (
        conversion_document(head, conversions(frame, Rule.REACHED, asked, None, deals())),
        adoption_document(head),
        losses_document(head, losses(frame, deals())),
        reps_document(head, reps(frame, deals())),
    ):
        for text in (to_text(document), to_json(document)):
            assert "Kari" not in text
            assert "Lars" not in text
        assert 'config.toml says [privacy] owners = "off"' in to_text(document)


def test_ids_stand_for_names_where_config_says_so():
    """With owners = "ids" reps are told apart without their names."""
    frame = scope(privacy=Privacy(Naming.IDS))
    text = to_json(reps_document(Head(frame), reps(frame, deals())))
    assert "Kari" not in text
    assert '"rep_label": "7"' in text


def test_fields_nobody_tracks_leave_reports_undefined():
    """Without product and reason, losses say which line of config.toml is missing."""
    frame = scope(fields=frozenset({"owner"}))
    text = " ".join(to_text(losses_document(Head(frame), losses(frame, deals()))).split())
    assert '[accounts.NAME.fields] product = "…"' in text
    assert '[accounts.NAME.fields] lost_reason = "closed_lost_reason"' in text
    head = Head(frame, adoption=Adopting(frame).adoptions())
    assert "undefined: no lost deal, or no account keeps the reason" in " ".join(
        to_text(adoption_document(head)).split()
    )


def test_key_conversions_lead():
    """They are the first table, and where none is named a note says how to."""
    assert report("conversion").blocks[0].name == "key_conversions"
    frame = scope()
    bare = replace(frame, funnels=(replace(frame.funnels[0], key_conversions=()),))
    found = conversions(bare, Rule.REACHED, Split(), None, [])
    assert "key_conversions = [[" in to_text(conversion_document(Head(bare), found))
