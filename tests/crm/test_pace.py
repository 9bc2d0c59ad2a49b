import time
from itertools import pairwise
from threading import Thread

import pytest

from connector.crm.pace import Pace


def _sent(pace: Pace, count: int) -> list[float]:
    times = []
    for _ in range(count):
        pace.wait()
        times.append(time.monotonic())
    return times


def _densest(times: list[float], seconds: float) -> int:
    return max(sum(1 for t in times if start <= t < start + seconds) for start in times)


def test_no_window_holds_more_than_the_limit():
    """Whichever window is looked at, at most `limit` requests lie in it, and none is wasted."""
    times = _sent(Pace(5, 0.1), 18)
    assert _densest(times, 0.095) <= 5
    assert times[-1] - times[0] < 0.45


def test_requests_within_the_limit_do_not_wait():
    """A pull that stays below the limit is not slowed down."""
    times = _sent(Pace(100, 10.0), 100)
    assert times[-1] - times[0] < 0.1


def test_threads_share_one_pace():
    """Requests from several threads count together."""
    pace, times = Pace(4, 0.1), []
    threads = [Thread(target=lambda: times.extend(_sent(pace, 4))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _densest(sorted(times), 0.09) <= 4


@pytest.mark.parametrize(("told", "limit"), [(3, 3), (10, 5), (0, 1), (-1, 1)])
def test_a_limit_is_only_lowered(told: int, limit: int):
    """A limit told later counts if it is lower, and one request always gets through."""
    pace = Pace(5, 10.0)
    pace.lower(told)
    assert pace.limit == limit


def test_a_lowered_limit_counts_what_was_sent_before():
    """After the limit fell, the next request waits for the window of the earlier ones."""
    pace = Pace(5, 0.1)
    times = _sent(pace, 5)
    pace.lower(2)
    times += _sent(pace, 4)
    assert all(second >= first for first, second in pairwise(times))
    assert _densest(times[3:], 0.095) <= 2
