"""What every command needs: configuration, database, accounts and the way to them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.output import Output
from connector.config import Account, Config, Secret, load_config
from connector.errors import FileFaults, NotFound
from connector.model import Process

if TYPE_CHECKING:
    from sqlite_utils import Database

    from connector.crm.hubspot import HubSpot
    from connector.crm.nutshell import Nutshell
    from connector.jobs.reading import Reading


class App:
    """One run of the command line; opens nothing before it is asked for."""

    def __init__(
        self,
        config_path: Path,
        output: Output,
        *,
        may_ask: bool,
        env: Mapping[str, str] = os.environ,
    ):
        self.config_path = config_path
        self.output = output
        self.may_ask = may_ask
        self.env = env

    @cached_property
    def config(self) -> Config:
        """The configuration, with all faults at once where it has some."""
        return load_config(self.config_path, self.env)

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """The processes, each fit for the accounts it is bound to."""
        return self.read_processes()

    def read_processes(self) -> tuple[Process, ...]:
        """The processes as their files are now."""
        from connector.process import check_bindings, load_processes

        processes = load_processes(self.config.mappings)
        crms = {each.name: each.crm for each in self.config.accounts}
        if faults := check_bindings(processes, crms):
            raise FileFaults(faults)
        return processes

    def account(self, name: str | None) -> Account:
        """The account of this name, or the only one."""
        accounts = self.config.accounts
        if name is None and len(accounts) == 1:
            return accounts[0]
        for account in accounts:
            if account.name == name:
                return account
        known = ", ".join(each.name for each in accounts)
        wrong = f"no account {name!r} in {self.config_path}"
        raise NotFound(f"{wrong if name else 'which account? Say --account'}; there is {known}")

    def accounts(self, name: str | None) -> tuple[Account, ...]:
        """The account of this name, or all."""
        return self.config.accounts if name is None else (self.account(name),)

    def connect(self, account: Account, *, write: bool = False) -> "HubSpot | Nutshell":
        """The CRM of an account, with the key for writing only where one is needed."""
        if account.token is not None:
            token = (account.write_token if write else None) or account.token
            return _connect_hubspot(account, token, write=write)
        if account.user is not None and account.key is not None:
            return _connect_nutshell(account, account.user, account.key)
        raise NotFound(f"{account.name}: {self.config_path} names no key for it")

    def reading(self, account: Account, *, offline: bool) -> "Reading":
        """The pipelines of an account, from the CRM or, offline, from the database."""
        from connector.jobs.reading import read_live, read_stored

        if not offline:
            return read_live(account, self.connect(account))
        with self.database() as db:
            return read_stored(account, db)

    def confirm(self, question: str, given: bool, flag: str) -> None:
        """Go on only with a yes: given by a flag, or at the terminal."""
        if given:
            return
        if not self.may_ask:
            raise click.UsageError(f"nobody to ask here: {question} Say so with {flag}.")
        click.confirm(question, abort=True, err=True)

    @contextmanager
    def database(self) -> Iterator["Database"]:
        """The database, open for the length of a command."""
        from connector.store import close, open_database

        db = open_database(self.config.database)
        try:
            yield db
        finally:
            close(db)


def _connect_hubspot(account: Account, token: Secret, *, write: bool) -> "HubSpot":
    from connector.crm.hubspot import connect

    return connect(
        token.reveal(),
        base_url=account.base_url,
        requests_per_10s=account.requests_per_10s,
        # A correction under way is read back even then; it costs a handful of requests.
        daily_reserve=0.0 if write else account.daily_reserve,
        fields=account.fields,
    )


def _connect_nutshell(account: Account, user: str, key: Secret) -> "Nutshell":
    from connector.crm.nutshell import connect

    return connect(
        user,
        key.reveal(),
        base_url=account.base_url,
        requests_per_10s=account.requests_per_10s,
        fields=account.fields,
        time_zone=account.time_zone,
        currency=account.currency,
    )
