import subprocess
import sys
from pathlib import Path

import pytest

from connector.errors import Locked, StoreError
from connector.store import lock

HOLD = """
import sys, pathlib
from connector.store import lock
with lock(pathlib.Path(sys.argv[1]), "norge"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline().strip() == b"held"
        yield process
        process.kill()


def test_an_account_is_held_by_one_process(path, holder):
    """A second run is told which account is taken, by whom and since when, and exits with 7."""
    said = rf"norge: .*\(process {holder.pid} since \d"
    with pytest.raises(Locked, match=said) as refusal, lock(path, "norge"):
        pass
    assert refusal.value.exit_code == 7


def test_other_accounts_are_free(path, holder):
    """A lock holds one account, not the database."""
    with lock(path, "sverige"):
        pass


def test_the_lock_of_a_killed_process_is_free(path, holder):
    """A lock ends with its process, however that ended."""
    holder.kill()
    holder.wait()
    with lock(path, "norge"):
        pass


def test_a_lock_is_free_when_its_block_ends(path):
    """An account can be locked again after the block, also after one that failed."""
    with pytest.raises(ZeroDivisionError), lock(path, "norge"):
        raise ZeroDivisionError
    with lock(path, "norge"), pytest.raises(Locked), lock(path, "norge"):
        pass


def test_an_account_name_is_no_path(path):
    """Whatever an account is called, its lock lies beside the database."""
    with lock(path, "../../norge"):
        assert {file.parent for file in path.parent.iterdir()} == {path.parent}
        assert any("norge" in file.name for file in path.parent.iterdir())


def test_a_folder_nobody_can_write_to_is_no_held_lock(tmp_path):
    """Where no lock file can be made, the folder is named instead of a run that is not there."""
    file = tmp_path / "file"
    file.touch()
    told = pytest.raises(StoreError, match="no file can be written into")
    with told as refusal, lock(file / "connector.db", "norge"):
        pass
    assert refusal.value.exit_code == 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that refuses all files")
def test_a_folder_that_refuses_every_file_is_no_held_lock():
    """The same where the system reports a folder without the file instead of an error."""
    with pytest.raises(StoreError, match="into /proc;"), lock(Path("/proc/x.db"), "norge"):
        pass
