"""The sales processes people write, one TOML file each in `mappings/`."""

from connector.process.edits import (
    Edit,
    adopt_label,
    adopt_order,
    adopt_pipeline_label,
    adopt_probability,
    decide_probability,
    pin,
)
from connector.process.files import (
    load_process,
    load_processes,
    save_new,
    schema,
    starters,
    taken_keys,
)
from connector.process.importing import import_pipeline, managed
from connector.process.rules import check_bindings
from connector.process.writing import process_text, write_process

__all__ = [
    "Edit",
    "adopt_label",
    "adopt_order",
    "adopt_pipeline_label",
    "adopt_probability",
    "check_bindings",
    "decide_probability",
    "import_pipeline",
    "load_process",
    "load_processes",
    "managed",
    "pin",
    "process_text",
    "save_new",
    "schema",
    "starters",
    "taken_keys",
    "write_process",
]
