"""Whole processes and what they cost, as the operating system counts it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

KEY = "pat-sandbox-read"


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: wall and processor seconds from start to end, peak memory in MB."""

    seconds: float
    processor: float
    megabytes: float


def timed(command: Sequence[str], folder: Path, **environment: str) -> Run:
    """Run a command to its end; one that fails ends the bench with what it said."""
    log = folder / "said.log"
    with log.open("w") as said:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdout=said, stderr=said
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
    process.returncode = status
    if status:
        sys.exit(f"{' '.join(command)} ended with {status}:\n{log.read_text()[-2000:]}")
    # Linux counts kilobytes, macOS bytes.
    scale = 1024**2 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)
