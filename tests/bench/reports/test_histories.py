"""The database reports are measured on is one that pulls could have left."""

import random
from collections import Counter
from contextlib import closing
from itertools import pairwise

import pytest

from connector.store import close, open_database
from connector.store.check import check
from tests.bench.reports.histories import fill
from tests.bench.reports.lives import DAY, DAYS, lives

NOW, DEALS = 1_790_000_000_000, 400


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("bench")
    fill(made, DEALS)
    return made


def test_nothing_is_wrong_with_the_database(folder):
    """What `connector db check` looks for is not there, and visits are those of the changes."""
    db = open_database(folder / "bench.db")
    try:
        assert check(db) == ()
        assert db["deals"].count == DEALS
        moved = db.execute(
            "SELECT COUNT(*) FROM changes c JOIN fields f ON f.id = c.field AND f.remote = 'stage'"
        )
        with closing(moved) as rows:
            assert rows.fetchone()[0] == db["visits"].count
    finally:
        close(db)


def test_every_kind_of_change_is_there():
    """Deals skip, come back, are won, lost, reopened and archived; hopes and prices change."""
    owners = ("1", "2")
    known = list(lives(random.Random(1), 5_000, NOW, owners))
    moves = (move for life in known for move in pairwise(life.stages))
    pairs = {(one, other) for (one, _), (other, _) in moves}
    assert {("met", "evaluated"), ("examined", "met"), ("won", "offered")} <= pairs
    assert all(one != other for one, other in pairs)
    assert any(life.gone for life in known)
    changed = Counter(name for life in known for name, told in life.values.items() if told[1:])
    assert changed["amount"] > 100 < changed["close_date"]
    assert 5 < sum(len(life.stages) + len(life.values) for life in known) / len(known) < 8


def test_lives_lie_in_the_days_of_history():
    """Nothing is dated before the history begins, or after its last instant."""
    for life in lives(random.Random(2), 1_000, NOW, ("1",)):
        dated = [at for _, at in life.stages] + [at for v in life.values.values() for _, at in v]
        assert min(dated) >= NOW - DAYS * DAY
        assert max(*dated, life.gone or 0) < NOW
