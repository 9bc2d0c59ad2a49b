"""config.toml as frozen values, its paths resolved and its secrets left where they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connector.config.jobs import Job, check_jobs, read_jobs
from connector.config.secret import FromCommand, FromEnvironment, FromFile, Secret
from connector.config.shape import ConfigTable, HubspotTable, NutshellTable, SecretTable
from connector.config.targets import check_targets, read_target
from connector.errors import FileFaults
from connector.metrics.outcomes.targets import Target
from connector.metrics.privacy import EVERYTHING, Naming, Privacy
from connector.tomlfile import Source, read, validate

# What every Nutshell lead has beside the fields that are always tracked, by our names.
NUTSHELL_FIELDS = {
    "confidence": "confidence",
    "product": "products",
    "source": "sources",
    "lost_reason": "outcome",
}


@dataclass(frozen=True, slots=True)
class Account:
    """One HubSpot portal or Nutshell instance and the way into it.

    HubSpot takes `token` and, for apply alone, `write_token`; Nutshell takes `user` and `key`, and
    `time_zone` and `currency` where somebody told them, as it does not tell them itself.
    `account_id` is the remote id to insist on; `fields` maps our names of further deal fields to
    the CRM's; `base_url` is None for the real CRM. `daily_reserve` is the share of the CRM's daily
    quota, 0 to 1, that reading leaves to other integrations. After `verify_days` a pull reads
    everything, to see whether those of what changed missed anything.
    """

    name: str
    crm: str
    token: Secret | None
    write_token: Secret | None
    user: str | None
    key: Secret | None
    account_id: str | None
    requests_per_10s: int | None
    fields: Mapping[str, str]
    base_url: str | None
    daily_reserve: float = 0.1
    verify_days: int = 7
    time_zone: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What config.toml says; `database` and `mappings` are absolute paths.

    `home_currency` None leaves sums in each account's own currency; `rates` are units of it for one
    unit of another. `fiscal_year_start` is a month from 1 to 12. `targets` are known by period.
    """

    path: Path
    database: Path
    mappings: Path
    fiscal_year_start: int
    home_currency: str | None
    accounts: tuple[Account, ...]
    rates: Mapping[str, float]
    jobs: tuple[Job, ...] = ()
    privacy: Privacy = EVERYTHING
    targets: Mapping[str, Target] = field(default_factory=dict)


def load_config(path: Path, env: Mapping[str, str]) -> Config:
    """Read config.toml, or raise all its faults; `env` is where secrets may later be read from."""
    return to_config(checked(read(path)), path, env)


def checked(source: Source) -> ConfigTable:
    """The tables of a source, or all its faults."""
    table = validate(source, ConfigTable)
    faults = source.faults((*check_jobs(table), *check_targets(table)))
    if faults:
        raise FileFaults(faults)
    return table


def to_config(table: ConfigTable, path: Path, env: Mapping[str, str]) -> Config:
    """The tables of a file at `path` as a configuration."""
    folder = path.absolute().parent
    return Config(
        path=path,
        database=_resolve(folder, table.database),
        mappings=_resolve(folder, table.mappings),
        fiscal_year_start=table.fiscal_year_start,
        home_currency=table.home_currency,
        accounts=tuple(
            _account(name, account, folder, env) for name, account in table.accounts.items()
        ),
        rates=table.rates,
        jobs=tuple(read_jobs(table, folder)),
        privacy=Privacy(Naming(table.privacy.owners), table.privacy.minimum_group),
        targets={period: read_target(target) for period, target in table.targets.items()},
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of config.toml, for editors."""
    return ConfigTable.model_json_schema()


def _account(
    name: str, table: HubspotTable | NutshellTable, folder: Path, env: Mapping[str, str]
) -> Account:
    def secret(key: str) -> Secret | None:
        place = getattr(table, key, None)
        return _secret(f"accounts.{name}.{key}", place, folder, env) if place else None

    return Account(
        name=name,
        crm=table.crm,
        token=secret("token"),
        write_token=secret("write_token"),
        user=getattr(table, "user", None),
        key=secret("key"),
        account_id=table.account_id,
        requests_per_10s=table.requests_per_10s,
        fields=(NUTSHELL_FIELDS if table.crm == "nutshell" else {}) | table.fields,
        base_url=table.base_url,
        daily_reserve=getattr(table, "daily_reserve", 0.0),
        verify_days=table.verify_days,
        time_zone=getattr(table, "time_zone", None),
        currency=getattr(table, "currency", None),
    )


def _secret(key: str, place: SecretTable, folder: Path, env: Mapping[str, str]) -> Secret:
    if place.env:
        return Secret(key, FromEnvironment(place.env, env))
    if place.file:
        return Secret(key, FromFile(_resolve(folder, place.file)))
    return Secret(key, FromCommand(tuple(place.command or ())))


def _resolve(folder: Path, path: str) -> Path:
    """A path of config.toml is relative to the file's own folder, wherever connector is run."""
    return folder / Path(path).expanduser()
