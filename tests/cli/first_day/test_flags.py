"""`connector init --no-input`: everything from flags, for scripts."""

import os
import stat
from dataclasses import replace

import pytest

from connector.errors import FileFaults
from connector.jobs.first_day import write_first_day
from connector.jobs.new_account import Home, KeyPlace, NewAccount, PortalKeys
from connector.model import Outcome, Remote, Stage
from connector.process import load_processes

READ_KEY = "pat-eu1-reads"
PORTAL = ("--account-id", "146210777")


def init(sandbox, *more):
    return ("--no-input", "init", "--base-url", sandbox.url, *more)


def test_a_whole_first_day_from_flags(shell, sandbox, golden, written_to):
    """From an empty folder: config.toml, a process per pipeline, a pull, no drift, no write."""
    arguments = init(sandbox, "--token", "env:READ_KEY", "--write-token", "env:WRITE_KEY")
    assert shell.run(*arguments, *PORTAL, "--name", "norge") == 0, shell.err
    assert shell.out.startswith("Drift in norge")
    assert "No drift: every pipeline" in shell.out
    assert shell.files() == [
        "config.toml", "connector.db", "mappings", "mappings/nysalg.toml", "mappings/service.toml"
    ]  # fmt: skip
    golden(
        "init-config.toml", shell.read("config.toml").replace(sandbox.url, "http://127.0.0.1:54321")
    )
    assert written_to(sandbox) == []
    assert "pat-eu1" not in shell.out + shell.err
    assert {each.language for each in load_processes(shell.folder / "mappings")} == {"nb"}


def test_a_key_from_a_command(shell, sandbox):
    """What a password manager prints serves as well, and config.toml keeps its words apart."""
    flags = ("--token", f"command:echo {READ_KEY}", *PORTAL, "--no-pull")
    assert shell.run(*init(sandbox, *flags)) == 0, shell.err
    assert f'token = {{ command = ["echo", "{READ_KEY}"] }}' in shell.read("config.toml")


def test_the_portal_is_never_taken_for_granted(shell, sandbox):
    """Without --account-id nothing is written, and the portal found is named in the flag."""
    assert shell.run(*init(sandbox, "--token", "env:READ_KEY")) == 2
    assert "--account-id 146210777" in shell.err
    assert shell.files() == []


def test_another_portal_than_named_is_refused(shell, sandbox):
    """--account-id of another portal ends with 1 and writes nothing."""
    assert shell.run(*init(sandbox, "--token", "env:READ_KEY", "--account-id", "7")) == 1
    assert "146210777" in shell.err
    assert shell.files() == []


def test_a_missing_scope_ends_it_with_4(shell, sandbox):
    """Where nobody can be asked, the missing scope is named and nothing is written."""
    arguments = init(sandbox, "--token", "env:LACKING_KEY", *PORTAL)
    assert shell.run(*arguments) == 4
    assert "crm.objects.owners.read" in shell.err
    assert shell.files() == []


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((), "--token file:PATH"),
        (("--token", "env:NOWHERE"), "NOWHERE gave no secret"),
        (("--token", "file:none"), "none gave no secret"),
        (("--token", "command:false"), "command `false` gave no secret"),
        (("--token", "command:connector '"), "No closing quotation"),
        (("--token", "pat-eu1-literal"), "file:PATH, env:NAME or command:LINE"),
        (("--token", "env:pat-eu1-literal"), "looks like the key itself"),
        (("--token", "env:READ_KEY", *PORTAL, "--write-token", "env:READ_KEY"),
         "keep them apart"),
        (("--token", "env:READ_KEY", *PORTAL, "--write-token", "env:LACKING_KEY"),
         "lacks crm.schemas.deals.write"),
        (("--token", f"env:{'a1' * 20}"), "looks like the key itself"),
        (("--token", "env:READ_KEY", *PORTAL, "--user", "x"), "--user is not for hubspot"),
        (("--token", "env:NOT A NAME"), "letters, digits and underscores"),
        (("--token", "env:READ_KEY", *PORTAL, "--name", "No Way"), "norge"),
        (("--token", "env:READ_KEY", *PORTAL, "--night", "25:00"), "03:10"),
        (("--token", "env:READ_KEY", *PORTAL, "--night", "25:00", "--no-night"), "03:10"),
        (("--token", "env:READ_KEY", *PORTAL, "--night", "03:10", "--no-night"), "not both"),
        (("--token", "file:config.toml", *PORTAL), "name a file for the key"),
    ],
)  # fmt: skip
def test_flags_that_cannot_be(shell, sandbox, flags, words):
    """Each wrong or missing answer is told with what to say instead, and nothing is written."""
    assert shell.run(*init(sandbox, *flags)) in (1, 2, 4)
    assert words in shell.err
    assert "literal" not in shell.err
    assert shell.files() == []


