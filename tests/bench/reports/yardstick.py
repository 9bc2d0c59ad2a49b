"""DuckDB as the yardstick: the same questions as SQL, over the same million deals.

A report says more than the question put to DuckDB does, so that the seconds are no race; that both
give the same answer is checked.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from math import isclose
from pathlib import Path
from typing import Any

from tests.bench.reports.cases import MANY, REPORTS, SINCE, UNTIL, installation, report
from tests.bench.rows import Row
from tests.bench.timing import timed
from tests.peers.environments import python_of

SCRIPT = Path(__file__).parent / "duck.py"
Rows = Sequence[Sequence[Any]]
Answer = dict[str, Sequence[float]]


def beside_duckdb(_: Path) -> Iterator[Row]:
    """Seconds with and without loading, and whether the answers are the same."""
    case = f"the same questions in DuckDB, {MANY:,} deals"
    home = installation(MANY)
    instants = (str(round(datetime.fromisoformat(at).timestamp() * 1000)) for at in (SINCE, UNTIL))
    # -P: the folder of the script is not to be searched for modules.
    run = timed([python_of("duckdb"), "-P", str(SCRIPT), str(home / "bench.db"), *instants], home)
    said = json.loads((home / "said.log").read_text())
    yield Row(case, "loading over ADBC and Arrow", said["load"], "s")
    yield Row(case, "memory", run.megabytes, "MB")
    for name, asked in said["questions"].items():
        ours = report(MANY, [*REPORTS[name][0], "--json"])
        told = json.loads((home / "said.log").read_text())
        yield Row(case, f"{name}: DuckDB, loaded already", asked["seconds"], "s")
        yield Row(case, f"{name}: DuckDB, with loading", said["load"] + asked["seconds"], "s")
        yield Row(case, f"{name}: the whole report", ours.seconds, "s")
        yield Row(case, f"{name}: the whole report, processor", ours.processor, "s")
        in_duck, in_report = READINGS[name]
        differing = _differing(in_duck(asked["rows"]), in_report(told))
        yield Row(case, f"{name}: answers that differ", differing, at_most=0)


def _differing(one: Answer, other: Answer) -> int:
    """How many lines only one of them has, or both with other figures."""
    lines = {*one, *other}
    return sum(not _same(one.get(line, ()), other.get(line, ())) for line in lines)


def _same(one: Sequence[float], other: Sequence[float]) -> bool:
    return len(one) == len(other) and all(map(isclose, one, other))


def _stays(rows: Rows) -> Answer:
    stays: dict[str, list[float]] = {}
    for stage, ended, _, number in rows:
        counted = stays.setdefault(stage, [0, 0])
        counted[0] += number
        counted[1] += number if ended else 0
    return stays


def _told_stays(document: Any) -> Answer:
    return {row["stage"]: (row["stays"], row["left"]) for row in document["medians"]}


def _conversions(rows: Rows) -> Answer:
    return {stage: (entered, went_on) for stage, entered, went_on in rows}


def _told_conversions(document: Any) -> Answer:
    rows = document["conversions"]
    return {row["from"]: (row["entered"], row["converted"]) for row in rows}


def _win_rates(rows: Rows) -> Answer:
    return {owner: (won, lost, value or 0) for owner, won, lost, value in rows}


def _told_win_rates(document: Any) -> Answer:
    told = (row for row in document["closed"] if row["group"])
    return {row["group"]: (row["won"], row["lost"], row["won_value"]["amount"]) for row in told}


def _weighted(rows: Rows) -> Answer:
    return {owner: (deals, value or 0) for owner, deals, value in rows}


def _told_weighted(document: Any) -> Answer:
    told = (row for row in document["weighted"] if row["split"] == "owner")
    return {row["key"]: (row["deals"], row["configured"]["amount"]) for row in told}


def _waterfall(rows: Rows) -> Answer:
    ((opened, worth, left, worth_left, won, lost),) = rows
    return {"start": (opened, worth), "end": (left, worth_left), "won": (won,), "lost": (lost,)}


def _told_waterfall(document: Any) -> Answer:
    bars = {row["bar"]: row for row in document["bars"]}
    ends = {name: (bars[name]["deals"], bars[name]["value"]["amount"]) for name in ("start", "end")}
    return {**ends, **{name: (-bars[name]["deals"],) for name in ("won", "lost")}}


# How to read the answer of each question: DuckDB's rows, and the report's document.
READINGS: dict[str, tuple[Callable[[Rows], Answer], Callable[[Any], Answer]]] = {
    "time-in-stage": (_stays, _told_stays),
    "conversion": (_conversions, _told_conversions),
    "win-rate": (_win_rates, _told_win_rates),
    "forecast": (_weighted, _told_weighted),
    "waterfall": (_waterfall, _told_waterfall),
}
