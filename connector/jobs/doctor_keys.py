"""What doctor finds of an account's keys: where they live, what they open, what they see."""

from collections.abc import Iterator

from connector.config import Account, Config, Secret, Step
from connector.config.secret import FromFile
from connector.crm.hubspot import scopes
from connector.crm.hubspot.needs import Need
from connector.crm.nutshell.sight import look
from connector.errors import ConnectorError, CrmError
from connector.jobs import checks
from connector.jobs.machine import Machine
from connector.jobs.nearby import near, nearby
from connector.report.document import CrmText
from connector.report.findings import Check, Code, Finding, Level, finding


def examine_keys(
    config: Config, account: Account, known: str | None, machine: Machine
) -> Iterator[Finding]:
    """Every finding about the keys of an account, which the database knows under a remote id."""
    if account.token is not None:
        yield from _reading_key(config, account, account.token, known, machine)
        yield from _writing_key(config, account, known)
    if account.key is not None and account.user is not None:
        yield from _users_key(config, account, account.user, account.key, known, machine)


def _reading_key(
    config: Config, account: Account, secret: Secret, known: str | None, machine: Machine
) -> Iterator[Finding]:
    token, found = _revealed(Check.TOKEN, secret, config)
    yield found
    if token is None:
        return
    needs, welcome = _asked_of_reading_key(config, account)
    asked = machine.now()
    try:
        key = scopes.inspect(token, needs, account.base_url, welcome=welcome)
    except CrmError as error:
        yield checks.refusal(Check.PORTAL, error)
        return
    yield checks.portal(Check.PORTAL, key.remote, account.account_id, known)
    yield from checks.scopes(Check.SCOPES, key)
    yield checks.clock(asked, machine.now(), key.remote.now)
    yield checks.quota(key.quota)


def _asked_of_reading_key(
    config: Config, account: Account
) -> tuple[tuple[Need, ...], tuple[Need, ...]]:
    """What the key must do, and what else it may: apply uses it where there is no other one."""
    if account.write_token is not None:
        return scopes.READING, ()
    if any(account.name in job.accounts and Step.APPLY in job.do for job in config.jobs):
        return scopes.READING + scopes.WRITING, ()
    return scopes.READING, scopes.WRITING


def _writing_key(config: Config, account: Account, known: str | None) -> Iterator[Finding]:
    check = Check.WRITE_TOKEN
    if account.write_token is None:
        yield finding(check, Code.TOKEN_SHARED)
        return
    token, found = _revealed(check, account.write_token, config)
    yield found
    if token is None:
        return
    try:
        key = scopes.inspect(token, scopes.WRITING, account.base_url)
    except CrmError as error:
        yield checks.refusal(check, error)
        return
    portal = checks.portal(check, key.remote, account.account_id, known)
    if portal.level is not Level.OK:
        yield portal
    yield from checks.scopes(Check.WRITE_SCOPES, key)


def _users_key(
    config: Config, account: Account, user: str, secret: Secret, known: str | None, machine: Machine
) -> Iterator[Finding]:
    """A key of Nutshell's, which acts as a user and is for reading and writing alike."""
    key, found = _revealed(Check.TOKEN, secret, config)
    yield found
    if key is None:
        return
    asked = machine.now()
    try:
        sight = look(user, key, account.base_url)
    except CrmError as error:
        yield checks.refusal(Check.PORTAL, error)
        return
    yield checks.portal(Check.PORTAL, sight.remote, account.account_id, known)
    yield checks.user(user, sight)
    yield from checks.sight(user, sight)
    yield checks.clock(asked, machine.now(), sight.remote.now)
    yield checks.quota(None)


def _revealed(check: Check, secret: Secret, config: Config) -> tuple[str | None, Finding]:
    """A key and where it came from, or why there is none."""
    try:
        token = secret.reveal()
    except ConnectorError as error:
        return None, finding(
            check, Code.TOKEN_NONE, Level.PROBLEM, said=CrmText(nearby(error, config))
        )
    match secret.origin:
        case FromFile(path):
            file, is_open = near(path, config), secret.origin.open_to_others
            return token, checks.token_file(check, file, open_to_others=is_open)
    return token, finding(check, Code.TOKEN_FOUND, origin=str(secret.origin))
