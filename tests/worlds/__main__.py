"""Many worlds of known truth beside what the reports say of them: tables, and worlds.json.

Run it with `make worlds`, or `make worlds WORLDS=20` for fewer of them. docs/benchmarks.md tells
how to read the tables.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from statistics import fmean

from tests.worlds.settled import settled
from tests.worlds.sightings import WorldSeen, look
from tests.worlds.summary import Row, summary


def main() -> None:
    """Look at the worlds, print, and leave worlds.json."""
    parser = argparse.ArgumentParser(prog="python -m tests.worlds")
    parser.add_argument("worlds", nargs="?", type=int, default=200, help="how many; 200 without it")
    asked = parser.parse_args().worlds
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        worlds = list(pool.map(_seen, range(asked), chunksize=5))
    tables = summary(worlds)
    deals = fmean(world.deals for world in worlds)
    print(f"{asked} worlds of {deals:,.0f} deals in three years")
    for title, rows in tables.items():
        print("", title, *_lines(rows), sep="\n")
    document = {"tables": tables, "worlds": [asdict(world) for world in worlds]}
    Path("worlds.json").write_text(json.dumps(document) + "\n")


def _seen(seed: int) -> WorldSeen:
    with tempfile.TemporaryDirectory() as folder, settled(seed, Path(folder) / "world") as made:
        return look(made)


def _lines(rows: list[Row]) -> Iterator[str]:
    """A table as people read it, words left and numbers right."""
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    words = [isinstance(value, str) for value in rows[0].values()]
    for line in cells:
        told = (
            cell.ljust(width) if word else cell.rjust(width)
            for cell, width, word in zip(line, widths, words, strict=True)
        )
        yield f"  {'   '.join(told)}".rstrip()


def _cell(value: str | float | None) -> str:
    match value:
        case None:
            return "–"
        case str():
            return value
        case int():
            return f"{value:,}"
    return f"{value:.3f}"


if __name__ == "__main__":
    main()
