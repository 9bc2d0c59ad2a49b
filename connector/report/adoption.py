"""The report of how far the process is followed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connector.metrics.adoption import FRESH_DAYS, Adoption, Adoptions, Habit
from connector.metrics.grouping import By, Group, Split, Unsplit
from connector.metrics.sample_sizes import ENOUGH_TO_TELL
from connector.report.definitions import definitions
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
from connector.report.groups import group_key, group_name, group_notes
from connector.report.habits import NAMES, habit_share, whole_share
from connector.report.head import Head, head_facts, head_notes
from connector.report.layout import Row

_HABITS = (
    Column("habit", "Habit"),
    Column("share", "Keep it"),
    Column("kept", "Deals"),
    Column("asked", "Of"),
    Column("undefined", "", Place.UNDER),
)
_TITLES = {
    Habit.NO_SKIP: "No skip",
    Habit.NO_BACK: "None back",
    Habit.ONE_A_DAY: "One a day",
    Habit.FILLED: "Filled in",
    Habit.AHEAD: "Date ahead",
    Habit.FRESH: "Changed lately",
    Habit.REASON: "Lost reason",
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
    yield _table("adoption_by_team", found.teams, By.TEAM)
    if not found.reps_hidden:
        yield _table("adoption_by_rep", found.reps, By.OWNER)
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


def _table(name: str, groups: Mapping[Group, Adoption], by: By) -> Table:
    columns = (
        Column("group", place=Place.DATA),
        Column("group_label", "Team" if by is By.TEAM else "Rep"),
        Column("deals", "Deals"),
        Column("all", "All of it"),
        *(Column(habit.name.lower(), _TITLES[habit]) for habit in Habit),
        *(Column(f"{habit.name.lower()}_asked", place=Place.DATA) for habit in Habit),
        Column("open", "Open"),
        Column("lost", "Lost"),
    )
    rows = tuple(
        (
            group_key(group),
            group_name(group, by),
            Count(adoption.deals),
            whole_share(adoption),
            *(habit_share(adoption, habit) for habit in Habit),
            *(Count(adoption.asked[habit]) for habit in Habit),
            Count(adoption.asked[Habit.AHEAD]),
            Count(adoption.asked[Habit.REASON]),
        )
        for group, adoption in groups.items()
    )
    return Table(name, columns, rows, f"Adoption by {'team' if by is By.TEAM else 'rep'}")
