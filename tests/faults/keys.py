"""Keys that stop opening in mid-run."""

from collections.abc import Callable
from pathlib import Path

from connector.sandbox import Fault, Hits, Portal
from connector.sandbox.faults import Effect, Strike
from connector.sandbox.http import Request, Response
from connector.sandbox.hubspot import lying, refusing
from tests.faults.account import TOKEN, Account
from tests.faults.row import Measure, Measured, Row, judged
from tests.faults.worlds import World

NO_RETRY = "no retry, exit 4, the token in no output"
MID_RUN = 8


def locked_out(effect: Effect, *, refuses: bool = True) -> Measure:
    """A key that stops opening ends the pull, at once where the CRM refuses it."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account, refused = Account.of_company(folder, crm), list[Request]()

        def struck(strike: Strike) -> Response:
            refused.append(strike.request)
            return effect(strike)

        with account.served([Fault(struck, Hits(first=MID_RUN))]):
            ran = account.command("--verbose", "pull")
        asked = [(each.method, each.target, each.body) for each in refused]
        return judged(
            f"exit {ran.code}, struck {len(asked)} times: {ran.last_words}",
            struck=bool(asked),
            exit_4=ran.code == 4,
            no_retry=len(set(asked)) == len(asked) or not refuses,
            token_in_no_output=TOKEN not in ran.out + ran.err,
            token_not_stored=not account.mentions(TOKEN),
            nothing_promoted=not any(account.content()),
        )

    return measure


_ANOTHER = lying.other_portal(Portal(999_999, name="Another"))

ROWS = (
    Row("token revoked in mid-run", NO_RETRY, locked_out(refusing.revoked()), quick=True),
    Row("scope lost in mid-run", NO_RETRY, locked_out(refusing.scope_lost())),
    Row(
        "another portal behind the token in mid-run", NO_RETRY, locked_out(_ANOTHER, refuses=False)
    ),
)
