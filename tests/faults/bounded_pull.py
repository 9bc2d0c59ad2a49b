"""A pull in a process of its own, with bounds of the caller's choice; prints how it ended as JSON.

python -m tests.faults.bounded_pull CONFIG EXCHANGE_SECONDS ATTEMPTS WAITING_SECONDS
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

from connector.config import load_config
from connector.crm.transport import Bounds
from connector.errors import ConnectorError
from connector.jobs.pull import pull
from connector.store import close, open_database
from tests.faults.worlds import connected

GRACE = 0.5  # a thread that is about to end may do so


def main(path: str, exchange: float, attempts: int, waiting: float) -> None:
    config = load_config(Path(path), os.environ)
    account = config.accounts[0]
    bounds = Bounds(connect=exchange, exchange=exchange, attempts=attempts, waiting=waiting)
    before = threading.active_count()
    crm = connected(account, account.base_url, bounds)
    db = open_database(config.database)
    began, error = time.monotonic(), ""
    try:
        pull(account, crm, db)
    except ConnectorError as fault:
        error = str(fault)
    seconds = time.monotonic() - began
    close(db)
    deadline = time.monotonic() + GRACE
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    threads = threading.active_count() - before
    sys.stdout.write(json.dumps({"seconds": seconds, "error": error, "threads": threads}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
