"""config.toml and the environment to a `Config`."""

from connector.config.config import Account, Config, load_config, schema
from connector.config.secret import Secret

__all__ = ["Account", "Config", "Secret", "load_config", "schema"]
