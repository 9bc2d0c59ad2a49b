"""The report of what became of the open pipeline between two instants."""

from collections.abc import Iterator

from connector.metrics.forecasting.bars import REVALUED, SIGNS, Bar
from connector.metrics.forecasting.pushes import STALE
from connector.metrics.forecasting.waterfall import Fate, Tally, Waterfall
from connector.metrics.grouping import By
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.amounts import amount_notes, money
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import group_key, group_name
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Missing,
    Note,
    Place,
    Share,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.layout import Row

_BARS = {
    Bar.START: Term("start", "open at the start"),
    Bar.CREATED: Term("created", "created"),
    Bar.PULLED_IN: Term("pulled-in", "pulled in"),
    Bar.REOPENED: Term("reopened", "reopened"),
    Bar.ARRIVED: Term("arrived", "came from another pipeline"),
    Bar.AMOUNT_UP: Term("amount-up", "amount up"),
    Bar.AMOUNT_DOWN: Term("amount-down", "amount down"),
    Bar.PUSHED_OUT: Term("pushed-out", "pushed out"),
    Bar.TRANSFERRED: Term("transferred", "moved to another pipeline"),
    Bar.REMOVED: Term("removed", "archived or merged"),
    Bar.LOST: Term("lost", "lost", Tone.BAD),
    Bar.WON: Term("won", "won", Tone.GOOD),
    Bar.EXCHANGE: Term("exchange", "exchange rates"),
    Bar.END: Term("end", "open at the end"),
}
# Only a window of close dates has these.
_OF_WINDOW = frozenset((Bar.PULLED_IN, Bar.PUSHED_OUT))
_FATES = {
    Fate.WON: Term("won", "won", Tone.GOOD),
    Fate.LOST: Term("lost", "lost", Tone.BAD),
    Fate.SLIPPED: Term("slipped", "slipped: still open, with a date outside the window"),
    Fate.OVERDUE: Term("overdue", "overdue: still open, past its date", Tone.CAUTION),
    Fate.DUE: Term("due", "still open and due"),
    Fate.GONE: Term("gone", "archived, merged or moved elsewhere"),
}
_NO_DATES = (
    "The waterfall of a window of close dates is not defined here: no deal had a close date before"
    " it closed. Add --window all to see every open deal."
)
_NO_REVALUATION = (
    "Amount up and amount down are not defined here: no deal ever had another amount than its"
    " first."
)
_STALE = "{deals} open deals were put off {times} times or more: do not rely on their close dates."
_ONE_RATE = (
    "Both ends are valued at the same exchange rates, those config.toml names or else the CRM's of"
    " each deal; that is why exchange rates move nothing."
)
_UNDATED = "Pushed, slipped and overdue are not told: without a window, close dates do not count."
_DEFINITIONS = (
    (
        "Open at the start, pulled in",
        "deals",
        "at the amount at the first instant; created, reopened, came from another pipeline and open"
        " at the end: at that of the second",
    ),
    (
        "Won, lost, pushed out, moved, archived",
        "deals",
        "at the last amount before; a deal created and closed in between is in both bars at that"
        " amount",
    ),
    (
        "Amount up, amount down",
        "deals",
        "what deals that were open at the first instant gained or lost until the second, or until"
        " they left",
    ),
    (
        "Window",
        "deals",
        "by the close date as it was at each instant; of a won deal the day it was won, of a lost"
        " one the last date expected before; a deal outside at both ends is in no bar, one pushed"
        " out and then lost in pushed out only; one closed at both ends in none",
    ),
    (
        "Slippage",
        "open at the start",
        "what had become of them by the second instant, whatever their date did on the way",
    ),
    (
        "Put off",
        "open at the end",
        "changes to a later day than was expected before; neither the first date nor that of a"
        " closing counts",
    ),
)


def waterfall_document(head: Head, found: Waterfall) -> Document:
    """The bars, what slipped, how often dates were put off, and the deals if asked for."""
    between = found.between
    window = between.window
    return Document(
        name="waterfall",
        version=1,
        title="Waterfall",
        facts=(
            *head_facts(head),
            Fact("since", "From", head.instant(between.since)),
            Fact("until", "To", head.instant(between.until)),
            Fact("window", "Close dates", window.label if window else "all open deals"),
        ),
        blocks=(*head_notes(head), *_blocks(head, found)),
    )


