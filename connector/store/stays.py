"""The stays of deals in stages, counted by length in the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from connector.metrics.periods import Window
from connector.metrics.stages.exits import ExitCount
from connector.metrics.stages.stays import PASS_THROUGH_MS, Reading, StayCount
from connector.metrics.statistics.lengths import EXACT, HOUR

# Longer than any stay, so that stage, ending and length fit one number: a single key to group by
# takes two thirds of the time that three of them do.
_LENGTHS = 10**14

_LENGTH = "MIN(IFNULL(v.left_at, :at), :at) - v.entered_at"
_ENDED = "(IFNULL(v.left_at < :at, 0) AND NOT v.cut)"
# Neighbours are never the same stage, so a return lies at least two visits apart.
_EARLIER = (
    "(v.number > 1 AND EXISTS (SELECT 1 FROM visits e"
    " WHERE e.deal = v.deal AND e.number < v.number - 1 AND e.stage = v.stage))"
)
_LATER_ENDED = (
    "EXISTS (SELECT 1 FROM visits e WHERE e.deal = v.deal AND e.number > v.number + 1"
    " AND e.stage = v.stage AND e.left_at < :at AND NOT e.cut)"
)
_THERE_AGAIN = (
    "EXISTS (SELECT 1 FROM visits e WHERE e.deal = v.deal AND e.number > v.number + 1"
    " AND e.stage = v.stage AND e.entered_at < :at AND (IFNULL(e.left_at >= :at, 1) OR e.cut))"
)
# Cut off as long as the deal sits in the stage, though it be there again.
_OVER = f"({_ENDED} AND NOT {_THERE_AGAIN})"
_ONE_BY_ONE = (
    f"SELECT v.stage AS stage, {{ended}} AS ended, {_LENGTH} AS length"
    " FROM visits v WHERE {which}"
)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Which visits: those of these stages, by their keys, that began in the window.

    They are as they stood just before `as_of`, lengths in hours if so `binned`.
    """

    stages: tuple[int, ...]
    as_of: int
    window: Window
    binned: bool

    @property
    def which(self) -> str:
        """The visits meant."""
        begun = "v.entered_at >= :since AND v.entered_at < :until"
        return f"{begun} AND v.stage IN {_list(self.stages)}"

    @property
    def bound(self) -> dict[str, int]:
        """What the query's names stand for."""
        until = min(self.window.end, self.as_of)
        return {"at": self.as_of, "since": self.window.start, "until": until}

    @property
    def bin(self) -> str:
        """A length, or what stands for it; visits under a minute are a bin of their own."""
        if not self.binned:
            return "length"
        hour = f"length / {HOUR} * {HOUR} + {HOUR // 2}"
        return f"IIF(length < {PASS_THROUGH_MS}, {PASS_THROUGH_MS // 2}, {hour})"


def lookup(db: Database, stages: Iterable[int], as_of: int, window: Window) -> Lookup:
    """The visits of these stages, in hours where there are too many to be exact."""
    exact = Lookup(tuple(stages), as_of, window, binned=False)
    found = db.execute(f"SELECT COUNT(*) FROM visits v WHERE {exact.which}", exact.bound)
    return Lookup(exact.stages, as_of, window, binned=found.fetchone()[0] > EXACT)


def stay_counts(db: Database, meant: Lookup, reading: Reading) -> Iterator[StayCount]:
    """The stays by stage, ending and length."""
    rows = db.execute(
        f"SELECT (stage * 2 + ended) * {_LENGTHS} + {meant.bin} AS code,"
        " COUNT(*), SUM(length), MAX(length)"
        f" FROM ({_stays(meant, reading)}) GROUP BY code",
        meant.bound,
    )
    for code, *counted in rows:
        which, length = divmod(code, _LENGTHS)
        yield StayCount(which // 2, bool(which % 2), length, *counted)


def exit_counts(db: Database, meant: Lookup) -> Iterator[ExitCount]:
    """The visits by stage, the one entered next, and length."""
    rows = db.execute(
        f"SELECT stage, ended, onto, {meant.bin} AS bin, COUNT(*)"
        f" FROM (SELECT v.stage AS stage, {_ENDED} AS ended, {_LENGTH} AS length,"
        f" IIF({_ENDED}, n.stage, NULL) AS onto"
        " FROM visits v LEFT JOIN visits n ON n.deal = v.deal AND n.number = v.number + 1"
        f" WHERE {meant.which}) GROUP BY stage, ended, onto, bin",
        meant.bound,
    )
    for stage, ended, onto, length, visits in rows:
        yield ExitCount(stage, bool(ended), onto, length, visits)


def returns(db: Database, meant: Lookup) -> dict[int, int]:
    """How many visits of each stage were by deals that had been there before."""
    rows = db.execute(
        f"SELECT v.stage, COUNT(*) FROM visits v WHERE {meant.which} AND {_EARLIER}"
        " GROUP BY v.stage",
        meant.bound,
    )
    return dict(rows.fetchall())


def visits_by_stage(db: Database, meant: Lookup) -> dict[int, int]:
    """How many visits each stage had."""
    rows = db.execute(
        f"SELECT v.stage, COUNT(*) FROM visits v WHERE {meant.which} GROUP BY v.stage", meant.bound
    )
    return dict(rows.fetchall())


def stage_names(db: Database, accounts: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """The account, the pipeline's label and the own label every stage is last known by."""
    rows = db.execute(
        "SELECT s.id, a.name, COALESCE(NULLIF(p.label, ''), p.remote, ''),"
        " COALESCE(NULLIF(s.label, ''), s.remote) FROM stages s"
        " JOIN accounts a ON a.id = s.account LEFT JOIN pipelines p ON p.id = s.pipeline"
        f" WHERE s.account IN {_list(accounts)}"
    )
    return {key: (account, pipeline, label) for key, account, pipeline, label in rows}


def _stays(meant: Lookup, reading: Reading) -> str:
    which = meant.which
    match reading:
        case Reading.VISIT:
            return _ONE_BY_ONE.format(ended=_ENDED, which=which)
        case Reading.FIRST_PASS:
            return _ONE_BY_ONE.format(ended=_OVER, which=f"{which} AND NOT {_EARLIER}")
        case Reading.LATEST:
            last = f"{which} AND {_ENDED} AND NOT {_LATER_ENDED}"
            return _ONE_BY_ONE.format(ended=1, which=last)
        case Reading.CUMULATIVE:
            # SQLite takes bare columns from the row that holds the MAX: the last visit's ending,
            # which says it all, and quickly, where no visit began behind the window.
            all_in = meant.window.end >= meant.as_of
            ended = f"{_ENDED} AS ended, MAX(v.number)" if all_in else f"MIN({_OVER}) AS ended"
            return (
                f"SELECT v.stage AS stage, {ended}, SUM({_LENGTH}) AS length"
                f" FROM visits v WHERE {which} GROUP BY v.deal, v.stage"
            )


def _list(keys: Iterable[int]) -> str:
    return f"({', '.join(map(str, keys))})"
