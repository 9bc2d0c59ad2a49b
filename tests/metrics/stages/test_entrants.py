"""What became of the deals that entered a stage, and which probabilities that speaks for."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.funnel import OFF, FunnelStage, Place
from connector.metrics.stages.entrants import Ending, Entrants, ending
from connector.metrics.stages.stage_probability import STRENGTH, Share, StageWins
from connector.metrics.stages.suggestion import ENOUGH, Verdict, suggest
from connector.metrics.statistics.lengths import EXACT
from connector.model import Decision, Outcome

HERE = {
    "met": Place(0, 0, Outcome.OPEN, 1),
    "offered": Place(0, 1, Outcome.OPEN, 2),
    "unmapped": Place(0, OFF, Outcome.OPEN, 5),
    "dropped": Place(0, OFF, Outcome.LOST, 6),
    "won": Place(0, 2, Outcome.WON, 3),
    "lost": Place(0, 3, Outcome.LOST, 4),
    "elsewhere": Place(1, 0, Outcome.OPEN, 7),
    "won elsewhere": Place(1, 1, Outcome.WON, 8),
    "nowhere": None,
}
AS_OF = 100


def deal(*moves: tuple[str, int], gone: int | None = None) -> DealHistory:
    """A deal that entered stages at instants, each left for the next one."""
    left = [at for _, at in moves[1:]] + [gone]
    visits = [Visit(HERE[s], at, end, False) for (s, at), end in zip(moves, left, strict=True)]
    return DealHistory("norge", "1", "", 0, gone, visits)


@pytest.mark.parametrize(
    ("lived", "end"),
    [
        (deal(("met", 1)), Ending(Outcome.OPEN, AS_OF)),
        (deal(("met", 1), ("won", 9)), Ending(Outcome.WON, 9)),
        (deal(("met", 1), ("lost", 9)), Ending(Outcome.LOST, 9)),
        (deal(("met", 1), ("dropped", 9)), Ending(Outcome.LOST, 9)),
        (deal(("met", 1), ("lost", 9), ("met", 20)), Ending(Outcome.OPEN, AS_OF)),
        (deal(("met", 1), ("lost", 9), ("met", 20), ("won", 30)), Ending(Outcome.WON, 30)),
        (deal(("met", 1), gone=7), Ending(Outcome.OPEN, 7)),
        (deal(("met", 1), ("won", 5), gone=7), Ending(Outcome.WON, 5)),
        (deal(("met", 1), ("unmapped", 9)), Ending(Outcome.OPEN, AS_OF)),
        (deal(("met", 1), ("nowhere", 9)), Ending(Outcome.OPEN, 9)),
        (deal(("met", 1), ("elsewhere", 9)), Ending(Outcome.OPEN, 9)),
        (deal(("met", 1), ("elsewhere", 9), ("won elsewhere", 12)), Ending(Outcome.OPEN, 9)),
        (deal(("elsewhere", 1)), None),
    ],
)
def test_a_deal_ends_in_one_way(lived, end):
    """Won and lost count from the last closing; reopened, gone and moved away are censored."""
    assert ending(lived, 0, AS_OF) == end


def test_a_deal_counts_once_from_its_first_entry():
    """Coming back to a stage is no second entry, and a skipped one has none."""
    entrants = Entrants(0, 2, AS_OF)
    entrants.take(deal(("met", 10), ("offered", 20), ("met", 30), ("won", 50)))
    entrants.take(deal(("met", 10), ("lost", 50)))
    assert [entrants.entered(step) for step in (0, 1)] == [2, 1]
    assert entrants.incidence(0).longest == 40
    assert entrants.incidence(1).longest == 30


def test_many_entrants_are_counted_in_hours():
    """Above the limit lengths stand for the middle of their hour, which moves no share."""
    chance = Random(1)
    entrants = Entrants(0, 1, 10**12)
    for _ in range(EXACT + 1):
        end = "won" if chance.random() < 0.3 else "lost"
        entrants.take(deal(("met", 0), (end, chance.randrange(10**9))))
    assert entrants.binned
    incidence = entrants.incidence(0)
    assert len(incidence.times) <= 10**9 // 3_600_000 + 1
    assert incidence.last(0).share == pytest.approx(entrants.won / (EXACT + 1))


def test_who_lay_there_on_the_first_of_a_month_is_counted_once():
    """Only decided deals count; entering at the very instant is too late, leaving then is not."""
    wins = StageWins(0, (0, 1), AS_OF, months=(10, 20, 30))
    wins.take(deal(("met", 9), ("offered", 30), ("won", 31)))
    wins.take(deal(("met", 10), ("lost", 19)))
    wins.take(deal(("met", 19), ("lost", 20)))
    wins.take(deal(("met", 5)))
    met, offered = wins.results()
    assert met.sitting == Share(1, 2)
    assert offered.sitting == Share(0, 0)


outcomes = st.lists(st.tuples(st.sampled_from(["won", "lost", ""]), st.integers(0, 1)), max_size=40)


@given(outcomes)
def test_values_rise_and_are_drawn_to_the_rate(lives):
    """The suggested values rise along the order, between the lowest and highest estimate."""
    wins = StageWins(0, (0, 1), AS_OF, months=())
    for end, start in lives:
        moves = [("met", 1), ("offered", 2)][start:]
        wins.take(deal(*moves, *([(end, 9)] if end else [])))
    results = wins.results()
    if wins.rate.value is None:
        assert all(each.value is None for each in results)
        return
    values = [each.value for each in results]
    assert values == sorted(values)
    for each in results:
        n = each.decided.decided
        drawn = (each.raw.share * n + STRENGTH * wins.rate.value) / (n + STRENGTH)
        assert each.shrunk == pytest.approx(drawn)


def found(won: int, lost: int):
    wins = StageWins(0, (0,), AS_OF, months=())
    for _ in range(won):
        wins.take(deal(("met", 1), ("won", 9)))
    for _ in range(lost):
        wins.take(deal(("met", 1), ("lost", 9)))
    return wins.results()[0]


DECIDED = Decision("Kari", "agreed", date(2027, 1, 1))


@pytest.mark.parametrize(
    ("won", "lost", "configured", "decision", "today", "verdict"),
    [
        (30, 70, 0.6, None, date(2026, 1, 1), Verdict.CHANGE),
        (30, 70, 0.32, None, date(2026, 1, 1), Verdict.KEEP),
        (9, 20, 0.9, None, date(2026, 1, 1), Verdict.FEW),
        (9, ENOUGH - 9, 0.9, None, date(2026, 1, 1), Verdict.CHANGE),
        (0, 70, 0.6, None, date(2026, 1, 1), Verdict.CHANGE),
        (0, 0, 0.6, None, date(2026, 1, 1), Verdict.FEW),
        (30, 70, 0.6, DECIDED, date(2026, 12, 31), Verdict.DECIDED),
        (30, 70, 0.6, DECIDED, date(2027, 1, 1), Verdict.CHANGE),
        (30, 70, None, None, date(2026, 1, 1), Verdict.CHANGE),
    ],
)
def test_a_change_is_suggested_only_against_evidence(
    won, lost, configured, decision, today, verdict
):
    """The interval must exclude the value, 30 deals be decided, and no decision stand."""
    stage = FunnelStage("met", "Met", Outcome.OPEN, configured)
    assert suggest(stage, found(won, lost), decision, today).verdict is verdict
