"""config.toml and the environment to a `Config`."""

from connector.config.config import Account, Config, load_config, schema
from connector.config.jobs import Job, Step
from connector.config.salvage import usable_config
from connector.config.secret import Secret

__all__ = ["Account", "Config", "Job", "Secret", "Step", "load_config", "schema", "usable_config"]
