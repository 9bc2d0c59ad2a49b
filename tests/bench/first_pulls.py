"""Cases in which everything is read: beside other tools, far away, on a small quota, and large."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.installation import Installation
from tests.bench.rows import Row
from tests.bench.serving import Crm, Traffic, serving
from tests.bench.timing import KEY, Run, timed
from tests.peers.environments import reader

TURNS = 3
OURS = "connector, into SQLite"
OTHERS = {"pipeline_diff": "pipeline-diff, into JSON lines", "official": "official get_all, a list"}
SECONDS = "s"


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of a tool, and what it asked the server."""

    run: Run
    traffic: Traffic


def beside_others(folder: Path) -> Iterator[Row]:
    """Time and memory beside other tools, which are run in turn with connector."""
    case = "10,000 deals, history of 6 fields, no latency, no limit"
    with serving(deals=10_000) as crm:
        ours, held = Installation(folder / "ours", crm.url), crm.held()
        turns: dict[str, list[Turn]] = {OURS: [], **{name: [] for name in OTHERS.values()}}
        for number in range(TURNS):
            turns[OURS].append(_first_pull(ours, crm))
            for peer, name in OTHERS.items():
                turns[name].append(_other(peer, crm, folder / f"{peer}-{number}"))
    fastest = turns[OTHERS["pipeline_diff"]]
    pairs = zip(turns[OURS], fastest, strict=True)
    ratio = median(mine.run.seconds / theirs.run.seconds for mine, theirs in pairs)
    yield Row(case, "time beside pipeline-diff, pair by pair", ratio, "ratio", 0.7)
    yield Row(case, "peak memory", max(t.run.megabytes for t in turns[OURS]), "MB", 100)
    yield _missing(case, ours, held)
    for name, taken in turns.items():
        yield from _told(case, name, taken)


def far_away(folder: Path) -> Iterator[Row]:
    """Where every answer takes its time, and the quota is wide."""
    case = "2,000 deals, 200 ms a request, 190 requests in 10 s, 5 searches a second"
    with serving(deals=2_000, latency=0.2, rate=190) as crm:
        ours, held = Installation(folder / "ours", crm.url, rate=190), crm.held()
        turns = [_first_pull(ours, crm) for _ in range(TURNS)]
        others = {name: [_other(peer, crm, folder / peer)] for peer, name in OTHERS.items()}
    yield Row(case, "time", median(turn.run.seconds for turn in turns), SECONDS, 2.5)
    yield Row(case, "answers 429", sum(turn.traffic.refused for turn in turns), at_most=0)
    yield _missing(case, ours, held)
    for name, taken in {OURS: turns, **others}.items():
        yield from _told(case, name, taken)


def small_quota(folder: Path) -> Iterator[Row]:
    """Where the quota binds: neither a request too many in any window, nor one too late."""
    case = "3,000 deals, 15 requests in 10 s, 429 without Retry-After"
    with serving(deals=3_000, rate=15) as crm:
        ours, held = Installation(folder / "ours", crm.url), crm.held()
        turn = _first_pull(ours, crm)
    floor = (math.ceil(turn.traffic.counting / 15) - 1) * 10
    yield Row(case, "time", turn.run.seconds, SECONDS, 1.05 * floor + 2)
    yield Row(case, "requests that count", turn.traffic.counting, "", 1.15 * 3_000 / 50 + 8)
    yield Row(case, "answers 429", turn.traffic.refused, at_most=0)
    yield _missing(case, ours, held)


def large(folder: Path) -> Iterator[Row]:
    """Ten times as many deals: memory that hardly grows, and time in proportion."""
    case = "100,000 deals, no latency, no limit"
    with serving(deals=10_000) as crm:
        tenth = _first_pull(Installation(folder / "tenth", crm.url), crm)
    with serving(deals=100_000) as crm:
        ours, held = Installation(folder / "ours", crm.url), crm.held()
        turn = _first_pull(ours, crm)
    proportion = turn.run.seconds / tenth.run.seconds / 10
    yield Row(case, "peak memory", turn.run.megabytes, "MB", 150)
    yield Row(case, "time beside ten times 10,000 deals", proportion, "ratio", 1.2)
    yield _missing(case, ours, held)
    yield from _told(case, OURS, [turn])
    yield from _sizes(case, ours)


def nutshell_first(folder: Path) -> Iterator[Row]:
    """A first pull of a Nutshell instance."""
    yield from _first_of_nutshell(folder, 10_000, 100)


def nutshell_large(folder: Path) -> Iterator[Row]:
    """Ten times as many leads."""
    yield from _first_of_nutshell(folder, 100_000, 250)


def _first_of_nutshell(folder: Path, leads: int, megabytes: float) -> Iterator[Row]:
    case = f"Nutshell, {leads:,} leads, no latency, no limit"
    with serving(deals=leads, crm="nutshell") as crm:
        ours, held = Installation(folder / "ours", crm.url, crm="nutshell"), crm.held()
        turn = _first_pull(ours, crm)
    yield Row(case, "peak memory", turn.run.megabytes, "MB", megabytes)
    yield _missing(case, ours, held)
    yield from _told(case, OURS, [turn])
    yield from _sizes(case, ours)


def _sizes(case: str, ours: Installation) -> Iterator[Row]:
    rows, file = ours.rows(), ours.database.stat().st_size
    yield Row(case, "a deal, all that is kept of it", ours.bytes_kept() / rows["deals"], "bytes")
    yield Row(case, "a change", ours.bytes_of("changes") / rows["changes"], "bytes")
    yield Row(case, "changes a deal", rows["changes"] / rows["deals"])
    yield Row(case, "the file, pages free for the next pull too", file / rows["deals"], "bytes")


def _first_pull(ours: Installation, crm: Crm) -> Turn:
    ours.forget()
    crm.traffic()
    return Turn(ours.pull(), crm.traffic())


def _other(peer: str, crm: Crm, folder: Path) -> Turn:
    # The official client writes no file by itself, so it is not asked for one.
    kept = [] if peer == "official" else [str(folder)]
    command = [*reader(peer), crm.url, KEY, *kept]
    folder.mkdir()
    crm.traffic()
    return Turn(timed(command, folder), crm.traffic())


def _told(case: str, name: str, turns: list[Turn]) -> Iterator[Row]:
    yield Row(case, f"{name}: time", median(turn.run.seconds for turn in turns), SECONDS)
    yield Row(case, f"{name}: processor", median(t.run.processor for t in turns), SECONDS)
    yield Row(case, f"{name}: memory", max(turn.run.megabytes for turn in turns), "MB")
    yield Row(case, f"{name}: requests", median(turn.traffic.all for turn in turns))


def _missing(case: str, ours: Installation, held: dict[str, int]) -> Row:
    rows = ours.rows()
    missing = sum(abs(number - rows[table]) for table, number in held.items())
    return Row(case, "deals and changes missing", missing, at_most=0)
