from contextlib import suppress
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import FileFaults
from connector.model import Binding, Capability, Decision, Outcome
from connector.process import (
    Edit,
    adopt_label,
    adopt_order,
    adopt_pipeline_label,
    adopt_probability,
    decide_probability,
    load_process,
    pin,
)

STAGES = ["meeting-booked", "offer", "won", "lost"]
words = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)
on_one_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def comments(text: str) -> list[str]:
    """The comments of the commented file, in whose values there is no `#`."""
    return sorted(line[line.index("#") :] for line in text.splitlines() if "#" in line)


@on_one_file
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just(adopt_label), st.sampled_from(STAGES), words),
            st.tuples(st.just(adopt_probability), st.sampled_from(STAGES[:2]), st.floats(0, 1)),
            st.tuples(st.just(adopt_order), st.permutations(STAGES)),
            st.tuples(st.just(pin), words, st.sets(st.sampled_from(STAGES), min_size=1)),
        ),
        max_size=6,
    )
)
def test_edits_keep_every_comment(path, edits):
    """However a file is edited, each comment people wrote is still in it, as often as before."""
    before = path.read_text(encoding="utf-8")
    try:
        for edit, *values in edits:
            _apply(path, edit, values)
        after = path.read_text(encoding="utf-8")
    finally:
        path.write_text(before, encoding="utf-8")
    for comment in set(comments(before)):
        assert after.count(comment) >= before.count(comment)


def _apply(path, edit, values):
    with suppress(FileFaults):  # two stages given one label
        if edit is adopt_label:
            edit(path, *values, "nb")
        elif edit is pin:
            pins = {key: values[0] + key for key in values[1]}
            edit(path, Binding("norge", "default", "nb", frozenset(), pins))
        else:
            edit(path, *values)


def test_a_label_is_taken_in_its_language(path):
    """The plain label is in the process's language, and other ones stand in `labels`."""
    (edit,) = adopt_label(path, "offer", "Tilbud sendt", "nb")
    assert str(edit) == "stage[offer].label: Tilbud -> Tilbud sendt"
    (edit,) = adopt_label(path, "meeting-booked", "Meeting set", "en")
    assert str(edit) == "stage[meeting-booked].labels.en: Meeting booked -> Meeting set"
    (edit,) = adopt_label(path, "offer", "Offer sent", "en")
    assert str(edit) == "stage[offer].labels.en: nothing -> Offer sent"
    stage = load_process(path).stage("offer")
    assert (stage.label, stage.label_in("en")) == ("Tilbud sendt", "Offer sent")
    assert 'label = "Tilbud sendt"\nlabels = { en = "Offer sent" }\n' in path.read_text("utf-8")


def test_a_pipeline_label_is_taken_in_its_language(path):
    """The same for the process itself."""
    (edit,) = adopt_pipeline_label(path, "Nykunder", "nb")
    assert str(edit) == "label: Nysalg -> Nykunder"
    (edit,) = adopt_pipeline_label(path, "New business", "en")
    assert str(edit) == "labels.en: nothing -> New business"
    assert 'label = "Nykunder"            # as on the wall' in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("stage", "probability", "outcome"),
    [
        ("offer", 0.3, Outcome.OPEN),
        ("offer", 1.0, Outcome.WON),
        ("offer", 0.0, Outcome.LOST),
    ],
)
def test_a_probability_brings_its_outcome(path, stage, probability, outcome):
    """1 means won, 0 lost, and everything between open."""
    adopt_probability(path, stage, probability)
    adopted = load_process(path).stage(stage)
    assert (adopted.probability, adopted.outcome) == (probability, outcome)


def test_a_closed_stage_can_be_opened_where_another_closes(path):
    """A won stage that is live at 0.9 is open from then on."""
    adopt_probability(path, "offer", 1.0)
    edits = adopt_probability(path, "won", 0.9)
    assert list(map(str, edits)) == [
        "stage[won].probability: 1.0 -> 0.9",
        "stage[won].outcome: won -> open",
    ]


def test_an_edit_that_would_break_the_file_leaves_it_alone(path):
    """The last won stage cannot be adopted away."""
    before = path.read_bytes()
    with pytest.raises(FileFaults, match="a won stage is missing"):
        adopt_probability(path, "won", 0.9)
    assert path.read_bytes() == before


