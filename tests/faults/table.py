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

from tests.faults import bodies, clocks, content, crashes, edits, keys, pages, storms, wires
from tests.faults.account import calm_content
from tests.faults.row import Measured, Row

FAMILIES = (crashes, edits, storms, wires, bodies, pages, keys, clocks, content)
ROWS = tuple(row for family in FAMILIES for row in family.ROWS)
# Most rows wait for something most of the time.
AT_ONCE = 4


class Told(NamedTuple):
    """One line of the table."""

    figure: str
    injected: str
    ok: bool
    measured: str
    seconds: float


def main(words: Sequence[str]) -> int:
    """Measure all rows, or those with such words, a few at a time."""
    rows = [row for row in ROWS if not words or any(word in row.injected for word in words)]
    calm_content()
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(_told, rows))
    sys.stdout.writelines(f"{line}\n" for line in _table(told))
    met = sum(each.ok for each in told)
    sys.stdout.write(f"{met} of {len(told)} met, {time.monotonic() - began:.0f} s\n")
    answer = [each._asdict() for each in told]
    Path("faults.json").write_text(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0 if 0 < len(told) == met else 1


def _told(row: Row) -> Told:
    began = time.monotonic()
    measured = _measured(row)
    seconds = round(time.monotonic() - began, 1)
    sys.stderr.write(f"{'ok' if measured.ok else 'SHORT'}: {row.injected}, {seconds:.0f} s\n")
    return Told(row.figure, row.injected, measured.ok, measured.seen, seconds)


def _measured(row: Row) -> Measured:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            return row.measure(Path(folder))
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
            yield f"  {mark} {each.injected:<44} {each.measured}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
