"""Deals that change, move, come and go while they are read; and pulls with far fewer of them."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from connector.sandbox import VirtualClock
from tests.faults.account import Account, unlike
from tests.faults.row import Measure, Measured, Row, judged
from tests.faults.worlds import NOW, InHubSpot, World

THERE = "every deal present at both ends is there"
SUSPECT = "marked suspect, nothing taken for gone; pull --accept-suspect"
SEEDS = 6
MERGE_OR_GONE = "SELECT COUNT(*) FROM deals_all WHERE gone_at IS NOT NULL"


@dataclass
class Harvest:
    """What reads among edits came to, over several seeds."""

    edits: int = 0
    missing: int = 0
    astray: int = 0
    unlike: set[tuple[int, str]] = field(default_factory=set)
    codes: set[int] = field(default_factory=set)


def written(index_lag: float, *, night: bool = False) -> Measure:
    """An edit before every request of a pull; then a calm pull, held against a full one."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        told = Harvest()
        for seed in range(SEEDS):
            account, clock = Account.of_company(folder / str(seed), crm), VirtualClock(NOW)
            if night:
                with account.served(clock=clock):
                    account.pull()
                clock.advance(timedelta(hours=2))
            _read_among_edits(account, clock, seed, index_lag, told)
            clock.advance(timedelta(minutes=10))
            _compare_with_a_full_read(account, clock, seed, index_lag, told)
        return judged(
            f"{SEEDS} seeds, {told.edits} edits: {told.missing} missing; after the next pull"
            f" {len(told.unlike)} unlike a full read; exits {sorted(told.codes)}",
            nothing_missing=told.missing == 0,
            next_pull_as_a_full_read=not told.unlike and told.astray == 0,
            exit_0_or_suspect=told.codes <= {0, 5},
        )

    return measure


def _read_among_edits(
    account: Account, clock: VirtualClock, seed: int, index_lag: float, told: Harvest
) -> None:
    before, writer = account.present(), account.world.writer(seed=seed)
    pages = account.world.small_pages
    with account.served(pages, clock=clock, before=writer, index_lag=index_lag):
        told.codes.add(account.pull().code)
    # One that was in the recycle bin in between may still be on record as archived.
    binned = {str(deal) for kind, deal in writer.edits if kind in ("archive", "restore")}
    there = account.known() | (account.recorded() & binned)
    told.missing += len((before & account.present()) - there)
    told.edits += len(writer.edits)


def _compare_with_a_full_read(
    account: Account, clock: VirtualClock, seed: int, index_lag: float, told: Harvest
) -> None:
    with account.served(clock=clock, index_lag=index_lag):
        told.codes.add(account.pull().code)
        after = account.lives()
        told.codes.add(account.pull("--full").code)
    told.unlike |= {(seed, deal) for deal in unlike(after, account.lives())}
    told.astray += account.known() != account.present()


def far_fewer(folder: Path, crm: type[World]) -> Measured:
    """A full read that shows half of the deals takes none for gone."""
    account = Account.of_company(folder, crm)
    with account.served():
        account.pull()
    known, gone = account.known(), account.count(MERGE_OR_GONE)
    with account.served([crm.half_hidden]) as sandbox:
        ran = account.pull("--full")
    kept, gone_after = account.known(), account.count(MERGE_OR_GONE)
    with account.served():
        accepted = account.pull("--accept-suspect")
        again = account.pull("--full")
    return judged(
        f"exit {ran.code}: {ran.last_words}; accepted with {accepted.code}, then {again.code}",
        struck=sandbox.strikes[0] > 0,
        exit_5=ran.code == 5,
        told="suspect" in ran.err.lower(),
        nothing_gone=(kept, gone_after) == (known, gone),
        mended=again.code == 0 and account.known() == known,
    )


def really_gone(folder: Path, crm: type[World]) -> Measured:
    """Where most deals were deleted for good, --accept-suspect takes them for gone."""
    account, clock = Account.of_company(folder, crm), VirtualClock(NOW)
    with account.served(clock=clock):
        account.pull()
    for deal in sorted(account.present())[::2]:
        account.world.purge(deal)
    clock.advance(timedelta(hours=2))
    with account.served(clock=clock):
        first = account.pull("--full")
        before = len(account.known())
        accepted = account.pull("--accept-suspect")
    return judged(
        f"exit {first.code} with {before} live, then {accepted.code} with {len(account.known())}",
        suspect_first=first.code == 5 and before > len(account.present()),
        accepted=accepted.code == 0 and account.known() == account.present(),
    )


ROWS = (
    Row("edits between all requests of a first pull", THERE, written(0.0)),
    Row("edits between all requests of a night", THERE, written(0.0, night=True)),
    Row("the same, first pull, index lag of 60 s", THERE, written(60.0), crms=(InHubSpot,)),
    Row("the same, night, index lag of 60 s", THERE, written(60.0, night=True), crms=(InHubSpot,)),
    Row("half of the deals missing from the listing", SUSPECT, far_fewer),
    Row("half of the deals deleted for good", SUSPECT, really_gone),
)
