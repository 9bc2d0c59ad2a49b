from pathlib import Path

import pytest

from connector.config import load_config
from connector.errors import FileFaults
from connector.process import load_process, load_processes

TESTS = Path(__file__).parents[1]
PROCESSES = sorted((TESTS / "process" / "broken").iterdir())
CONFIGS = sorted((TESTS / "config" / "broken").iterdir())


def load(path: Path) -> object:
    """Whatever a path stands for; a folder holds files that do not go together."""
    if path.is_dir():
        return load_processes(path)
    return load_config(path, {}) if path in CONFIGS else load_process(path)


def messages(path: Path) -> list[str]:
    """What a person sees who uses a broken file."""
    with pytest.raises(FileFaults) as caught:
        load(path)
    return str(caught.value).replace(f"{TESTS}/", "").splitlines()


def test_every_broken_file_says_where_and_what(golden):
    """Each of the broken files gets the messages people have approved of, and no other ones."""
    lines = [line for path in PROCESSES + CONFIGS for line in [*messages(path), ""]]
    golden("broken-files.txt", "\n".join(lines))


def test_there_are_thirty_broken_files():
    """At least thirty ways of breaking a file are on show."""
    assert len(PROCESSES + CONFIGS) >= 30


def test_a_literal_secret_is_never_repeated():
    """The message about a token written into the file does not hold the token."""
    assert "pat-eu1" not in "".join(messages(TESTS / "config/broken/literal-token.toml"))
