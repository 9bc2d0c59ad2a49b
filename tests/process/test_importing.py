import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import Capability, Outcome, Pipeline, PipelineState, Stage
from connector.process import import_pipeline, load_process, write_process
from connector.reconcile.comparison import compare

SALES = Pipeline(
    "default",
    "Nysalg Øst",
    (
        Stage("appointmentscheduled", "Møte avtalt", 0.2, Outcome.OPEN, 0),
        Stage("closedwon", "Vunnet", 1.0, Outcome.WON, 1),
        Stage("closedlost", "Tapt", 0.0, Outcome.LOST, 2),
    ),
)


def status(name, outcome, *, cancelled=False):
    """A status of leads as the stage that stands for it."""
    return Stage(
        f"1-stagesets:{name}",
        name.title(),
        1.0 if outcome is Outcome.WON else 0.0,
        outcome,
        writable=False,
        weighted=False,
        configured=False,
        cancelled=cancelled,
    )


def step(id, label, slot):
    """A stage of a pipeline in a CRM that keeps no probabilities."""
    return Stage(id, label, None, Outcome.OPEN, slot, writable=False, weighted=False)


LEADS = Pipeline(
    "1-stagesets",
    "Sales",
    (
        step("101-stages", "Qualify", 1),
        step("105-stages", "Propose", 4),
        status("won", Outcome.WON),
        status("lost", Outcome.LOST),
        status("cancelled", Outcome.LOST, cancelled=True),
    ),
)
odd_texts = st.text(max_size=6) | st.sampled_from(
    ["", " ", "A", "a ", "Møte", "mote", "\ud800", "a\u200b"]
)
pipelines = st.builds(
    Pipeline,
    st.just("default"),
    odd_texts,
    st.lists(
        st.builds(
            Stage,
            st.integers(0, 99).map(str),
            odd_texts,
            st.none() | st.floats(),
            st.sampled_from(Outcome),
            weighted=st.booleans(),
        ),
        max_size=6,
        unique_by=lambda stage: stage.id,
    ).map(tuple),
)


def imported(pipeline: Pipeline):
    """The process of a pipeline after its way through a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "process.toml"
        made = import_pipeline(pipeline, "norge", "nb")
        write_process(made, path)
        loaded = load_process(path)
        assert loaded == replace(made, file=str(path))
        return loaded


def test_an_import_describes_the_pipeline():
    """Keys are made of labels, every stage is pinned, labels and probabilities are managed."""
    process = imported(SALES)
    assert (process.key, process.label, process.active) == ("nysalg-ost", "Nysalg Øst", True)
    assert [stage.key for stage in process.stages] == ["mote-avtalt", "vunnet", "tapt"]
    assert [stage.outcome for stage in process.stages] == ["open", "won", "lost"]
    (binding,) = process.bindings
    assert binding.stages == {
        "mote-avtalt": "appointmentscheduled",
        "vunnet": "closedwon",
        "tapt": "closedlost",
    }
    assert binding.manage == {Capability.LABEL, Capability.PROBABILITY}


@given(pipelines)
def test_any_pipeline_can_be_imported_and_shows_no_drift(pipeline):
    """Whatever is live becomes a file that loads, and nothing differs right after."""
    process = imported(pipeline)
    assert compare((process,), "norge", (pipeline,)) == ()
    assert process.active == (process.note == "")


def test_a_stage_label_is_kept_to_the_letter():
    """Spaces around a live label are part of it, or there would be drift at once."""
    stage = replace(SALES.stages[0], label=" Møte  avtalt ")
    process = imported(replace(SALES, stages=(stage, *SALES.stages[1:])))
    assert (process.stages[0].label, process.active) == (" Møte  avtalt ", True)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=5))
def test_an_active_import_shows_no_drift(probabilities):
    """A pipeline as they usually are becomes an active process with nothing left to correct."""
    stages = [
        Stage(f"s{number}", f" Steg {number} ", probability, Outcome.OPEN)
        for number, probability in enumerate(probabilities)
    ]
    pipeline = replace(SALES, stages=(*stages, *SALES.stages))
    process = imported(pipeline)
    assert process.active
    assert compare((process,), "norge", (pipeline,)) == ()


@pytest.mark.parametrize(
    ("odd", "doubt"),
    [
        (
            Stage("x", "X", None, Outcome.OPEN),
            "x has 0.5 here, and its live probability is unknown",
        ),
        (Stage("x", "X", 1.0, Outcome.OPEN), "x is open at 1.0"),
        (Stage("x", "X", 0.9, Outcome.WON), "x has 1.0 here, and its live probability is 0.9"),
        (Stage("x", "  ", 0.5, Outcome.OPEN), "stage has a label of our making"),
        (Stage("x", "vunnet ", 0.5, Outcome.OPEN), "vunnet-2 has a label of our making"),
        (Stage("x", "\ud800", 0.5, Outcome.OPEN), "stage has a label of our making"),
        (Stage("x", "Nei\x1b[2J", 0.5, Outcome.OPEN), "nei-2j has a label of our making"),
        (Stage("x", "\u202eNei", 0.5, Outcome.OPEN), "nei has a label of our making"),
    ],
)
def test_what_a_process_cannot_say_makes_a_draft(odd, doubt):
    """An odd stage gives an inactive process whose note says what to decide."""
    process = imported(replace(SALES, stages=(*SALES.stages, odd)))
    assert process.active is False
    assert doubt in process.note


def test_statuses_become_stages_without_pins():
    """Won, lost and cancelled close the process; only stages of the pipeline's own are pinned."""
    process = imported(LEADS)
    assert [(s.key, s.outcome, s.cancelled) for s in process.stages[2:]] == [
        ("won", Outcome.WON, False),
        ("lost", Outcome.LOST, False),
        ("cancelled", Outcome.LOST, True),
    ]
    (binding,) = process.bindings
    assert binding.stages == {"qualify": "101-stages", "propose": "105-stages"}
    assert binding.manage == {Capability.LABEL}