def test_a_key_is_sent_to_no_other_machine(shell):
    """--base-url takes this machine only, before the key is even read."""
    arguments = ("--no-input", "init", "--base-url", "https://evil.example", "--token", "env:X")
    assert shell.run(*arguments) == 2
    assert "on this machine" in shell.err


def test_nothing_is_overwritten(shell, sandbox):
    """A config.toml that is there ends it with 2; a process or key file that is there with 1."""
    arguments = init(sandbox, "--token", "env:READ_KEY", *PORTAL, "--no-pull")
    (shell.folder / "config.toml").write_text("mine")
    assert shell.run(*arguments) == 2
    assert "never overwritten" in shell.err
    assert shell.files() == ["config.toml"]


def test_pipelines_with_a_process_keep_it(shell, sandbox):
    """A second config.toml in a folder imports only what no process stands for yet."""
    flags = ("--token", "env:READ_KEY", *PORTAL, "--no-pull", "--no-night")
    assert shell.run(*init(sandbox, *flags)) == 0
    (shell.folder / "config.toml").unlink()
    (shell.folder / "mappings" / "service.toml").unlink()
    kept = shell.read("mappings/nysalg.toml")
    assert shell.run(*init(sandbox, *flags)) == 0
    assert shell.read("mappings/nysalg.toml") == kept
    assert "mappings/service.toml: Service" in shell.err
    assert "mappings/nysalg.toml" not in shell.err


def test_a_file_of_the_same_name_is_stepped_around(shell, sandbox):
    """A process file of another account keeps its name; the new one gets a number."""
    flags = ("--token", "env:READ_KEY", *PORTAL, "--no-pull", "--no-night")
    assert shell.run(*init(sandbox, *flags, "--name", "one")) == 0
    (shell.folder / "config.toml").unlink()
    assert shell.run(*init(sandbox, *flags, "--name", "two")) == 0
    assert shell.files()[2:] == [
        "mappings/nysalg-2.toml", "mappings/nysalg.toml",
        "mappings/service-2.toml", "mappings/service.toml",
    ]  # fmt: skip


REMOTE = Remote("hubspot", "7", "Æ", "STANDARD", "Europe/Oslo", "NOK", None)
ACCOUNT = NewAccount("norge", REMOTE, PortalKeys(KeyPlace(Home.FILE, "secrets/key")))


@pytest.fixture
def processes(tmp_path):
    from connector.jobs.first_day import new_processes
    from connector.model import Pipeline

    stages = (
        Stage("a", "Ny", 0.2, Outcome.OPEN),
        Stage("w", "Vunnet", 1.0, Outcome.WON),
        Stage("l", "Tapt", 0.0, Outcome.LOST),
    )
    pipelines = [Pipeline("p", "Nysalg", stages), Pipeline("q", "Nysalg", stages)]
    return new_processes(pipelines, "norge", "nb", tmp_path / "mappings")


def test_files_come_together_or_not_at_all(tmp_path, processes):
    """A failure at the last file takes all others back, and folders made for them."""
    keys = {tmp_path / "secrets" / "key": "pat"}
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        write_first_day(tmp_path / "file" / "config.toml", ACCOUNT, processes, keys)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_config_that_would_not_load_is_not_written(tmp_path, processes):
    """A time zone this machine does not know is named before anything is written."""
    strange = replace(ACCOUNT, remote=replace(REMOTE, time_zone="Mars/Olympus"), night="03:10")
    with pytest.raises(FileFaults, match="Mars/Olympus"):
        write_first_day(tmp_path / "config.toml", strange, processes, {})
    assert list(tmp_path.iterdir()) == []


def test_two_things_never_share_a_file(tmp_path, processes):
    """A key that would go where config.toml goes is refused before anything is written."""
    config = tmp_path / "config.toml"
    keys = {tmp_path / "secrets" / ".." / "config.toml": "pat-eu1-kept"}
    with pytest.raises(FileFaults, match="would hold two things"):
        write_first_day(config, ACCOUNT, processes, keys)
    assert list(tmp_path.iterdir()) == []


def test_files_of_others_are_never_taken_back(tmp_path, processes):
    """A file that was there before is named, and stays."""
    (tmp_path / "secrets").mkdir()
    mine = tmp_path / "secrets" / "key"
    mine.write_text("mine")
    with pytest.raises(Exception, match="exists already"):
        write_first_day(tmp_path / "config.toml", ACCOUNT, processes, {mine: "pat"})
    assert mine.read_text() == "mine"
    assert not (tmp_path / "mappings").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights elsewhere")
def test_a_kept_key_is_for_its_owner_alone(tmp_path, processes):
    """The key's file is made with mode 0600, whatever the umask grants."""
    before = os.umask(0)
    try:
        write_first_day(
            tmp_path / "config.toml", ACCOUNT, processes, {tmp_path / "secrets/key": "pat"}
        )
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600


def test_pipelines_of_one_name_get_a_key_each(processes):
    """Two pipelines that are called the same become two processes."""
    assert [process.key for process in processes] == ["nysalg", "nysalg-2"]
