"""How likely open deals are won, by the history: against a slow count and against R1's curves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.forecasting.win_probability import WinHistory, grain_for
from connector.metrics.stages.entrants import WON, Entrants
from connector.metrics.statistics.lengths import DAY, HOUR
from connector.model import Outcome

STAGES = ("new", "meeting", "offer")
PATHS = st.lists(
    st.tuples(st.sampled_from([*STAGES, "won", "lost", "-"]), st.integers(0, 60)),
    min_size=1,
    max_size=7,
).map(lambda moves: sorted(moves, key=lambda move: move[1]))
DEALS = st.lists(st.tuples(PATHS, st.none() | st.integers(0, 70)), max_size=25)


def lived(path, gone, until=1000):
    """The path of a deal with repeated stages left out, as the store keeps visits."""
    kept = [move for move in path if move[1] < until and (gone is None or move[1] <= gone)]
    runs = [move for before, move in pairwise([("", 0), *kept]) if before[0] != move[0]]
    return ", ".join(f"{stage} {at}" for stage, at in runs)


def cut(gone, until):
    return None if gone is None or gone >= until else gone


def slow_value(deals, stage, as_of):
    """The share won by the longest stay since the first entry, step by step."""
    spells = []
    for each in deals:
        firsts = [v.entered for v in each.visits if v.place and v.place.step == STAGES.index(stage)]
        if firsts:
            spells.append(fate(each, as_of, firsts[0]))
    return share_won(spells, -1.0, {"won": 1.0, "lost": 0.0})


def fate(deal, as_of, since):
    """How long a deal went on from an instant, and how that ended."""
    last = deal.visits[-1]
    if last.place is None:
        outside = [n for n, visit in enumerate(deal.visits) if visit.place is not None][-1] + 1
        return deal.visits[outside].entered - since, None
    if last.place.outcome is not Outcome.OPEN:
        return max(last.entered - since, 0), last.place.outcome.value
    return (as_of if deal.gone is None else deal.gone) - since, None


def share_won(spells, spent, worth):
    """Σ of S(x−)/S(spent) · d/n · worth over the lengths x beyond a time spent."""
    survival, total = 1.0, 0.0
    for length in sorted({length for length, how in spells if how and length > spent}):
        at_risk = sum(each >= length for each, _ in spells)
        ends = [how for each, how in spells if each == length and how]
        total += survival * sum(worth[how] for how in ends) / at_risk
        survival *= 1 - len(ends) / at_risk
    return total


def slow_chance(deals, stage, spent, as_of):
    """Where deals went that stayed longer, times what the stages they went to are worth."""
    step = STAGES.index(stage)
    worth = {name: slow_value(deals, name, as_of) for name in STAGES} | {"won": 1.0, "lost": 0.0}
    stays = []
    for each in deals:
        for here, following in pairwise([*each.visits, None]):
            if here.place is None or here.place.step != step:
                continue
            end = as_of if here.left is None else here.left
            moved = following and following.place
            how = ([*STAGES, "won", "lost"][moved.step] if moved else None) if following else None
            stays.append((end - here.entered, how))
    return share_won(stays, spent, worth)


@given(told=DEALS, spent=st.integers(0, 40))
def test_chances_are_those_of_a_slow_count(told, spent, deal, day, place):
    """Incidence beyond the time spent times Aalen–Johansen values, stay by stay."""
    deals = [deal(lived(path, gone), gone=gone) for path, gone in told if lived(path, gone)]
    decided = [deal(f"new {n / 10}, {'won' if n % 3 else 'lost'} {n}") for n in range(1, 13)]
    everyone = deals + decided
    history = WinHistory([day(100)])
    for each in everyone:
        history.take(each)
    (chances,) = history.chances()
    for stage in STAGES:
        there = any(
            v.place and v.place.step == STAGES.index(stage) for d in everyone for v in d.visits
        )
        if there:
            value = slow_value(everyone, stage, day(100))
            chance = slow_chance(everyone, stage, day(spent) - day(0), day(100))
            assert chances.entering(place(stage)) == pytest.approx(value, abs=1e-12)
            found = chances.sitting(place(stage), day(spent) - day(0))
            assert (found or 0) == pytest.approx(chance, abs=1e-12)


@given(told=DEALS)
def test_values_of_stages_are_aalen_johansen(told, deal, day, place):
    """The value of a stage is the share won by the longest stay that `Entrants` tells."""
    history, entrants = WinHistory([day(100)]), Entrants(0, 3, day(100))
    decided = [deal(f"new {n / 10}, {'won' if n % 3 else 'lost'} {n}") for n in range(1, 13)]
    known = [deal(lived(path, gone), gone=gone) for path, gone in told if lived(path, gone)]
    for each in (*decided, *known):
        if not any(visit.place is None for visit in each.visits):
            history.take(each)
            entrants.take(each)
    (chances,) = history.chances()
    for step, stage in enumerate(STAGES):
        if entrants.entered(step):
            told_share = entrants.incidence(step).last(WON).share
            assert chances.entering(place(stage)) == pytest.approx(told_share, abs=1e-12)


@given(told=DEALS, instants=st.lists(st.integers(1, 70), min_size=2, max_size=4).map(sorted))
def test_several_instants_at_once_are_each_by_itself(told, instants, deal, day, place):
    """As of each instant, chances are those of the changes before it and nothing else."""
    decided = [((("new", 0), ("won" if n % 3 else "lost", n / 100)), None) for n in range(1, 13)]
    everyone = [*told, *decided]
    together = WinHistory([day(at) for at in instants])
    for path, gone in everyone:
        if words := lived(path, gone):
            together.take(deal(words, gone=gone))
    for at, chances in zip(instants, together.chances(), strict=True):
        alone = WinHistory([day(at)])
        for path, gone in everyone:
            if words := lived(path, gone, at):
                alone.take(deal(words, gone=cut(gone, at)))
        (known,) = alone.chances()
        for stage in STAGES:
            for spent in (0, 5, 20):
                found = chances.sitting(place(stage), day(spent) - day(0))
                apart = known.sitting(place(stage), day(spent) - day(0))
                assert found == pytest.approx(apart, abs=1e-12) if apart else not found
        assert chances.overall(0) == known.overall(0)


def test_time_spent_changes_the_odds(deal, day, place):
    """Deals won after a day and lost after ten: who still waits on day five will be lost."""
    history = WinHistory([day(100)])
    for number in range(20):
        history.take(deal(f"new {number}, won {number + 1}"))
        history.take(deal(f"new {number}, lost {number + 10}"))
    (chances,) = history.chances()
    spent = {days: chances.sitting(place("new"), day(days) - day(0)) for days in (0, 5, 20)}
    assert spent == {0: 0.5, 5: 0.0, 20: 0.0}
    assert chances.overall(0) == 0.5


def test_pass_throughs_count(deal, day, place):
    """A stage a deal rushed through is the one it entered next, and is worth what that is."""
    history = WinHistory([day(100)])
    for number in range(10):
        history.take(deal(f"new 0, meeting 2, offer 2, {'won' if number < 7 else 'lost'} 9"))
    (chances,) = history.chances()
    assert chances.sitting(place("new"), 0) == pytest.approx(0.7)
    assert chances.entering(place("meeting")) == pytest.approx(0.7)


def test_a_deal_that_left_is_censored_as_it_left(deal, day, place):
    """What it did elsewhere later on is no matter: it was at risk until it left, and no longer."""
    history = WinHistory([day(100)])
    for _ in range(10):
        for path in ("new 0, lost 3", "new 0, - 5, - 9", "new 0, won 7"):
            history.take(deal(path))
    (chances,) = history.chances()
    assert chances.entering(place("new")) == pytest.approx(2 / 3)


def test_too_few_decided_deals_give_no_chance(deal, day, place):
    """Below ten decided deals nothing is said."""
    history = WinHistory([day(100)])
    for number in range(9):
        history.take(deal(f"new 0, won {number + 1}"))
    (chances,) = history.chances()
    assert chances.overall(0) is None
    assert chances.sitting(place("new"), 0) is None
    assert chances.entering(place("new")) is None


def test_a_stage_nobody_left_gives_no_chance(deal, day, place):
    """What becomes of deals in a new stage is not known; it is not nothing."""
    history = WinHistory([day(100)])
    for number in range(10):
        history.take(deal(f"new 0, won {number + 1}"))
    history.take(deal("offer 90"))
    (chances,) = history.chances()
    assert chances.sitting(place("offer"), 0) is None


def test_how_many_a_chance_goes_by_is_known(deal, day, place):
    """Those that lay longer and have left; what still lies there tells of no exit."""
    history = WinHistory([day(100)])
    for number in range(10):
        history.take(deal(f"new 0, won {number + 1}"))
    history.take(deal("new 90"))
    (chances,) = history.chances()
    spent = [0, 4, 9, 10, 11]
    assert [chances.seen(place("new"), day(n) - day(0)) for n in spent] == [10, 6, 1, 0, 0]
    assert chances.seen(place("offer"), 0) == 0


def test_the_grain_follows_the_work():
    """Lengths are exact where that is affordable, else in hours, or days for many instants."""
    assert [grain_for(1_000, 1), grain_for(10**6, 1), grain_for(10**6, 64)] == [1, HOUR, DAY]


def test_hours_hardly_move_a_chance(deal, day, place):
    """Counting lengths in hours changes a chance by far less than its own uncertainty."""
    exact, hours = WinHistory([day(400)]), WinHistory([day(400)], HOUR)
    for number in range(300):
        start, stay = number / 3, 0.3 + number * 37 % 101 / 9
        end = "won" if number % 5 < 2 else "lost"
        for history in (exact, hours):
            history.take(deal(f"new {start}, meeting {start + stay}, {end} {start + 2 * stay}"))
    (known,), (binned,) = exact.chances(), hours.chances()
    for spent in range(10):
        one, other = (each.sitting(place("new"), day(spent) - day(0)) for each in (known, binned))
        assert one == pytest.approx(other, abs=0.01)
