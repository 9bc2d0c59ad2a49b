"""How stays ended and which way deals moved, as the report of conversion shows it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from connector.metrics.flow.conversion import FunnelFlow
from connector.metrics.flow.moves import Kind, Move
from connector.metrics.flow.route import Ending
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.stages import FROM_TO, STAGE, from_to_cells, stage_cells
from connector.report.document import Column, Count, Missing, Share, Table, Term, Tone
from connector.report.layout import Row

_KINDS = {
    Kind.MANDATORY: Term("skip-of-mandatory", "skip over a mandatory stage", Tone.BAD),
    Kind.SKIP: Term("skip", "skip"),
    Kind.BACK: Term("back", "back", Tone.CAUTION),
    Kind.AGAIN: Term("re-entry", "here again"),
    Kind.LATE: Term("entered-late", "entered late"),
    Kind.LEFT: Term("left", "left the process"),
}
_ORDER = {kind: place for place, kind in enumerate(_KINDS)}
_OUTCOMES = (
    *STAGE,
    Column("entries", "Entries"),
    Column("advanced", "Next stage"),
    Column("skipped", "Skipped ahead"),
    Column("back", "Back"),
    Column("won", "Won"),
    Column("lost", "Lost"),
    Column("left", "Left process"),
    Column("there", "Still there"),
    Column("leakage", "Leakage"),
)
_MOVES = (*FROM_TO, Column("kind", "Move"), Column("moves", "Times"))
_TOO_FEW = Missing("too few")


def outcomes_table(flows: Sequence[FunnelFlow]) -> Table:
    """How the stays in each stage ended; each row adds up to the entries."""
    rows = tuple(
        (*stage_cells(flow.funnel, step), *_endings(flow.outcomes.get(step, Counter())))
        for flow in flows
        for step in flow.funnel.steps
    )
    return Table("outcomes", _OUTCOMES, rows, "What became of each stay, stays")


def _endings(ended: Counter[Ending]) -> Row:
    entries = ended.total()
    enough = entries - ended[Ending.THERE] >= ENOUGH_TO_TELL
    leakage = Share(ended[Ending.LOST] / entries) if enough else _TOO_FEW if entries else None
    return (Count(entries), *(Count(ended[ending]) for ending in Ending), leakage)


def moves_table(flows: Sequence[FunnelFlow]) -> Table:
    """Every move that is not on to the next stage, the ones to mind first."""
    rows = tuple(row for flow in flows for row in _moves(flow))
    return Table("moves", _MOVES, rows, "Moves other than to the next stage")


def _moves(flow: FunnelFlow) -> Iterator[Row]:
    for move in sorted(flow.moves, key=lambda move: _rank(move, flow.moves[move])):
        ends = from_to_cells(flow.funnel, move.start, move.onto)
        yield (*ends, _KINDS[move.kind], Count(flow.moves[move]))


def _rank(move: Move, times: int) -> tuple[int, ...]:
    """Kind by kind, most often first, then in the order of the process."""
    start = move.onto if move.start is None else move.start
    return _ORDER[move.kind], -times, start, move.onto
