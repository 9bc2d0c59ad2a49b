import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import FileFaults
from connector.model import (
    Binding,
    Capability,
    Criterion,
    Evidence,
    Outcome,
    Process,
    ProcessStage,
    Task,
)
from connector.process import load_process, process_text, starters, write_process

words = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)
lines = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1
).filter(str.strip)
keys = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,2}", fullmatch=True)
languages = st.sampled_from(["nb", "sv", "fi", "en-GB"])
criteria = st.builds(
    Criterion,
    keys,
    words,
    st.none() | words,
    st.sampled_from(["seller", "proof", "information", "consent"]),
)
tasks = st.builds(Task, words, st.none() | st.from_regex("[0-9]+[hdw]", fullmatch=True))


def several(strategy):
    return st.lists(strategy, max_size=3).map(tuple)


@st.composite
def stages(draw, key: str, label: str, outcome: Outcome, next_keys: list[str]) -> ProcessStage:
    certain = {Outcome.WON: 1.0, Outcome.LOST: 0.0}
    return ProcessStage(
        key=key,
        label=label,
        probability=certain.get(outcome, draw(st.floats(0, 1))),
        outcome=outcome,
        labels={language: f"{language} {key}" for language in draw(st.sets(languages))},
        phase=draw(st.text(st.characters(codec="utf-8"))),
        mandatory=draw(st.booleans()),
        buyer_action=draw(words),
        evidence=draw(several(st.builds(Evidence, words))),
        exit=draw(several(criteria)),
        guidance=draw(words),
        tasks=draw(several(tasks)),
        max_days=draw(st.none() | st.integers(1, 999)),
        next=tuple(draw(st.lists(st.sampled_from(next_keys), max_size=2))),
        ask=draw(st.booleans()),
        cancelled=outcome is Outcome.LOST and draw(st.booleans()),
    )


@st.composite
def bindings(draw, stage_keys: list[str], number: int) -> Binding:
    pins = draw(st.sets(st.sampled_from(stage_keys)))
    manageable = list(Capability) if pins else [Capability.PROBABILITY, Capability.ORDER]
    return Binding(
        account=draw(words),
        pipeline=f"{draw(words)}{number}",
        language="en",
        manage=draw(st.frozensets(st.sampled_from(manageable))),
        stages={key: f"{draw(words)}-{key}" for key in pins},
    )


@st.composite
def processes(draw) -> Process:
    outcomes = [*draw(st.lists(st.sampled_from(Outcome), max_size=3)), *Outcome]
    unique = {"min_size": len(outcomes), "max_size": len(outcomes)}
    stage_keys = draw(st.lists(keys, unique=True, **unique))
    labels = draw(st.lists(lines, unique_by=lambda text: text.strip().casefold(), **unique))
    made = [
        draw(stages(key, label, outcome, stage_keys))
        for key, label, outcome in zip(stage_keys, labels, outcomes, strict=True)
    ]
    won = [stage.key for stage in made if stage.outcome is Outcome.WON]
    forward = [(stage.key, won[0]) for stage in made if stage.outcome is Outcome.OPEN]
    audience = st.dictionaries(
        st.sampled_from(["owners", "teams", "regions"]),
        st.lists(words, min_size=1, max_size=2).map(tuple),
    )
    return Process(
        key=draw(keys),
        label=draw(lines),
        language="en",
        stages=tuple(made),
        labels=draw(st.dictionaries(languages, lines)),
        bindings=tuple(draw(bindings(stage_keys, number)) for number in range(2)),
        active=draw(st.booleans()),
        note=draw(st.text(st.characters(codec="utf-8"))),
        default_for=draw(st.just({"all": ()}) | audience),
        applies_to=draw(st.dictionaries(words, several(words), max_size=2)),
        key_conversions=tuple(draw(st.sets(st.sampled_from(forward), max_size=2))),
    )


@given(processes())
def test_a_written_process_loads_as_the_same_process(process):
    """Nothing a process can say is lost or changed on its way through a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "process.toml"
        write_process(process, path)
        assert load_process(path) == replace(process, file=str(path))


def test_a_written_process_is_pleasant_to_read(golden):
    """A process file made by connector looks as if a person had cared."""
    process = load_process(starters() / "b2b-five-steps.toml")
    pins = {stage.key: str(number) for number, stage in enumerate(process.stages, 101)}
    binding = Binding("norge", "default", "nb", frozenset({Capability.LABEL}), pins)
    golden("written-process.toml", process_text(replace(process, bindings=(binding,))))


def test_a_file_that_is_there_is_not_written_over(path):
    """Importing twice loses nobody's work."""
    before = path.read_bytes()
    with pytest.raises(FileFaults, match="exists already"):
        write_process(load_process(path), path)
    assert path.read_bytes() == before


def test_a_process_that_would_not_load_is_not_written(path, tmp_path):
    """The rules hold for what connector writes as for what people write."""
    process = load_process(path)
    with pytest.raises(FileFaults, match="a won stage is missing"):
        write_process(replace(process, key="x", stages=process.stages[:2]), tmp_path / "x.toml")
    assert list(tmp_path.iterdir()) == [path]


def test_a_process_that_breaks_its_folder_is_not_written(path, tmp_path):
    """A file that loads by itself but takes another one's key is refused too."""
    with pytest.raises(FileFaults, match="already the key of"):
        write_process(load_process(path), tmp_path / "copy.toml")
    assert list(tmp_path.iterdir()) == [path]