def _blocks(head: Head, found: Waterfall) -> Iterator[Block]:
    if found.between.window and not found.dated:
        yield Note(_NO_DATES, Tone.CAUTION)
        return
    yield _bars(head, found)
    if found.between.window:
        yield _slippage(head, found)
    if found.dated:
        yield _pushes(head, found)
    yield from _notes(head, found)
    if found.listed:
        yield _deals(head, found)
    yield definitions(*_DEFINITIONS)


def _bars(head: Head, found: Waterfall) -> Table:
    columns = (
        Column("bar", "Bar"),
        Column("deals", "Deals"),
        Column("value", "Value"),
        Column("without_amount", place=Place.DATA),
    )
    rows = tuple(
        (_BARS[bar], *_bar(head, found, bar))
        for bar in Bar
        if found.between.window or bar not in _OF_WINDOW
    )
    return Table("bars", columns, rows, "From start to end")


def _bar(head: Head, found: Waterfall, bar: Bar) -> Row:
    tally, sign = found.bars[bar], SIGNS.get(bar, 1)
    if bar in (Bar.AMOUNT_UP, Bar.AMOUNT_DOWN) and not found.revalued:
        return Missing("not defined"), Missing("not defined"), Count(0)
    # Where deals stay, their number leads nowhere.
    deals = tally.deals if bar in REVALUED else sign * tally.deals
    return Count(deals), money(head, sign * tally.value), Count(tally.without_amount)


def _slippage(head: Head, found: Waterfall) -> Table:
    columns = (
        Column("fate", "Of the deals open and due at the start"),
        Column("deals", "Deals"),
        Column("share", "Share"),
        Column("value", "Value at the start"),
    )
    total = sum(tally.deals for tally in found.fates.values())
    rows = tuple(
        (_FATES[fate], Count(tally.deals), _share(tally, total), money(head, tally.value))
        for fate, tally in found.fates.items()
    )
    return Table("slippage", columns, rows if total else (), "Slippage", "No deal was due.")


def _share(tally: Tally, total: int) -> Cell:
    return Share(tally.deals / total) if total >= ENOUGH_TO_TELL else Missing("too few")


def _pushes(head: Head, found: Waterfall) -> Table:
    columns = (
        Column("pushes", "Put off"),
        Column("deals", "Open deals"),
        Column("value", "Value"),
    )
    rows = tuple(
        (Count(times), Count(tally.deals), money(head, tally.value))
        for times, tally in sorted(found.pushed.items())
    )
    return Table("pushes", columns, rows, "How often close dates were put off")


def _notes(head: Head, found: Waterfall) -> Iterator[Block]:
    if not found.revalued:
        yield Note(_NO_REVALUATION)
    stale = sum(tally.deals for times, tally in found.pushed.items() if times >= STALE)
    if stale:
        yield Note(phrase(_STALE, deals=Count(stale), times=Count(STALE)), Tone.CAUTION)
    if not found.between.window:
        yield Note(_UNDATED)
    yield Note(_ONE_RATE)
    without = max(tally.without_amount for tally in found.bars.values())
    yield from amount_notes(head, without and max(without - found.unpriced, 0), found.unpriced)


def _deals(head: Head, found: Waterfall) -> Table:
    columns = (
        Column("bar", place=Place.DATA),
        Column("bar_label", place=Place.HEADING),
        Column("deal", "Id"),
        Column("name", "Deal"),
        Column("owner", place=Place.DATA),
        Column("owner_name", "Rep"),
        Column("amount", "Amount"),
    )
    order = tuple(Bar).index
    rows = tuple(
        (
            each.bar,
            _BARS[each.bar],
            CrmText(each.id),
            CrmText(each.name),
            group_key(each.group) if each.group else None,
            group_name(each.group, By.OWNER) if each.group else None,
            money(head, each.amount),
        )
        for each in sorted(found.listed, key=lambda each: order(each.bar))
    )
    return Table("listed", columns, rows, "The deals behind each bar")
