"""One command over several accounts, of which one may fail without stopping the others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from connector.cli.app import App
from connector.cli.output import Output, complain
from connector.config import Account
from connector.errors import ConnectorError

if TYPE_CHECKING:
    from connector.report.document import Document

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

    def tell(
        self, output: Output, of: Callable[[Answer], "Document"], form: str | None = None
    ) -> None:
        """Print a report for every account, also where it only says why there is none.

        Plain text of failures alone is left out, because stderr has told them already.
        """
        from connector.report.failure import failure_document

        if self.good or output.is_kept(form):
            documents = [
                failure_document(one.account, one.error) if isinstance(one, Failure) else of(one)
                for one in self.all
            ]
            output.answer(documents, form)

    def exit_code(self, done: int = 0) -> int:
        """`done` where every account answered, 5 where some did, the errors' own where none did."""
        codes = {each.error.exit_code for each in self.failures}
        if not codes:
            return done
        if self.good:
            return PARTLY_DONE
        return codes.pop() if len(codes) == 1 else ConnectorError.exit_code


def each_account(app: App, name: str | None, work: Callable[[Account], Answer]) -> Answers[Answer]:
    """Work on the account of this name, or on all, telling of each that fails as it does."""
    return Answers(tuple(_attempt(account, work) for account in app.accounts(name)))


def _attempt(account: Account, work: Callable[[Account], Answer]) -> Answer | Failure:
    try:
        return work(account)
    except ConnectorError as error:
        complain(f"{account.name}: {str(error).removeprefix(f'{account.name}: ')}")
        return Failure(account.name, error)
