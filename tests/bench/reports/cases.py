"""Every report as a whole command, on the history of many deals and of few."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import median

from tests.bench.rows import Row
from tests.bench.timing import Run, timed
from tests.peers.environments import python_of

MANY, FEW = 1_000_000, 10_000
TURNS = 3
SINCE, UNTIL = "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z"

# What each report may take on many deals: seconds, and MB at its peak.
STAYS, ALL_STAYS, OTHERS = (6, 100), (25, 100), (15, 300)
REPORTS: dict[str, tuple[Sequence[str], tuple[float, float]]] = {
    "time-in-stage": (("time-in-stage",), STAYS),
    "time-in-stage, all four readings": (("time-in-stage", "--reading", "all"), ALL_STAYS),
    "conversion": (("conversion",), OTHERS),
    "adoption": (("adoption",), OTHERS),
    "win-rate": (("win-rate", "--by", "owner"), OTHERS),
    "deal-size": (("deal-size", "--by", "product"), OTHERS),
    "cycle": (("cycle",), OTHERS),
    "velocity": (("velocity",), OTHERS),
    "losses": (("losses",), OTHERS),
    "reps": (("reps",), OTHERS),
    "forecast": (("forecast",), OTHERS),
    "forecast-accuracy": (("forecast-accuracy",), OTHERS),
    "waterfall": (("waterfall", "--from", SINCE, "--to", UNTIL), OTHERS),
    "calibration": (("calibration",), OTHERS),
    "suggest": (("suggest",), OTHERS),
}
AT_ONCE = 0.5  # seconds in which a report is there at once


def reports_of_few(_: Path) -> Iterator[Row]:
    """Histories as most companies have them: every report is there at once."""
    case = f"reports on {FEW:,} deals"
    for name, (command, _limits) in REPORTS.items():
        runs = [report(FEW, command) for _ in range(TURNS)]
        yield Row(case, name, median(run.seconds for run in runs), "s", AT_ONCE)
        yield Row(case, f"{name}: processor", median(run.processor for run in runs), "s")


def reports_of_many(_: Path) -> Iterator[Row]:
    """A million deals, whose changes do not fit in memory that reports may take."""
    case = f"reports on {MANY:,} deals"
    for name, (command, (seconds, megabytes)) in REPORTS.items():
        run = report(MANY, command)
        yield Row(case, name, run.seconds, "s", seconds)
        yield Row(case, f"{name}: processor", run.processor, "s")
        yield Row(case, f"{name}: memory", run.megabytes, "MB", megabytes)


def report(deals: int, command: Sequence[str]) -> Run:
    """One report, a process from start to end."""
    run = [python_of("connector"), "-m", "connector", "report", *command]
    return timed(run, installation(deals))


@cache
def installation(deals: int) -> Path:
    """The folder of a connector with so many deals, kept for the next time.

    Another process makes it: the system counts the memory of whoever starts a process for it too.
    """
    command = [sys.executable, "-m", "tests.bench.reports.histories", str(deals)]
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Path(made.stdout.strip())
