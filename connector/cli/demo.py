"""`connector demo`: the main job, shown on an invented company."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from connector.errors import ConnectorError
from connector.process import starters

_CONFIG = """\
version = 1
database = "connector.db"
mappings = "mappings"

[accounts.nordlys]
crm = "hubspot"
token = {{ env = "NORDLYS_TOKEN" }}
write_token = {{ env = "NORDLYS_WRITE_TOKEN" }}
base_url = "{url}"
fields = {{ product = "product_line", region = "region", lost_reason = "closed_lost_reason" }}
"""

# Pins by the ids HubSpot's default pipeline was born with; labels have drifted away from them.
_BINDINGS = {
    "b2b-five-steps.toml": """
[[bindings]]
account = "nordlys"
pipeline = "default"
language = "nb"
manage = ["label", "probability", "order"]

[bindings.stages]
meeting-booked = "appointmentscheduled"
product-examined = "qualifiedtobuy"
evaluated-by-team = "presentationscheduled"
contract-received = "contractsent"
contract-signed = "closedwon"
lost = "closedlost"
""",
    "key-account.toml": """
[[bindings]]
account = "nordlys"
pipeline = "74120663"
language = "nb"
manage = ["label", "probability", "order", "create"]

[bindings.stages]
need-confirmed = "741206631"
product-examined = "741206632"
evaluated-by-team = "741206633"
contract-received = "741206634"
contract-signed = "741206635"
lost = "741206636"
""",
}

# More than half of the stages of Nysalg have drifted, which holds them all until they are allowed;
# the two whose labels were swapped are.
ALLOWED = ("--allow", "bulk:product-examined", "--allow", "bulk:evaluated-by-team")

KEYS = {"NORDLYS_TOKEN": "pat-sandbox-read", "NORDLYS_WRITE_TOKEN": "pat-sandbox-write"}


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="connector-demo",
    show_default=True,
    help="Where its files go; what an earlier demo left there is replaced.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which company is made up.")
def demo(folder: Path, seed: int) -> int:
    """Run the main job on an invented company: pull, drift, plan, apply, plan, report.

    Starts a sandbox on this machine and runs the real commands against it, each shown before its
    output. Nothing leaves this machine.
    """
    from connector.sandbox import Sandbox, company

    with Sandbox(company(seed)) as sandbox:
        set_up(folder, sandbox.url)
        click.secho(f"In {folder}{os.sep}, against a sandbox at {sandbox.url}:", dim=True)
        for arguments in (["pull"], ["drift"], ["plan", "-o", "plan.json", *ALLOWED]):
            _run(folder, arguments)
        fingerprint = json.loads((folder / "plan.json").read_text("utf-8"))["fingerprint"]
        _run(folder, ["apply", "plan.json", "--confirm", fingerprint])
        _run(folder, ["plan"])
        _run(folder, ["report", "time-in-stage"])
    _say_what_next(folder)
    return 0


def set_up(folder: Path, url: str) -> None:
    """The demo's own files, anew; anything else in the folder is left alone."""
    mappings = folder / "mappings"
    mappings.mkdir(parents=True, exist_ok=True)
    for left in [*folder.glob("connector.db*"), folder / "plan.json"]:
        left.unlink(missing_ok=True)
    (folder / "config.toml").write_text(_CONFIG.format(url=url), "utf-8")
    for name, binding in _BINDINGS.items():
        shutil.copyfile(starters() / name, mappings / name)
        with (mappings / name).open("a", encoding="utf-8") as file:
            file.write(binding)


def _run(folder: Path, arguments: list[str]) -> None:
    """Show a command, then run it as a user would."""
    click.secho(f"\n$ connector {' '.join(arguments)}", bold=True)
    command = [sys.executable, "-m", "connector", "--config", "config.toml", *arguments]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **KEYS}, check=False)  # noqa: S603
    if done.returncode:
        raise ConnectorError(f"the demo stopped: that command ended with {done.returncode}")


def _say_what_next(folder: Path) -> None:
    click.secho("\nThat was the main job.", bold=True)
    config, database = folder / "config.toml", folder / "connector.db"
    click.echo(
        f"Its database is {database}; open it with any SQLite tool, or look on with\n"
        f"  connector --config {config} drift --offline\n"
        "\nFor an account of your own, from an empty folder:\n"
        "  connector init\n"
        "It asks for everything and writes nothing to the CRM; config.example.toml shows what\n"
        "else a configuration can say."
    )
