"""The report of how far the process is followed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from connector.metrics.flow.adoption import FRESH_DAYS, Adoption, Adoptions, Habit
from connector.metrics.grouping import By, Group, Split, Unsplit
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import group_key, group_name, group_notes
from connector.report.analytics.habits import NAMES, habit_share, whole_share
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.document import (
    Block,
    Column,
    Count,
    Document,
    Fact,
    Interval,
    Note,
    Place,
    Table,
    Term,
    phrase,
)
from connector.report.layout import Row

_HABITS = (
    Column("habit", "Habit"),
    Column("share", "Keep it"),
    Column("kept", "Deals"),
    Column("asked", "Of"),
    Column("undefined", "", Place.UNDER),
)
_OF_ALL = (Habit.NO_SKIP, Habit.NO_BACK, Habit.ONE_A_DAY, Habit.FILLED)
_OF_OPEN = (Habit.AHEAD, Habit.FRESH)
_OF_LOST = (Habit.REASON,)
_TITLES = {
    Habit.NO_SKIP: "No skip",
    Habit.NO_BACK: "No move back",
    Habit.ONE_A_DAY: "One a day",
    Habit.FILLED: "Filled in",
    Habit.AHEAD: "Date ahead",
    Habit.FRESH: "Changed lately",
    Habit.REASON: "Reason given",
}
_WHY_NOT = {
    Habit.NO_SKIP: "undefined: no stage of a process is marked mandatory = true",
    Habit.REASON: (
        "undefined: no lost deal, or no account keeps the reason. Name the CRM's property in"
        ' config.toml, then pull: [accounts.NAME.fields] lost_reason = "closed_lost_reason"'
    ),
}
_FEW = f"Shares take at least {ENOUGH_TO_TELL} deals; below that there are counts only."
_DEFINITIONS = (
    ("All of it", "Deals", "deals that keep every habit that is asked of them"),
    (
        "No mandatory stage skipped",
        "Deals",
        "of deals in a process with mandatory stages: none ever jumped over one, winning early"
        " included; a deal made in a later stage skipped none",
    ),
    ("No move back", "Deals", "no move to an earlier open stage of the process"),
    (
        "One stage a day",
        "Deals",
        "no two stage changes on one calendar day; being made is none, being closed is one",
    ),
    ("Amount and close date", "Deals", "both filled in as of now"),
    ("Close date ahead", "Open", "of deals open now: a close date of today or later"),
    ("Changed lately", "Open", f"of deals open now: any tracked field in {FRESH_DAYS} × 24 hours"),
    ("Reason for losing", "Lost", "of deals lost now: a reason filled in"),
)


def adoption_document(head: Head) -> Document:
    """The habits of everybody, then of each team and rep, as the head has them."""
    found = head.adoption
    if found is None:
        raise ValueError("the head of this report needs adoption")
    start, end = map(head.instant, found.window)
    return Document(
        name="adoption",
        version=1,
        title="Adoption of the process",
        facts=(
            *head_facts(replace(head, adoption=None)),
            Fact("open_between", "Deals open", phrase("{edges}", edges=Interval(start, end))),
            Fact("adoption_share", "Keep all of it", whole_share(found.whole)),
            Fact("adoption_deals", "Of deals", Count(found.whole.deals)),
        ),
        blocks=(*head_notes(head), *_blocks(head, found)),
    )


def _blocks(head: Head, found: Adoptions) -> Iterator[Block]:
    rows = tuple(_habit(found.whole, habit) for habit in Habit)
    yield Table("habits", _HABITS, rows, "What the process asks, deals")
    if min(found.whole.deals, *map(_least, (found.teams, found.reps))) < ENOUGH_TO_TELL:
        yield Note(_FEW)
    yield from people_blocks(head, found)
    yield definitions(*_DEFINITIONS)


def people_blocks(head: Head, found: Adoptions) -> Iterator[Block]:
    """Adoption by team and rep, and what is kept back of it."""
    yield from _tables("team", found.teams, By.TEAM)
    if not found.reps_hidden:
        yield from _tables("rep", found.reps, By.OWNER)
    refused = Split(By.OWNER, Unsplit.FORBIDDEN if found.reps_hidden else None)
    yield from group_notes(head, refused, {0: {*found.teams, *found.reps}})


def _least(groups: Mapping[Group, Adoption]) -> int:
    return min((adoption.deals for adoption in groups.values()), default=ENOUGH_TO_TELL)


def _habit(adoption: Adoption, habit: Habit) -> Row:
    asked = adoption.asked[habit]
    return (
        Term(habit, NAMES[habit]),
        habit_share(adoption, habit),
        Count(adoption.kept[habit]),
        Count(asked),
        None if asked else _WHY_NOT.get(habit, "undefined: no such deal was open then"),
    )


def _tables(name: str, groups: Mapping[Group, Adoption], by: By) -> Iterator[Table]:
    """Two, so that each share stands beside the deals it is a share of."""
    who = (Column("group", place=Place.DATA), Column("group_label", name.capitalize()))
    of_all = (*who, Column("deals", "Deals"), Column("all", "All of it"), *_columns(_OF_ALL))
    rows = tuple(
        (
            *_who(group, by),
            Count(adoption.deals),
            whole_share(adoption),
            *_shares(adoption, _OF_ALL),
        )
        for group, adoption in groups.items()
    )
    yield Table(f"adoption_by_{name}", of_all, rows, f"By {name}, all deals")
    of_now = (*who, Column("open", "Open now"), *_columns(_OF_OPEN))
    of_now = (*of_now, Column("lost", "Lost now"), *_columns(_OF_LOST))
    rows = tuple(
        (
            *_who(group, by),
            Count(adoption.asked[Habit.AHEAD]),
            *_shares(adoption, _OF_OPEN),
            Count(adoption.asked[Habit.REASON]),
            *_shares(adoption, _OF_LOST),
        )
        for group, adoption in groups.items()
    )
    yield Table(f"adoption_now_by_{name}", of_now, rows, f"By {name}, what is open or lost now")


def _who(group: Group, by: By) -> Row:
    return group_key(group), group_name(group, by)


def _columns(habits: Sequence[Habit]) -> tuple[Column, ...]:
    shares = (Column(habit.name.lower(), _TITLES[habit]) for habit in habits)
    asked = (Column(f"{habit.name.lower()}_asked", place=Place.DATA) for habit in habits)
    return (*shares, *asked)


def _shares(adoption: Adoption, habits: Sequence[Habit]) -> Row:
    shares = (habit_share(adoption, habit) for habit in habits)
    return (*shares, *(Count(adoption.asked[habit]) for habit in habits))
