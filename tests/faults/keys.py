"""Keys that stop opening in mid-run."""

from pathlib import Path

from connector.sandbox import Fault, Hits, either
from connector.sandbox.faults import Effect, Strike
from connector.sandbox.http import Request, Response
from connector.sandbox.hubspot import refusing
from tests.faults.account import Account
from tests.faults.row import Measure, Measured, Row, judged
from tests.faults.worlds import InHubSpot, World

NO_RETRY = "no retry, exit 4, the key in no output"
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
            key_in_no_output=crm.secret not in ran.out + ran.err,
            key_not_stored=not account.mentions(crm.secret),
            nothing_promoted=not any(account.content()),
        )

    return measure


ROWS = (
    Row("key revoked in mid-run", NO_RETRY, locked_out(either.revoked), quick=True),
    Row(
        "scope lost in mid-run",
        NO_RETRY,
        locked_out(refusing.scope_lost()),
        crms=(InHubSpot,),
    ),
    Row(
        "another account behind the key in mid-run",
        NO_RETRY,
        locked_out(either.other_account(), refuses=False),
    ),
)
