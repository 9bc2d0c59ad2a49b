"""Clocks that are off, on either side."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.sandbox import VirtualClock
from connector.sandbox.named_faults import faults
from tests.faults.account import Account, Lives, unlike
from tests.faults.row import Measure, Measured, Row, judged
from tests.faults.worlds import NOW, World

NO_TIME_LOST = "no negative duration, no change missed"
OSLO = ZoneInfo("Europe/Oslo")


def skewed(*names: str, off: timedelta = timedelta()) -> Measure:
    """After a pull under an odd clock, a night by the right one misses no edit."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        clock = VirtualClock(NOW + off)
        account = Account(folder, crm.of_company(now=min(NOW, clock.now())))
        with account.served(faults(*names), clock=clock):
            first = account.pull()
        writer = account.world.writer(seed=1, step=timedelta(minutes=2))
        account.world.clock = clock
        for _ in range(60):
            writer.edit()
        clock.advance(timedelta(minutes=5))
        with account.served(clock=clock):
            second = account.pull()
            after = account.lives()
            account.pull("--full")
        return _judge_times(account, [first.code, second.code], after)

    return measure


def back_an_hour(folder: Path, crm: type[World]) -> Measured:
    """Between two pulls the CRM's clock jumps back; deals change by the earlier time."""
    account = Account.of_company(folder, crm)
    with account.served(clock=VirtualClock(NOW + timedelta(hours=3))):
        first = account.pull()
    earlier = VirtualClock(NOW + timedelta(hours=2, minutes=10))
    account.world.clock = earlier
    writer = account.world.writer(seed=2)
    for _ in range(40):
        writer.edit()
    with account.served(clock=earlier):
        second = account.pull()
        after = account.lives()
        account.pull("--full")
    return _judge_times(account, [first.code, second.code], after)


def clock_change(folder: Path, crm: type[World]) -> Measured:
    """Pulls and edits through the night in which the clocks go back."""
    account, clock = Account.of_company(folder, crm), VirtualClock(_before_clocks_go_back())
    account.world.clock = clock
    writer = account.world.writer(seed=3, step=timedelta(minutes=5))
    codes = []
    with account.served(clock=clock):
        for _ in range(4):
            codes.append(account.pull().code)
            for _ in range(10):
                writer.edit()
        codes.append(account.pull().code)
        after = account.lives()
        account.pull("--full")
    return _judge_times(account, codes, after)


def _before_clocks_go_back() -> datetime:
    """Half an hour before the next time that Oslo, the account's time zone, has 02:30 twice."""
    hours = (NOW.replace(minute=0) + timedelta(hours=n) for n in range(366 * 24))
    return next(
        at - timedelta(minutes=30)
        for at in hours
        if at.astimezone(OSLO).utcoffset() < (at - timedelta(hours=1)).astimezone(OSLO).utcoffset()
    )


def _judge_times(account: Account, codes: list[int], after: Lives) -> Measured:
    negative = account.count("SELECT COUNT(*) FROM stage_visits WHERE days < 0")
    negative += account.count("SELECT COUNT(*) FROM pulls WHERE finished < started")
    missed = unlike(after, account.lives()) or account.known() ^ account.present()
    return judged(
        f"exits {codes}, {negative} negative durations",
        exit_0=set(codes) == {0},
        no_negative_duration=negative == 0,
        no_change_missed=not missed,
        check_clean=account.sound(),
    )


ROWS = (
    Row("the CRM's Date a day ahead", NO_TIME_LOST, skewed("date-ahead")),
    Row("the CRM's Date a day behind", NO_TIME_LOST, skewed("date-behind")),
    Row("the Date jumps a day back in mid-run", NO_TIME_LOST, skewed("date-jump")),
    Row("the CRM's clock a day ahead of ours", NO_TIME_LOST, skewed(off=timedelta(days=1))),
    Row("the CRM's clock a day behind ours", NO_TIME_LOST, skewed(off=-timedelta(days=1))),
    Row("the CRM's clock set back between pulls", NO_TIME_LOST, back_an_hour),
    Row("the night the clocks go back", NO_TIME_LOST, clock_change),
)
