import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from connector.crm.pace import Pace, Stopped


def send(pace: Pace, count: int, latency: float = 0.0) -> list[tuple[float, float]]:
    """Send requests one after the other; returns when each left and when its answer came."""
    times = []
    for _ in range(count):
        with pace.turn():
            left = time.monotonic()
            time.sleep(latency)
            times.append((left, time.monotonic()))
    return times


def densest(arrivals: list[float], seconds: float) -> int:
    return max(sum(start <= at < start + seconds for at in arrivals) for start in arrivals)


@contextmanager
def threads(count: int, work: Callable[[], object]) -> Iterator[list[threading.Thread]]:
    started = [threading.Thread(target=work) for _ in range(count)]
    for thread in started:
        thread.start()
    yield started
    for thread in started:
        thread.join(10)
        assert not thread.is_alive()


def told(pace: Pace) -> Pace:
    """A pace that has had its first answer."""
    send(pace, 1)
    return pace


# --- the window -----------------------------------------------------------------------------------


def test_no_window_holds_more_than_the_limit():
    """Whichever window is looked at, at most `limit` requests lie in it, and none is wasted."""
    times = send(Pace(5, 0.1), 18)
    assert densest([left for left, _ in times], 0.1) <= 5
    assert times[-1][0] - times[0][0] < 0.45


def test_requests_within_the_limit_do_not_wait():
    """A pull that stays below the limit is not slowed down."""
    times = send(Pace(100, 10.0), 100)
    assert times[-1][1] - times[0][0] < 0.1


@pytest.mark.parametrize("arrived", ["when it left", "when its answer came"])
def test_the_limit_holds_wherever_on_the_way_a_request_is_counted(arrived: str):
    """With slow answers and many threads, no window of arrivals is overfull, early or late ones."""
    pace, times = Pace(6, 0.2), []
    with threads(12, lambda: times.extend(send(pace, 2, latency=0.05))):
        pass
    assert len(times) == 24
    late = [came for _, came in times]
    early = [left for left, _ in times]
    # A request that left early may be counted late, and one behind it early.
    mixed = late[::2] + early[1::2]
    assert densest(mixed, 0.2) <= 6
    assert densest(early if arrived == "when it left" else late, 0.2) <= 6


def test_a_request_under_way_keeps_its_place():
    """Nobody knows when an unanswered request will be counted, so its place stays taken."""
    pace = told(Pace(2, 0.05))
    with pace.turn(), threads(1, lambda: send(pace, 3)) as (other,):
        time.sleep(0.03)
        assert other.is_alive()


def test_who_asked_first_is_let_through_first():
    """No thread overtakes another."""
    pace, order = told(Pace(1, 0.02)), []

    def go(number: int) -> None:
        with pace.turn():
            order.append(number)

    waiting = []
    for number in range(6):
        waiting.append(threading.Thread(target=go, args=(number,)))
        waiting[-1].start()
        time.sleep(0.005)
    for thread in waiting:
        thread.join()
    assert order == list(range(6))


def test_before_the_first_answer_eight_may_be_under_way():
    """Nobody knows the limit of a key before an answer told it."""
    pace, out, open_gate = Pace(100, 10.0), [], threading.Event()

    def go() -> None:
        with pace.turn():
            out.append(1)
            open_gate.wait()

    with threads(20, go):
        time.sleep(0.1)
        assert len(out) == 8
        open_gate.set()
    open_gate.clear()
    with threads(20, go):
        time.sleep(0.1)
        assert len(out) == 40
        open_gate.set()


def test_a_lost_answer_tells_no_limit():
    """A request that failed has told nothing, and the next ones are sent as carefully."""
    pace, out, open_gate = Pace(100, 10.0), [], threading.Event()

    def go() -> None:
        with pace.turn():
            out.append(1)
            open_gate.wait()

    with pytest.raises(TimeoutError), pace.turn():
        raise TimeoutError
    with threads(12, go):
        time.sleep(0.1)
        assert len(out) == 8
        open_gate.set()


# --- what the CRM tells ---------------------------------------------------------------------------


@pytest.mark.parametrize(("told", "limit"), [(3, 3), (10, 5), (0, 1), (-1, 1)])
def test_a_limit_is_only_lowered(told: int, limit: int):
    """A limit told later counts if it is lower, and one request always gets through."""
    pace = Pace(5, 10.0)
    pace.heed(told, 10.0)
    assert pace.limit == limit


def test_a_lowered_limit_counts_what_was_sent_before():
    """After the limit fell, the next request waits for the window of the earlier ones."""
    pace = Pace(5, 0.1)
    before = send(pace, 5)
    pace.heed(2, 0.1)
    times = [left for left, _ in before[3:] + send(pace, 4)]
    assert densest(times, 0.1) <= 2


def test_a_second_window_is_kept_beside_the_first():
    """Two requests within 50 ms and five within 200 ms: both hold, not just one."""
    pace = Pace(5, 0.2)
    pace.heed(2, 0.05)
    times = [left for left, _ in send(pace, 11)]
    assert densest(times, 0.05) <= 2
    assert densest(times, 0.2) <= 5
    assert pace.limit == 5


def test_what_another_run_used_is_left_alone(clock):
    """Where the CRM has fewer requests left than our own log says, the rest is not ours to send."""
    pace = Pace(10, 10.0, clock)
    with pace.turn() as began:
        pace.heed_remaining(4, 10.0, began)
    send(pace, 4)
    assert clock.waited == []
    send(pace, 1)
    assert clock.waited == [pytest.approx(10.1)]


def test_our_own_requests_are_not_taken_for_another_runs(clock):
    """What is under way or answered of ours explains what is missing, whatever the order."""
    pace = told(Pace(10, 10.0, clock))
    with pace.turn() as first, pace.turn() as second:
        pace.heed_remaining(7, 10.0, second)
        pace.heed_remaining(8, 10.0, first)
    send(pace, 7)
    assert clock.waited == []


def test_a_late_answer_does_not_forget_what_it_counted(clock):
    """What was answered a window ago still counted when a slow request arrived."""
    pace = Pace(10, 10.0, clock)
    send(pace, 5)
    with pace.turn() as began:
        clock.waited.append(10.5)
        pace.heed_remaining(4, 10.0, began)
    send(pace, 9)
    assert clock.waited == [10.5]


# --- holding and stopping -------------------------------------------------------------------------


def test_a_hold_holds_everybody_once():
    """Two threads that were told to wait make the others wait for the longer time, not for both."""
    pace = told(Pace(100, 10.0))
    began = time.monotonic()
    for seconds in (0.2, 0.1, 0.25):
        pace.hold(seconds)
    with threads(6, lambda: send(pace, 1)):
        pass
    assert 0.25 <= time.monotonic() - began < 0.45


def test_a_stop_ends_every_wait():
    """Who waits for the window, for a hold, or comes later gets an error at once."""
    pace, stopped = told(Pace(2, 10.0)), []

    def go() -> None:
        try:
            send(pace, 1)
        except Stopped:
            stopped.append(1)

    send(pace, 1)
    pace.hold(10.0)
    with threads(5, go):
        time.sleep(0.05)
        pace.stop()
    go()
    assert len(stopped) == 6
