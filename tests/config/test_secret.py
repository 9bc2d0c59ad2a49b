import sys

import pytest

from connector.config import load_config
from connector.errors import ConnectorError


@pytest.fixture
def secret(tmp_path):
    """The secret whose place is written as TOML, as `accounts.norge.token`."""

    def secret(place: str, env: dict[str, str] | None = None):
        path = tmp_path / "config.toml"
        text = f'version = 1\n[accounts.norge]\ncrm = "hubspot"\ntoken = {place}\n'
        path.write_text(text, encoding="utf-8")
        return load_config(path, {} if env is None else env).accounts[0].token

    return secret


def command(script: str) -> str:
    return f"{{ command = ['{sys.executable}', '-c', '''{script}'''] }}"


def test_a_secret_in_the_environment(secret):
    """A variable's value is the secret."""
    assert secret('{ env = "TOKEN" }', {"TOKEN": "pat-1"}).reveal() == "pat-1"


def test_a_secret_in_a_file(secret, tmp_path):
    """A file's content is the secret, without the newline editors put behind it."""
    (tmp_path / "token").write_text("pat-2\r\n")
    assert secret('{ file = "token" }').reveal() == "pat-2"


def test_a_secret_from_a_command(secret):
    """What a command prints is the secret."""
    assert secret(command('print("pat-3")')).reveal() == "pat-3"


def test_a_secret_is_fetched_when_it_is_revealed(secret):
    """A variable set after loading counts; nothing is read before it is needed."""
    env: dict[str, str] = {}
    token = secret('{ env = "TOKEN" }', env)
    env["TOKEN"] = "late"
    assert token.reveal() == "late"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ('{ env = "TOKEN" }', "environment variable TOKEN gave no secret; set TOKEN"),
        ('{ env = "EMPTY" }', "environment variable EMPTY is empty; set EMPTY"),
        ('{ env = "LINES" }', "environment variable LINES should give one line"),
        ('{ file = "gone" }', "gone gave no secret; put the secret into it"),
        ('{ file = "." }', "gave no secret"),
        ('{ file = "blank" }', "blank is empty"),
        ('{ file = "binary" }', "binary gave no secret"),
        ('{ command = ["no-such-command-here"] }', "command `no-such-command-here` gave no secret"),
        (command('print("leak"); raise SystemExit(3)'), "gave no secret; run it by hand"),
        (command("pass"), "is empty"),
        (command('print("leak"); print("leak")'), "should give one line"),
    ],
)
def test_what_is_no_secret_is_said_without_it(secret, tmp_path, place, message):
    """The message names the key, the variable, file or command and what to do, nothing fetched."""
    (tmp_path / "blank").write_text("\n")
    (tmp_path / "binary").write_bytes(b"leak\xff")
    token = secret(place, {"EMPTY": " ", "LINES": "leak\nleak"})
    with pytest.raises(ConnectorError) as caught:
        token.reveal()
    assert str(caught.value).startswith("accounts.norge.token: ")
    assert message in str(caught.value)
    assert "leak" not in str(caught.value).replace(place, "")
