"""The `connector` command as a process of its own; `python -m connector` is the same."""

import sys

from connector.cli.main import main

# sqlite-utils imports both where they happen to be installed, for types that nobody stores here:
# half a second of every command (measured with version 4.2).
_UNUSED = ("numpy", "pandas")


def run() -> None:
    """Run one command and end the process with its exit code."""
    sys.modules.update(dict.fromkeys(_UNUSED))  # type: ignore[arg-type]
    sys.exit(main())


if __name__ == "__main__":
    run()