def test_order_moves_the_named_stages_among_their_places(path):
    """Stages the CRM lacks keep their place while the other ones change theirs."""
    (edit,) = adopt_order(path, ["lost", "meeting-booked", "won"])
    assert str(edit) == (
        "stage order: meeting-booked, offer, won, lost -> lost, offer, meeting-booked, won"
    )
    text = path.read_text("utf-8")
    assert '# Kari wants this one first.\n[[stage]]\nkey = "meeting-booked"' in text
    assert "probability = 0.5\n# was 0.6 before\n" in text


def test_a_stage_in_pieces_moves_as_a_whole(path):
    """A stage that goes on behind another table takes along what is between."""
    text = path.read_text("utf-8") + '[[stage.tasks]]\ntitle = "Why?"\n'
    path.write_text(text, encoding="utf-8")
    before = load_process(path)
    adopt_order(path, ["lost", "offer"])
    after = load_process(path)
    assert [stage.key for stage in after.stages] == ["meeting-booked", "lost", "won", "offer"]
    assert set(map(repr, after.stages)) == set(map(repr, before.stages))
    assert after.bindings == before.bindings


def test_stages_that_are_not_blocks_are_not_reordered(tmp_path, path):
    """Stages written in one line have no lines to move, and the file says so."""
    lines = path.read_text("utf-8").split("\n")
    inline = [
        '{ key = "a", label = "A", probability = 0.5 }',
        '{ key = "w", label = "W", probability = 1.0, outcome = "won" }',
        '{ key = "l", label = "L", probability = 0.0, outcome = "lost" }',
    ]
    path.write_text("\n".join([*lines[:5], f"stage = [{', '.join(inline)}]"]), encoding="utf-8")
    with pytest.raises(FileFaults, match="cannot be reordered"):
        adopt_order(path, ["w", "a"])


def test_pins_are_added_to_a_binding(path):
    """Pinning completes what is there, and says which pins are new or others now."""
    pins = {"won": "closedwon", "meeting-booked": "x"}
    edits = pin(path, Binding("norge", "default", "nb", frozenset(), pins))
    assert sorted(map(str, edits)) == [
        "bindings[norge/default].stages.meeting-booked: appointmentscheduled -> x",
        "bindings[norge/default].stages.won: nothing -> closedwon",
    ]
    line = 'stages = { meeting-booked = "x", won = "closedwon" }  # more to come'
    assert line in path.read_text("utf-8")


def test_a_missing_binding_is_made(path):
    """Pinning an account that is not bound yet puts the whole binding into the file."""
    manage = frozenset({Capability.LABEL, Capability.PROBABILITY})
    binding = Binding("sverige", "1", "nb", manage, {"won": "w", "lost": "l"})
    pin(path, binding)
    assert load_process(path).bindings[1] == binding


def test_an_unknown_stage_is_named_with_the_one_meant(path):
    """A typing error in a stage key is found before anything is written."""
    with pytest.raises(FileFaults, match='no stage "ofer"; did you mean "offer"'):
        adopt_label(path, "ofer", "Tilbud", "nb")


def test_what_is_adopted_twice_changes_nothing(path):
    """Taking a value that is there already reports no edit."""
    adopt_probability(path, "offer", 0.3)
    assert adopt_probability(path, "offer", 0.3) == ()


def test_edits_show_no_character_that_acts():
    """A live label with an escape sequence does nothing to the terminal that shows the edit."""
    assert str(Edit("label", None, "\x1b[31m")) == "label: nothing -> \N{REPLACEMENT CHARACTER}[31m"


def test_a_decision_comes_with_who_why_and_until_when(path):
    """A decided probability stands in the file with its decision, twice decided with the last."""
    first = Decision("Kari Nordmann", "1,204 decided, 31 % won", date(2027, 2, 21))
    assert decide_probability(path, "offer", 0.31, first)[0] == Edit(
        "stage[offer].probability", 0.5, 0.31
    )
    assert stage_of(path, "offer").decision == first
    second = Decision("Ola", 'says "so"', date(2027, 5, 1))
    decide_probability(path, "offer", 0.4, second)
    offer = stage_of(path, "offer")
    assert (offer.probability, offer.decision) == (0.4, second)


def stage_of(path, key):
    return load_process(path).stage(key)
