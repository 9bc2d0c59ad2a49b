"""Breaks pulls in every way there is, judges each by its figure, and prints the table.

Run it with `make faults`; `python -m tests.faults.table WORD…` takes only the rows with such a word
in them. Leaves faults.json, and ends with 1 where a figure was not met.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.faults import crashes, edits, keys, pages, storms, wires
from tests.faults.account import calm_content
from tests.faults.row import Measured, Row

FAMILIES = {
    "storms": storms.ROWS,
    "wire": wires.ROWS,
    "pages": pages.ROWS,
    "edits": edits.ROWS,
    "crashes": crashes.ROWS,
    "keys": keys.ROWS,
}
# Most rows wait for something most of the time.
AT_ONCE = 4


def main(words: Sequence[str]) -> int:
    """Measure all rows, or those with such words, a few at a time."""
    rows = [
        (family, row)
        for family, rows in FAMILIES.items()
        for row in rows
        if not words or any(word in f"{family} {row.injected}" for word in words)
    ]
    calm_content()
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda each: _tell(*each), rows))
    met = sum(each["ok"] for each in told)
    _say(f"{met} of {len(told)} figures met, {time.monotonic() - began:.0f} s")
    Path("faults.json").write_text(json.dumps(told, indent=2, ensure_ascii=False))
    return 0 if met == len(told) else 1


def _tell(family: str, row: Row) -> dict[str, Any]:
    began = time.monotonic()
    measured = _measured(row)
    seconds = time.monotonic() - began
    mark = "ok   " if measured.ok else "SHORT"
    _say(f"{mark} {family:<8} {row.injected:<46} {seconds:>5.0f} s  {measured.seen}")
    return {
        "family": family,
        "injected": row.injected,
        "figure": row.figure,
        "measured": measured.seen,
        "ok": measured.ok,
        "seconds": round(seconds, 1),
    }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _measured(row: Row) -> Measured:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            return row.measure(Path(folder))
        except Exception as broken:  # a row that cannot be measured is a row not met
            return Measured(
                False, f"could not be measured: {type(broken).__name__}: {broken}"[:400]
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
