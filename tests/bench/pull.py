"""How long a first pull takes, beside the official client reading the same deals into a list.

Run it with `make bench`. Machines are noisy, so look at the ratio, which comes from runs in turn.
"""

import csv
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

DEALS = 10_000
RUNS = 3
STAGES = ("met", "examined", "evaluated", "won")
KEY = "pat-sandbox-read"

CONFIG = """\
version = 1
database = "bench.db"
mappings = "mappings"

[accounts.bench]
crm = "hubspot"
token = {{ env = "BENCH_TOKEN" }}
requests_per_10s = 100000
base_url = "{url}"
"""

# The official client's own loop; it keeps every deal in memory and writes nothing.
OFFICIAL = """\
import sys
import hubspot
history = ["dealstage", "pipeline", "amount", "closedate", "hubspot_owner_id",
           "hs_manual_forecast_category"]
client = hubspot.Client.create(access_token=sys.argv[2], host=sys.argv[1])
deals = client.crm.deals.get_all(properties=history, properties_with_history=history)
print(len(deals))
"""


def main() -> None:
    """Print a table for people and leave bench.json for programs."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        _write_deals(work / "data")
        with _sandbox(work / "data") as url:
            (work / "mappings").mkdir()
            (work / "config.toml").write_text(CONFIG.format(url=url))
            ours, theirs = [], []
            for _ in range(RUNS):
                (work / "bench.db").unlink(missing_ok=True)
                ours.append(_timed([sys.executable, "-m", "connector", "-q", "pull"], work))
                theirs.append(_timed([sys.executable, "-c", OFFICIAL, url, KEY], work))
    _report(ours, theirs)


def _report(ours: list[tuple[float, int]], theirs: list[tuple[float, int]]) -> None:
    ratio = statistics.median(a[0] / b[0] for a, b in zip(ours, theirs, strict=True))
    print(f"{DEALS:,} deals, history of 6 fields, no latency, no limit, {RUNS} runs in turn")
    rows = {"connector pull, into SQLite": ours, "official client get_all, into a list": theirs}
    for name, runs in rows.items():
        seconds = statistics.median(run[0] for run in runs)
        print(f"{name:<40}{seconds:>7.2f} s {max(run[1] for run in runs) / 1024:>7.0f} MB peak")
    print(f"{'ratio, pair by pair':<40}{ratio:>7.2f}")
    Path("bench.json").write_text(json.dumps({"deals": DEALS, "ratio": ratio, "runs": rows}))


def _timed(command: list[str], work: Path) -> tuple[float, int]:
    """Seconds and peak memory, in KiB, of one whole process."""
    environment = {**os.environ, "BENCH_TOKEN": KEY}
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=work, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command[:4])} failed with {status}")
    return time.monotonic() - began, usage.ru_maxrss


@contextmanager
def _sandbox(data: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "connector", "sandbox", "--data", str(data), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            first = server.stdout.readline() if server.stdout else ""
            address = re.search(r"http://\S+", first)
            if address is None:
                sys.exit(f"the sandbox did not start: {first}")
            yield address[0]
        finally:
            server.terminate()


def _write_deals(folder: Path) -> None:
    chance = random.Random(0)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    folder.mkdir()
    with (
        (folder / "deals.csv").open("w") as deals,
        (folder / "stage_events.csv").open("w") as events,
    ):
        deal_rows, event_rows = csv.writer(deals), csv.writer(events)
        deal_rows.writerow(
            ["deal_id", "pipeline", "created_at", "closed_at", "outcome", "amount", "owner"]
        )
        event_rows.writerow(["deal_id", "seq", "stage", "entered_at"])
        for deal in range(1, DEALS + 1):
            at = start + timedelta(minutes=chance.randrange(500_000))
            deal_rows.writerow(
                [deal, "sales", f"{at:%FT%TZ}", "", "open", chance.randrange(10**6), deal % 12]
            )
            for seq, stage in enumerate(STAGES[: chance.randint(1, len(STAGES))], start=1):
                event_rows.writerow([deal, seq, stage, f"{at:%FT%TZ}"])
                at += timedelta(hours=chance.randrange(1, 500))


if __name__ == "__main__":
    main()
