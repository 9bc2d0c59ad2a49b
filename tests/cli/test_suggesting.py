"""report suggest --write: what the history speaks for, put into the process files."""

import tomllib

import pytest

STAGE = "meeting-booked"


def _stages(project):
    """The stages of all process files, by file and key."""
    return {
        (file.name, stage["key"]): stage
        for file in project.folder.glob("mappings/*.toml")
        for stage in tomllib.loads(file.read_text(encoding="utf-8"))["stage"]
    }


def _suggested(project):
    return {
        (row["funnel"], row["stage"]): row for row in project.json("report", "suggest")["stages"]
    }


def test_a_suggestion_is_written_with_who_decided_and_stands(project):
    """Only the stage asked for changes; it says who decided, and is suggested no more."""
    project.ok("pull")
    before = _stages(project)
    project.ok("report", "suggest", "--write", "--decided-by", "Kari Hauge", "--stage", STAGE)
    after = _stages(project)
    changed = [key for key in after if after[key] != before[key]]
    assert [key for _, key in changed] == [STAGE]
    (stage,) = (after[key] for key in changed)
    assert stage["probability"] == round(stage["probability"], 2)
    assert stage["decision"]["decided_by"] == "Kari Hauge"
    (left,) = (row for (_, key), row in _suggested(project).items() if key == STAGE)
    assert left["suggested"] is None
    assert project.writes() == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--write"], "--decided-by"),
        (["--stage", STAGE], "--write"),
        (["--write", "--decided-by", "Kari", "--stage", "nope"], "no change is suggested for nope"),
    ],
)
def test_what_cannot_be_written_is_refused(project, given, said):
    """A decision of nobody, a stage with nothing to write, and one not suggested are errors."""
    project.ok("pull")
    before = _stages(project)
    assert project.run("report", "suggest", *given) in (1, 2)
    assert said in project.err
    assert _stages(project) == before
