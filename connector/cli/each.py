"""One command over several accounts, of which one may fail without stopping the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from connector.cli.app import App
from connector.cli.output import complain
from connector.config import Account
from connector.errors import ConnectorError

if TYPE_CHECKING:
    from connector.report import Document

Answer = TypeVar("Answer")

PARTLY_DONE = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """An account that could not be worked on, and why."""

    account: str
    error: ConnectorError


@dataclass(frozen=True, slots=True)
class Answers(Generic[Answer]):
    """What came of each account, in the order of config.toml."""

    all: tuple[Answer | Failure, ...]

    @property
    def good(self) -> list[Answer]:
        """What came of the accounts that could be worked on."""
        return [each for each in self.all if not isinstance(each, Failure)]

    @property
    def failures(self) -> list[Failure]:
        """The accounts that could not be worked on."""
        return [each for each in self.all if isinstance(each, Failure)]

    def documents(self, of: Callable[[Answer], "Document"]) -> Sequence["Document"]:
        """A report for every account, also where it only says why there is none."""
        from connector.report import failure_document

        return [
            failure_document(each.account, each.error) if isinstance(each, Failure) else of(each)
            for each in self.all
        ]

    def exit_code(self, done: int = 0) -> int:
        """`done` where every account answered, 5 where some did, the errors' own where none did."""
        codes = {each.error.exit_code for each in self.failures}
        if not codes:
            return done
        if self.good:
            return PARTLY_DONE
        return codes.pop() if len(codes) == 1 else ConnectorError.exit_code


def each_account(app: App, name: str | None, work: Callable[[Account], Answer]) -> Answers[Answer]:
    """Work on the account of this name, or on all, telling of each that fails as it does.

    The error of an account that is the only one ends the command.
    """
    accounts = app.accounts(name)
    if len(accounts) == 1:
        return Answers((work(accounts[0]),))
    return Answers(tuple(_attempt(account, work) for account in accounts))


def _attempt(account: Account, work: Callable[[Account], Answer]) -> Answer | Failure:
    try:
        return work(account)
    except ConnectorError as error:
        complain(f"{account.name}: {str(error).removeprefix(f'{account.name}: ')}")
        return Failure(account.name, error)
