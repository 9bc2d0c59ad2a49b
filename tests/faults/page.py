"""The table of docs/faults.md, from the faults.json that `make faults` leaves.

python -m tests.faults.page > table.md
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

LONGEST = 170  # letters of what was measured

Line = Mapping[str, str]


def table(lines: Sequence[Line]) -> Iterator[str]:
    """Under each figure what was injected, and beside it what came of it in each CRM."""
    for figure, told in groupby(lines, key=lambda line: line["figure"]):
        yield from (
            f"\n**{figure[:1].upper()}{figure[1:]}**\n",
            "| injected | HubSpot | Nutshell |",
        )
        yield "|---|---|---|"
        for injected, cells in groupby(told, key=lambda line: line["injected"]):
            seen = {line["crm"]: _cell(line) for line in cells}
            yield f"| {injected} | {seen.get('HubSpot', '')} | {seen.get('Nutshell', '')} |"


def _cell(line: Line) -> str:
    """What was measured, short, and said to be short where it is."""
    text = line["measured"].replace("|", "\\|")
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return text if line["ok"] else f"**short**: {text}"


if __name__ == "__main__":
    sys.stdout.writelines(
        f"{line}\n" for line in table(json.loads(Path("faults.json").read_text()))
    )
