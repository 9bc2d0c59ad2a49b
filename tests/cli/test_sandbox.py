"""How `connector sandbox` starts, refuses to, and breaks on purpose."""

import re
import socket
import subprocess
import sys

import requests

from connector.cli.main import main

READER = {"Authorization": "Bearer pat-sandbox-read"}


def test_a_port_in_use_is_named(capsys):
    """A port another program has ends with 1 and says which, and how to get a free one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["sandbox", "--port", str(port)]) == 1
    assert f"port {port} cannot be taken" in capsys.readouterr().err


def test_a_folder_without_deals_is_told(tmp_path, capsys):
    """--data names the file that is missing in its folder."""
    assert main(["sandbox", "--data", str(tmp_path), "--port", "0"]) == 1
    assert "deals.csv: No such file" in capsys.readouterr().err


def test_a_file_without_deals_is_told(tmp_path, capsys):
    """--data says of files that hold no deals that they cannot be served."""
    for name in ("deals.csv", "stage_events.csv"):
        (tmp_path / name).write_text("deal_id,seq\n")
    assert main(["sandbox", "--data", str(tmp_path), "--port", "0"]) == 1
    assert "cannot be served" in capsys.readouterr().err


def test_faults_can_be_listed(capsys):
    """--faults says of every fault what it does, and serves nothing."""
    assert main(["sandbox", "--faults"]) == 0
    told = capsys.readouterr().out
    assert "429-zero         a third of the requests: 429, Retry-After 0\n" in told
    assert "history-cut" in told
    assert "stale-rev        Nutshell: a third of the edits" in told


def test_an_unknown_fault_is_refused(capsys):
    """--fault takes only names that --faults lists."""
    assert main(["sandbox", "--fault", "gremlins"]) == 2
    assert "there is no fault 'gremlins'" in capsys.readouterr().err


def test_a_fault_is_injected():
    """--fault breaks the answers as the name says."""
    words = [sys.executable, "-m", "connector", "sandbox", "--port", "0", "--fault", "down"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().split()[1]
            assert requests.get(f"{address}/account-info/v3/details", timeout=10).status_code == 503
        finally:
            server.terminate()


def test_a_world_stands_beside_no_files(capsys):
    """--world says what is served, so --data cannot."""
    assert main(["sandbox", "--world", "1", "--data", ".", "--port", "0"]) == 2
    assert "leave out --data" in capsys.readouterr().err


def test_what_is_planted_in_a_world_is_told(capsys):
    """--world prints the truth its reports are to be held against."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        main(["sandbox", "--world", "1", "--port", str(taken.getsockname()[1])])
    said = capsys.readouterr().out
    assert "world 1: Ane Rep moves deals on 0.7 times as often as the others" in said
    assert "world 1: pumps move on 0.7 times as often since" in said
    assert "world 1: negotiated is configured 0.2 above its true probability" in said


def test_a_world_without_anything_planted_says_so(capsys):
    """A world in which all is as it seems is told as one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        main(["sandbox", "--world", "2", "--port", str(taken.getsockname()[1])])
    assert "world 2: nothing is planted" in capsys.readouterr().out


def test_both_crms_are_introduced_and_served():
    """Nutshell's users and keys are printed, and one port answers for both CRMs."""
    words = [sys.executable, "-m", "connector", "sandbox", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            lines = [server.stdout.readline() for _ in range(13)]
            address, said = lines[0].split()[1], "".join(lines)
            user = re.search(r"user (\S+): sees everything", said)[1]
            limited = re.search(r"user (\S+): sees only", said)[1]
            key = re.search(r"key (\S+): edits are logged as the user's", said)[1]
            states, leads = (_asked(address, path, user, key) for path in ("stagesets", "leads"))
            seen = _asked(address, "leads", limited, key)["meta"]["total"]
            owners = requests.get(f"{address}/crm/v3/owners", headers=READER, timeout=10)
        finally:
            server.terminate()
    assert {each["status"] for each in states["stagesets"]} == {1, 2, 3}
    assert leads["meta"]["total"] > seen > 0
    assert owners.status_code == 200


def test_files_are_served_as_leads_too(tmp_path):
    """--data serves the deals of the files in both CRMs, under the same names."""
    deals = "deal_id,pipeline,created_at,owner\nD1,sales,2026-01-01T00:00:00Z,Kari\n"
    (tmp_path / "deals.csv").write_text(deals)
    events = "deal_id,seq,stage,entered_at\nD1,1,met,2026-01-01T00:00:00Z\n"
    (tmp_path / "stage_events.csv").write_text(events)
    words = [sys.executable, "-m", "connector", "sandbox", "--data", str(tmp_path), "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().split()[1]
            leads = _asked(address, "leads", "admin@example.com", "nutshell-sandbox-key")["leads"]
        finally:
            server.terminate()
    assert [lead["name"] for lead in leads] == ["D1"]


def _asked(address, path, user, key):
    return requests.get(f"{address}/rest/{path}", auth=(user, key), timeout=10).json()