def test_unweighted_stages_get_a_rising_proposal():
    """Nobody decided those numbers, so the process waits as a draft and its note says why."""
    process = imported(LEADS)
    assert [stage.probability for stage in process.stages] == [0.33, 0.67, 1.0, 0.0, 0.0]
    assert not process.active
    assert "keeps no probabilities" in process.note
    assert "connector report suggest" in process.note


@pytest.mark.parametrize("state", [PipelineState.DRAFT, PipelineState.RETIRED])
def test_what_no_lead_runs_through_is_said_to_be_so(state):
    """A draft or a retired pipeline can be imported, and the note names what it is."""
    assert (
        f"the pipeline is {'a ' * (state == 'draft')}{state}"
        in imported(replace(LEADS, state=state)).note
    )


def test_a_status_may_be_called_as_a_stage_is():
    """A status's label is never compared, so another one of our making is no doubt."""
    stages = (replace(LEADS.stages[0], label="Won"), *LEADS.stages[1:])
    process = imported(replace(LEADS, stages=stages))
    assert [stage.label for stage in process.stages if stage.outcome == "won"] == ["Won 2"]
    assert "of our making" not in process.note


def test_several_won_and_lost_stages_are_no_doubt():
    """HubSpot allows several closed stages of a kind, and so does a process."""
    more = (Stage("w2", "Fornyet", 1.0, Outcome.WON), Stage("l2", "Avslått", 0.0, Outcome.LOST))
    assert imported(replace(SALES, stages=(*SALES.stages, *more))).active


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Møte avtalt", "mote-avtalt"),
        ("Ærlig Åpning", "aerlig-apning"),
        ("Försäljning – Öst", "forsaljning-ost"),
        ("Hävitty 100 %", "havitty-100"),
        ("Straße", "strasse"),
        ("商談", "process"),
        ("🙂", "process"),
    ],
)
def test_keys_are_readable_slugs(label, key):
    """Nordic letters lose their dots and rings; what has no Latin letter falls back to a word."""
    assert import_pipeline(replace(SALES, label=label), "norge", "nb").key == key


def test_stage_keys_are_unique():
    """Labels that make the same slug, or the slug of a numbered one, get keys of their own."""
    labels = ["Møte", "Mote!", "Mote 2", "møte?"]
    stages = tuple(Stage(label, label, 0.5, Outcome.OPEN) for label in labels)
    process = import_pipeline(Pipeline("p", "P", stages), "norge", "nb", key="given")
    assert [stage.key for stage in process.stages] == ["mote", "mote-2", "mote-2-2", "mote-3"]
    assert process.key == "given"
