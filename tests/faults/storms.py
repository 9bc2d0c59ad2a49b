"""429 storms and failures: what passes by itself is waited out, and what does not is given up."""

from dataclasses import replace
from pathlib import Path

from connector.sandbox import Fault, Hits, wire
from connector.sandbox.named_faults import faults
from tests.faults.account import Account, Ran, calm_content
from tests.faults.row import Measure, Measured, Row, judged
from tests.faults.worlds import InHubSpot, World

BUDGET = 300.0
STRIKES = 8  # of a third of all requests; a CRM that tells no limit is left alone 10 s after each
EQUAL = "final database equal to the calm run's; retries within budget"
GIVES_UP = "gives up within budget; old state stays; exit 1 or 5"
STORMS = {
    "absent": "429 storm without Retry-After",
    "seconds": "429 storm, Retry-After in seconds",
    "date": "429 storm, Retry-After as a date",
    "zero": "429 storm, Retry-After 0",
    "negative": "429 storm, Retry-After negative",
    "huge": "429, Retry-After a day",
    "text": "429 storm, Retry-After a word",
    "ten-seconds": "429 of the ten-second window",
}
OUTAGE = Fault(wire.away(20.0), Hits(first=4, times=1))


def weathered(fault: str | Fault) -> Measure:
    """A pull through a fault ends as a calm one does."""
    (injected,) = faults(fault) if isinstance(fault, str) else [fault]
    bounded = replace(injected, hits=replace(injected.hits, times=injected.hits.times or STRIKES))

    def measure(folder: Path, crm: type[World]) -> Measured:
        account = Account.of_company(folder, crm)
        with account.served([bounded]) as sandbox:
            ran = account.pull()
        return judged(
            f"exit {ran.code}, {ran.seconds:.0f} s, struck {sandbox.strikes[0]} times",
            struck=sandbox.strikes[0] > 0,
            exit_0=ran.code == 0,
            equal=account.content() == calm_content(crm),
            within_budget=ran.seconds < BUDGET,
        )

    return measure


def given_up(name: str) -> Measure:
    """A pull that cannot succeed ends in time, and what an earlier one knew stands."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account = Account.of_company(folder, crm)
        with account.served():
            account.pull()
        before = account.content()
        with account.served(faults(name)) as sandbox:
            ran = account.pull("--full")
        return _judge_given_up(account, before, ran, sandbox.strikes[0])

    return measure


def _judge_given_up(account: Account, before: object, ran: Ran, strikes: int) -> Measured:
    return judged(
        f"exit {ran.code} after {ran.seconds:.0f} s and {strikes} refusals: {ran.last_words}",
        struck=strikes > 0,
        exit_1_or_5=ran.code in (1, 5),
        within_budget=ran.seconds < BUDGET + 60,
        old_state_stays=account.content() == before,
        check_clean=account.sound(),
    )


def resumed_after_quota(folder: Path, crm: type[World]) -> Measured:
    """The day's quota is used up in mid-run: exit 8, and the next run goes on."""
    account = Account.of_company(folder, crm)
    with account.served(faults("429-daily")) as sandbox:
        ran = account.pull()
    with account.served():
        again = account.pull()
    return judged(
        f"exit {ran.code} after {ran.seconds:.1f} s, {sandbox.strikes[0]} refusals;"
        f" then {again.code}",
        exit_8=ran.code == 8,
        next_run_completes=again.code == 0,
        equal=account.content() == calm_content(crm),
    )


ROWS = (
    *(Row(words, EQUAL, weathered(f"429-{name}")) for name, words in STORMS.items()),
    Row(
        "429 storm with a category and no policy",
        EQUAL,
        weathered("429-category"),
        crms=(InHubSpot,),
    ),
    Row(
        "429 of the daily policy in mid-run",
        "exit 8, the next run goes on",
        resumed_after_quota,
        crms=(InHubSpot,),
    ),
    Row("a third of all answers is 502", EQUAL, weathered("5xx")),
    Row("no connections for twenty seconds", EQUAL, weathered(OUTAGE)),
    Row("423 twice", EQUAL, weathered("423"), crms=(InHubSpot,)),
    Row("477 twice, Retry-After 1", EQUAL, weathered("477"), quick=True, crms=(InHubSpot,)),
    Row("nothing but 503", GIVES_UP, given_up("down")),
    Row("nothing but 503 from the 8th request on", GIVES_UP, given_up("down-later")),
)
