"""What drift and plan leave out without a word: processes that are drafts."""

from collections.abc import Iterable, Sequence

from connector.cli.output import Output
from connector.config import Account
from connector.model import Process


def tell_of_drafts(
    output: Output, processes: Iterable[Process], accounts: Sequence[Account]
) -> None:
    """Name the drafts bound to these accounts, so that nobody takes them for free of drift."""
    names = {account.name for account in accounts}
    drafts = [
        process.key
        for process in processes
        if not process.active and any(each.account in names for each in process.bindings)
    ]
    if drafts:
        output.say(
            f"Left out, as drafts: {', '.join(drafts)}. With active = true in its file a process"
            " is compared too."
        )
