"""The `connector` command: global options, the commands, and how every error ends."""

import gc
import logging
import os
import sys
from pathlib import Path

import click

from connector.cli.lazy import LazyGroup
from connector.cli.output import Output, complain
from connector.errors import ConnectorError

_COMMANDS = {
    "init": ("connector.cli.init:init", "Connect an account, step by step, from an empty folder."),
    "doctor": ("connector.cli.doctor:doctor", "Look whether everything is in order."),
    "pull": ("connector.cli.pull:pull", "Read pipelines and deals into the database."),
    "drift": ("connector.cli.drift:drift", "Show how live pipelines differ from the process."),
    "plan": ("connector.cli.plan:plan", "Turn drift into changes to review; writes nothing."),
    "apply": ("connector.cli.apply:apply", "Send a reviewed plan to the CRM."),
    "history": ("connector.cli.history:history", "Tell how pipelines changed, and who did it."),
    "report": ("connector.cli.report:report", "Say what the history says."),
    "run": ("connector.cli.run:run", "Run the jobs of config.toml, every night by itself."),
    "process": (
        "connector.cli.process:process",
        "Start, list, check, import and edit process files.",
    ),
    "db": ("connector.cli.db:db", "Look after the database."),
    "sandbox": ("connector.cli.sandbox:sandbox", "Serve an emulated CRM on this machine."),
    "demo": ("connector.cli.demo:demo", "Run the main job on an invented company."),
}

_INTERRUPTED = 130  # 128 + SIGINT, as shells count

# Loading modules and decoding pages make many objects and hardly any rings of them; looking for
# rings as often as Python does by itself takes a sixth of a start.
_OBJECTS_BETWEEN_LOOKS = 20_000


@click.group(
    cls=LazyGroup,
    places=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    "config_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default="config.toml",
    envvar="CONNECTOR_CONFIG",
    show_default=True,
    help="The configuration file.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON (docs/json.md).")
@click.option("--quiet", "-q", is_flag=True, help="No progress and no closing lines.")
@click.option("--verbose", "-v", is_flag=True, help="Tell of every request on stderr.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.option("--no-input", is_flag=True, help="Never ask; fail where an answer is needed.")
@click.version_option(package_name="connector")
@click.pass_context
def cli(
    context: click.Context,
    config_path: Path,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    no_color: bool,
    no_input: bool,
) -> None:
    """Keep sales pipelines true to the process you agreed on, and remember how they moved.

    \b
    connector pull             read the CRM
    connector drift            see what differs from the process
    connector plan -o FILE     review what would be corrected
    connector apply FILE       correct it
    """
    from connector.cli.app import App

    if verbose:
        _tell_of_requests()
    color = not no_color and not os.environ.get("NO_COLOR")
    output = Output(as_json=as_json, quiet=quiet, color=color)
    context.obj = App(config_path, output, may_ask=not no_input and sys.stdin.isatty())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    try:
        return cli.main(arguments, prog_name="connector", standalone_mode=False) or 0
    except ConnectorError as error:
        complain(str(error))
        return error.exit_code
    except OSError as error:
        complain(f"{error.filename or 'this machine'}: {error.strerror or error}")
        return ConnectorError.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped; what was read so far is kept, nothing is half written", err=True)
        return _INTERRUPTED


def _tell_of_requests() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("connector")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
