"""Breaks pulls in every way there is, judges each by its figure, and prints the table.

Run it with `make faults`; `python -m tests.faults.table WORD…` takes only the rows with such a word
in them. Leaves faults.json, and ends with 1 where a figure was not met.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from tests.faults import bodies, clocks, content, crashes, edits, keys, logs, pages, storms, wires
from tests.faults.account import calm_content
from tests.faults.row import Measured, Row
from tests.faults.worlds import EVERY, World

FAMILIES = (crashes, edits, storms, wires, bodies, pages, logs, keys, clocks, content)
ROWS = tuple(row for family in FAMILIES for row in family.ROWS)
# Most rows wait for something most of the time.
AT_ONCE = 6


class Told(NamedTuple):
    """One line of the table."""

    figure: str
    injected: str
    crm: str
    ok: bool
    measured: str
    seconds: float


def main(words: Sequence[str]) -> int:
    """Measure all rows, or those with such words, a few at a time."""
    cells = [
        (row, crm)
        for row in ROWS
        for crm in row.crms
        if not words or any(word in f"{row.injected} {crm.name}" for word in words)
    ]
    for crm in EVERY:
        calm_content(crm)
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(_told, cells))
    sys.stdout.writelines(f"{line}\n" for line in _table(told))
    met = sum(each.ok for each in told)
    sys.stdout.write(f"{met} of {len(told)} met, {time.monotonic() - began:.0f} s\n")
    answer = [each._asdict() for each in told]
    Path("faults.json").write_text(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0 if 0 < len(told) == met else 1


def _told(cell: tuple[Row, type[World]]) -> Told:
    row, crm = cell
    began = time.monotonic()
    measured = _measured(row, crm)
    seconds = round(time.monotonic() - began, 1)
    verdict = "ok" if measured.ok else "SHORT"
    sys.stderr.write(f"{verdict}: {row.injected}, {crm.name}, {seconds:.0f} s\n")
    return Told(row.figure, row.injected, crm.name, measured.ok, measured.seen, seconds)


def _measured(row: Row, crm: type[World]) -> Measured:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            return row.measure(Path(folder), crm)
        except Exception as broken:  # a row that cannot be measured is a row not met
            return Measured(
                False, f"could not be measured: {type(broken).__name__}: {broken}"[:400]
            )


def _table(told: Sequence[Told]) -> Iterator[str]:
    """The lines in their order, under the figures they are judged by."""
    for figure, lines in groupby(told, key=lambda each: each.figure):
        yield f"\n{figure}"
        for each in lines:
            mark = "ok   " if each.ok else "SHORT"
            yield f"  {mark} {each.injected:<44} {each.crm:<9} {each.measured}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
