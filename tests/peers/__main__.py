"""Public tools read the sandbox without noticing, and say of its deals what connector says.

Run it with `make peers`; the tools are installed from PyPI into `.venv-peers`, each by itself.
"""

import sys
import tempfile
import time
from pathlib import Path

from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY
from tests.bench.installation import Installation
from tests.bench.serving import Crm, serving
from tests.bench.timing import KEY, timed
from tests.peers import nutshell
from tests.peers.environments import REQUIREMENTS, reader
from tests.peers.seen import ours
from tests.peers.tools import TOOLS, differences

COLUMNS = "{:<26}{:<42}{:>7}{:>9}{:>8}{:>9}{:>10}"


def main() -> int:
    """Print a table, and of every tool that differs the first differences."""
    print(COLUMNS.format("tool", "installed", "deals", "changes", "equal", "seconds", "requests"))
    differing = 0
    with tempfile.TemporaryDirectory() as folder, serving() as crm:
        connector = Installation(Path(folder) / "connector", crm.url)
        run, database = connector.pull(), connector.database
        everything = ours(database, archived=True)
        told = (everything.deals, len(everything.changes), "", run.seconds, crm.traffic().all)
        _print("connector", "", *told)
        for peer in TOOLS:
            differing += not _same(peer, Path(folder) / peer, database, crm)
    with tempfile.TemporaryDirectory() as folder, serving(crm="nutshell") as crm:
        differing += not _same_of_nutshell(Path(folder), crm)
    return 1 if differing else 0


def _same(peer: str, folder: Path, database: Path, crm: Crm) -> bool:
    folder.mkdir()
    tool, command = TOOLS[peer], reader(peer)
    run = timed([*command, crm.url, KEY, str(folder)], folder)
    theirs, mine = tool.seen(folder), tool.blurred(ours(database, archived=tool.archived))
    found = differences(mine.values, theirs.values) + differences(mine.changes, theirs.changes)
    equal = "no" if found else "yes"
    told = (theirs.deals, len(theirs.changes), equal, run.seconds, crm.traffic().all)
    _print(tool.name, ", ".join(REQUIREMENTS[peer]).replace("--no-deps ", ""), *told)
    for line in found[:5]:
        print(f"    {line}")
    return not found


def _same_of_nutshell(folder: Path, crm: Crm) -> bool:
    connector = Installation(folder / "connector", crm.url, crm="nutshell")
    run = connector.pull()
    mine = nutshell.connectors(connector.database)
    told = (mine.deals, len(mine.changes), "", run.seconds, crm.traffic().all)
    _print("connector, of Nutshell", "", *told)
    command = [*reader("nutshell"), crm.url, f"{ADMIN}:{ADMIN_KEY}", str(folder)]
    run, theirs = timed(command, folder), nutshell.theirs(folder)
    found = differences(mine.values, theirs.values)
    told = (theirs.deals, 0, "no" if found else "yes", run.seconds, crm.traffic().all)
    _print("nutshell", ", ".join(REQUIREMENTS["nutshell"]), *told)
    report = connector.report("forecast")
    began, told_by_nutshell = time.monotonic(), nutshell.forecast(crm.url, f"{ADMIN}:{ADMIN_KEY}")
    sums = differences(nutshell.forecasted(report).values, told_by_nutshell.values)
    seconds, open_leads = time.monotonic() - began, report["weighted"][0]["deals"]
    _print("Nutshell's forecast report", "", open_leads, 0, "no" if sums else "yes", seconds, 1)
    for line in (found + sums)[:5]:
        print(f"    {line}")
    return not found + sums


def _print(
    name: str, installed: str, deals: int, changes: int, equal: str, seconds: float, requests: int
) -> None:
    print(COLUMNS.format(name, installed, deals, changes, equal, f"{seconds:.1f}", requests))


if __name__ == "__main__":
    sys.exit(main())
