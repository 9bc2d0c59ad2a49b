"""The sales processes people write, one TOML file each in `mappings/`."""

from connector.process.files import load_process, load_processes, parse_process, schema, starters
from connector.process.rules import check_bindings

__all__ = [
    "check_bindings",
    "load_process",
    "load_processes",
    "parse_process",
    "schema",
    "starters",
]
