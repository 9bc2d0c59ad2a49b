"""Paths as people know them: from the folder of config.toml, where they lie below that."""

import os
from pathlib import Path

from connector.config import Config


def near(path: Path, config: Config) -> str:
    """A path, shortened where it can be."""
    folder = _folder(config)
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def nearby(error: Exception, config: Config) -> str:
    """An error's words, the paths in them shortened."""
    return str(error).replace(f"{_folder(config)}{os.sep}", "")


def _folder(config: Config) -> Path:
    return config.path.absolute().parent
