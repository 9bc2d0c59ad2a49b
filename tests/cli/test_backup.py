import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "backup.md").read_text("utf-8")
RESTORE = next(block for block in re.findall(r"```\n(.*?)```", TEXT, re.S) if "mv " in block)


def in_shell(project, script):
    """Run lines of the docs as somebody would who copies them; returns the talk."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = ["bash", "-e", "-c", script]
    environment = os.environ | {"PATH": path}
    done = subprocess.run(
        command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def stats(project):
    """What the database holds, without its name."""
    found = project.json("db", "stats")
    return found["accounts"], found["changes"]


def move_a_deal(project):
    deal = next(iter(project.portal.deals))
    project.portal.move(deal, "contractsent")


def test_a_restored_database_goes_on_where_it_was(project):
    """Restored as docs/backup.md says, the next pull brings what came after the backup."""
    project.ok("pull")
    (project.folder / "backups").mkdir()
    project.ok("db", "backup", project.path(re.search(r"backups/\S+", RESTORE).group()))
    saved = stats(project)
    move_a_deal(project)
    project.ok("pull")
    later = stats(project)

    moves, checks = RESTORE.split("connector db check\n")
    in_shell(project, moves)
    assert stats(project) == saved
    assert "read what changed" in in_shell(project, f"connector db check\n{checks}")
    restored = stats(project)
    assert [row | {"pulls": 0} for row in restored[0]] == [row | {"pulls": 0} for row in later[0]]
    assert restored[1] == later[1]
    project.ok("db", "check")


def test_a_backup_has_the_time_in_its_name_where_none_is_given(project):
    """Backups of one folder do not get in each other's way."""
    project.ok("pull")
    folder = project.folder / "backups"
    folder.mkdir()
    project.ok("db", "backup", str(folder))
    (made,) = folder.iterdir()
    assert made.name.startswith("connector-2")
    assert made.name in project.err
    assert made.suffix == ".db"


def test_a_backup_never_replaces_a_file_on_the_command_line(project):
    """The second backup of one name ends with 1 and leaves the first."""
    project.ok("pull")
    project.ok("db", "backup", project.path("b.db"))
    before = (project.folder / "b.db").read_bytes()
    assert project.run("db", "backup", project.path("b.db")) == 1
    assert "never replaces" in project.err
    assert (project.folder / "b.db").read_bytes() == before


def test_there_is_no_backup_of_nothing(project):
    """A backup does not make the database it should copy."""
    assert project.run("db", "backup") == 1
    assert "connector pull" in project.err
    assert not list(project.folder.glob("*.db"))


@pytest.mark.parametrize("command", ["pull", "drift", "plan", "db stats", "db check", "db backup"])
def test_a_database_of_a_newer_version_is_refused_by_its_name(project, command):
    """Every command names the version that wrote the database and leaves it as it is."""
    project.ok("pull")
    database = project.folder / "connector.db"
    with closing(sqlite3.connect(database)) as db, db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('connector', '9.4.0', '2030-01-01')"
        )
    before = database.read_bytes()
    assert project.run(*command.split()) == 1
    assert "was written by connector 9.4.0; install that or later" in project.err
    assert database.read_bytes() == before
