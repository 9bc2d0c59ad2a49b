"""Every case of the bench in one go: a table on stdout, bench.json for programs.

Run it with `make bench`, or `make bench ALL=1` for 100,000 and 1,000,000 deals too. Machines are
noisy, so look at ratios, which come from runs in turn. docs/benchmarks.md says what is measured.
"""

import argparse
import json
import os
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench.first_pulls import (
    beside_others,
    far_away,
    large,
    nutshell_first,
    nutshell_large,
    small_quota,
)
from tests.bench.nights import nights, nutshell_nights
from tests.bench.reports.cases import reports_of_few, reports_of_many
from tests.bench.reports.yardstick import beside_duckdb
from tests.bench.rows import Row, table

CASES = {
    "beside-others": beside_others,
    "far-away": far_away,
    "small-quota": small_quota,
    "nights": nights,
    "nutshell-first": nutshell_first,
    "nutshell-nights": nutshell_nights,
    "reports": reports_of_few,
}
LONG = {
    "large": large,
    "nutshell-large": nutshell_large,
    "reports-of-many": reports_of_many,
    "beside-duckdb": beside_duckdb,
}


def main() -> None:
    """Measure, print, and leave bench.json."""
    known = CASES | LONG
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(known)}")
    parser.add_argument("--all", action="store_true", help="the long cases too")
    asked = parser.parse_args()
    names = asked.cases or (known if asked.all else CASES)
    if unknown := set(names) - set(known):
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(known)}")
    rows: list[Row] = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            rows += known[name](Path(folder))
    print(f"{table(rows)}\n\n{_machine()}")
    document = {
        "machine": _machine(),
        "rows": [asdict(row) | {"verdict": row.verdict} for row in rows],
    }
    Path("bench.json").write_text(json.dumps(document, indent=1) + "\n")


def _machine() -> str:
    """What the seconds were measured on; above its processors, the load stretches them."""
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    what = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return f"{what}, {os.cpu_count()} processors, {load}"


if __name__ == "__main__":
    main()
