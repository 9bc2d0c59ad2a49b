"""One virtual environment a peer, so that no peer meets another's libraries or ours.

connector has one too, without the libraries of its tests: sqlite-utils imports pandas where it
finds it, which people who install connector do not have.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

from filelock import FileLock

HOME = Path(".venv-peers")
READERS = Path(__file__).parent / "readers"

# dlt's HubSpot source is no package of its own: `dlt init` copies it from GitHub. ingestr 0.13
# carries that copy on PyPI, made for dlt 1.11, and needs nothing else to be imported.
REQUIREMENTS = {
    "connector": ("--editable .",),
    "official": ("hubspot-api-client==12.0.0",),
    "pipeline_diff": ("pipeline-diff==0.1.0",),
    "dlt_source": ("dlt==1.11.0", "setuptools<81", "--no-deps ingestr==0.13.79"),
    "tap_hubspot": ("tap-hubspot==4.5.0",),
    "nutshell": ("nutshell==0.4.4",),
    "duckdb": ("duckdb==2.0.0", "pyarrow==26.0.1", "adbc-driver-sqlite==1.13.0"),
}


def reader(peer: str) -> tuple[str, ...]:
    """The command that starts a peer's reader."""
    # -P: a reader is named after its peer, and must not be taken for it.
    return python_of(peer), "-P", str(READERS / f"{peer}.py")


def python_of(peer: str) -> str:
    """A peer's own Python, its environment made where it is missing or another was asked for."""
    home = HOME / peer
    python, made = (home / "bin" / "python").absolute(), home / "installed.txt"
    wanted = _wanted(peer)
    HOME.mkdir(exist_ok=True)
    with FileLock(HOME / f"{peer}.lock"):
        if not made.exists() or made.read_text() != wanted:
            print(f"installing {', '.join(REQUIREMENTS[peer])} into {home}", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
            for requirement in REQUIREMENTS[peer]:
                _install(python, requirement)
            made.write_text(wanted)
    return str(python)


def _wanted(peer: str) -> str:
    """What an environment is made for: its requirements, and what connector itself requires."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    return "\n".join(
        (*REQUIREMENTS[peer], *(project["dependencies"] if peer == "connector" else ()))
    )


def _install(python: Path, requirement: str) -> None:
    quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command = [python, *quiet, *requirement.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{requirement} could not be installed:\n{done.stderr[-1000:]}")
