"""The key in no output, whatever an answer does with it."""

import json
import socket
from collections.abc import Callable
from urllib.parse import quote

import pytest

from connector.cli.main import main
from connector.errors import CrmError

KEY = "pat-na1-0a/b+c=d"
DETAILS = {
    "portalId": 7,
    "accountType": "STANDARD",
    "timeZone": "Europe/Oslo",
    "companyCurrency": "NOK",
    "uiDomain": "app.hubspot.com",
}


def chunked(connection: socket.socket) -> None:
    """Refuse, with the key cut in two by a chunk's edge."""
    body = f'{{"message": "unknown: {KEY}"}}'.encode()
    middle = body.index(b"0a/b")
    connection.sendall(
        b"HTTP/1.1 401 No\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for part in (body[:middle], body[middle:], b""):
        connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))


def repeating(status: int, text: str, **headers: str) -> Callable[..., bytes]:
    return lambda answer: answer(json.dumps({"message": text}).encode(), status, **headers)


ANSWERS = {
    "in the body": repeating(401, f"the key {KEY} is not known"),
    "URL-encoded": repeating(401, f"in /deals?hapikey={quote(KEY, safe='')}"),
    "escaped": lambda answer: answer(
        f'{{"message": "{KEY}"}}'.replace("/", "\\/").replace("+", "\\u002b").encode(), 401
    ),
    "as a scope": lambda answer: answer(
        f'{{"errors": [{{"context": {{"requiredGranularScopes": ["{KEY}"]}}}}]}}'.encode(), 403
    ),
    "in the headers": lambda answer: answer(b"x", 200, Content_Type=f"text/{KEY}", X_Key=KEY),
    "as a place to go": lambda answer: answer(b"", 302, Location=f"/{KEY}"),
    "as an encoding": lambda answer: answer(b"x", 200, Content_Encoding=KEY),
    "as a charset": lambda answer: answer(
        b"{}", 200, Content_Type=f"application/json; charset={KEY}"
    ),
    "in pieces": lambda answer: chunked,
}


@pytest.fixture
def run(server, tmp_path, monkeypatch, capsys, caplog):
    """Runs `connector pull` against the raw server; returns exit code and everything it said."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "config.toml").write_text(
        'version = 1\n[accounts.norge]\ncrm = "hubspot"\ntoken = { env = "KEY" }\n'
        f'base_url = "{server.url}"\n'
    )
    monkeypatch.setenv("KEY", KEY)
    monkeypatch.chdir(tmp_path)

    def run(*options: str) -> tuple[int, str]:
        code = main([*options, "pull"])
        told = capsys.readouterr()
        return code, told.out + told.err + caplog.text

    return run


@pytest.mark.parametrize("options", [(), ("--verbose",), ("--json",)])
@pytest.mark.parametrize("how", ["in the body", "URL-encoded", "escaped", "in pieces"])
def test_a_key_revoked_in_mid_run_ends_it(run, server, answer, how, options):
    """A 401 between good answers ends the pull with 4, without a second try or the key itself."""
    server.plays(answer(json.dumps(DETAILS).encode()), ANSWERS[how](answer))
    code, said = run(*options)
    assert code == 4
    assert "HubSpot does not accept the key" in said
    # Everything that was asked at the same time was asked once.
    assert len({asked.target for asked in server.asked}) == len(server.asked)
    assert KEY not in said
    assert quote(KEY, safe="") not in said


@pytest.mark.parametrize("how", [how for how in ANSWERS if how not in ("in pieces", "escaped")])
def test_no_answer_makes_the_key_visible(run, server, answer, how):
    """Wherever an answer repeats the key, neither messages nor logs do."""
    server.plays(ANSWERS[how](answer))
    code, said = run("--verbose")
    assert code in (1, 4)
    assert "HubSpot" in said
    assert KEY not in said
    assert quote(KEY, safe="") not in said


def test_no_broken_answer_makes_the_key_visible(transport, server, answer, caplog):
    """Where the status line or the length of an answer is the key, it is not quoted either."""
    key = "pat-na1-a-secret"

    def as_the_status(connection: socket.socket) -> None:
        connection.sendall(f"{key} 200 OK\r\n\r\n".encode())

    for reply in (as_the_status, answer(b"{}", Content_Length=key)):
        server.plays(reply)
        with pytest.raises(CrmError) as caught:
            transport.read("GET", "/")
        assert key not in f"{caught.value}{caplog.text}"
