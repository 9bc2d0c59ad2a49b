import multiprocessing
import resource
import sqlite3
import time
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from connector.errors import StoreError
from connector.store import close, open_database
from connector.store.backup import back_up
from connector.store.check import check
from connector.store.database import writing


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if ".part" in path.name]


def test_a_backup_holds_what_the_database_held(norge, deal, tmp_path):
    """What is copied opens as a database, passes every check and has every deal."""
    norge.pull(deal("1", ("met", 1)), deal("2", ("met", 2), ("won", 3)))
    copy = tmp_path / "copy.db"
    assert back_up(norge.db, copy) == copy.stat().st_size
    restored = open_database(copy)
    assert check(restored) == ()
    assert restored.execute("SELECT COUNT(*) FROM deals").fetchone() == (2,)
    close(restored)
    assert leftovers(tmp_path) == []


def test_a_backup_is_for_its_maker_alone(norge, tmp_path):
    """A copy of customers' data cannot be read by others on the machine."""
    copy = tmp_path / "copy.db"
    back_up(norge.db, copy)
    assert copy.stat().st_mode & 0o077 == 0


def test_a_backup_never_replaces_a_file(norge, tmp_path):
    """Whatever has the name already is left as it is."""
    copy = tmp_path / "copy.db"
    copy.write_text("dear")
    with pytest.raises(StoreError, match="never replaces"):
        back_up(norge.db, copy)
    assert copy.read_text() == "dear"
    assert leftovers(tmp_path) == []


def test_a_file_that_appears_meanwhile_is_not_replaced(norge, tmp_path):
    """The name is given by a link, which fails where the name was taken during the copy."""
    from connector.store.backup import _give_name

    part, copy = tmp_path / "part", tmp_path / "copy.db"
    part.write_text("new")
    copy.write_text("dear")
    with pytest.raises(StoreError, match="never replaces"):
        _give_name(part, copy)
    assert copy.read_text() == "dear"


def test_a_damaged_database_is_not_backed_up(norge, deal, tmp_path):
    """A copy that SQLite does not find whole never gets its name, so no good backup is trusted
    less than it.
    """
    norge.pull(*(deal(str(number), ("met", number)) for number in range(60)))
    norge.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page = norge.db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'deals'").fetchone()[0]
    close(norge.db)
    with norge.path.open("r+b") as file:
        file.seek((page - 1) * 4096 + 100)
        file.write(b"\xff" * 2000)
    damaged = open_database(norge.path)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        back_up(damaged, tmp_path / "copy.db")
    close(damaged)
    assert not (tmp_path / "copy.db").exists()
    assert leftovers(tmp_path) == []


def test_a_folder_that_is_not_there_is_named(norge, tmp_path):
    """A wrong path is told as such."""
    with pytest.raises(StoreError, match="nowhere"):
        back_up(norge.db, tmp_path / "nowhere" / "copy.db")


def _write_pairs(path: Path, begun: Event, stop: Event) -> None:
    db = open_database(path)
    number = 0
    while not stop.is_set():
        number += 1
        with writing(db):
            for half in ("a", "b"):
                db.execute(
                    "INSERT INTO accounts (name, crm, remote, remote_name, kind, time_zone,"
                    " currency) VALUES (?, '', '', '', '', '', '')",
                    (f"{number}{half}",),
                )
        begun.set()
    close(db)


def test_a_backup_is_of_one_instant_while_others_write(path, tmp_path):
    """Another process commits pairs all the while; no copy ever holds half of a pair."""
    db = open_database(path)
    context = multiprocessing.get_context("spawn")
    begun, stop = context.Event(), context.Event()
    writer = context.Process(target=_write_pairs, args=(path, begun, stop))
    writer.start()
    assert begun.wait(30)
    counts = []
    for number in range(10):
        copy = tmp_path / f"copy-{number}.db"
        back_up(db, copy)
        with closing(sqlite3.connect(copy)) as copied:
            counts.append(copied.execute("SELECT COUNT(*) FROM accounts").fetchone()[0])
    stop.set()
    writer.join(30)
    close(db)
    assert writer.exitcode == 0
    assert all(count % 2 == 0 for count in counts)
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def _back_up_for_ever(path: Path, folder: Path, begun: Event) -> None:
    db = open_database(path)
    number = 0
    while True:
        number += 1
        back_up(db, folder / f"{number}.db")
        if number == 3:
            begun.set()


@pytest.mark.parametrize("seconds", [0.0, 0.003, 0.007, 0.011])
def test_a_killed_backup_leaves_no_half_file_of_its_name(norge, deal, tmp_path, seconds):
    """Killed at any instant, every file that has a backup's name is whole."""
    norge.pull(*(deal(str(number), ("met", number)) for number in range(300)))
    folder = tmp_path / "backups"
    folder.mkdir()
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    process = context.Process(target=_back_up_for_ever, args=(norge.path, folder, begun))
    process.start()
    assert begun.wait(30)
    time.sleep(seconds)
    process.kill()
    process.join()
    made = [path for path in folder.iterdir() if path.suffix == ".db"]
    assert len(made) >= 3
    for path in made:
        with closing(sqlite3.connect(path)) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert copy.execute("SELECT COUNT(*) FROM deals").fetchone() == (300,)


def _back_up_on_a_full_disk(path: Path, copy: Path) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    db = open_database(path)
    with pytest.raises(StoreError, match="there is no backup"):
        back_up(db, copy)


def test_a_full_disk_leaves_nothing_behind(norge, deal, tmp_path):
    """Where the copy does not fit there is an error, and neither a backup nor half of one."""
    norge.pull(*(deal(str(number), ("met", number)) for number in range(300)))
    folder = tmp_path / "backups"
    folder.mkdir()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_back_up_on_a_full_disk, args=(norge.path, folder / "b.db"))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert list(folder.iterdir()) == []
