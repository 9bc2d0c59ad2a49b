"""How reports name the groups deals fall into, and say why they are not split."""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from connector.metrics.funnel import Funnel
from connector.metrics.grouping import ALL, NONE, OTHERS, By, Group, Split, Unsplit
from connector.report.analytics.head import Head
from connector.report.document import Block, Cell, Column, CrmText, Note, Place, Term, Tone, phrase
from connector.report.layout import Row

Known = TypeVar("Known")

_TITLES = {
    By.OWNER: "Rep",
    By.TEAM: "Team",
    By.PRODUCT: "Product",
    By.REGION: "Region",
    By.SOURCE: "Source",
    By.STAGE: "Stage",
    By.PHASE: "Phase",
}
_NOBODY = {By.OWNER: "nobody", By.TEAM: "no team"}
_FORBIDDEN = 'Not split by rep: config.toml says [privacy] owners = "off".'
_UNTRACKED = (
    "Not split by {by}: no account keeps the history of such a field. Name the CRM's property for"
    ' it in config.toml, then pull: [accounts.NAME.fields] {by} = "…".'
)
_FEW = (
    "Reps and teams of fewer than {least} deals are told together as others, with as many more as"
    " it takes to hide them in the total, or not at all ([privacy] minimum_group of config.toml)."
)


def group_columns(by: By | None, other: str = "") -> tuple[Column, ...]:
    """The columns that say of which funnel and group a row tells.

    Unsplit, the funnel is the first thing in a row; else it stands above its groups. `other` is
    the title of groups that are not a way of splitting.
    """
    funnel = (Column("funnel", place=Place.DATA), Column("group", place=Place.DATA))
    if by is None and not other:
        return (
            *funnel,
            Column("funnel_label", "Pipeline"),
            Column("group_label", place=Place.DATA),
        )
    title = _TITLES[by] if by else other
    return (*funnel, Column("funnel_label", place=Place.HEADING), Column("group_label", title))


def group_rows(
    head: Head, told: Mapping[int, Mapping[Group, Known]], by: By | None
) -> Iterator[tuple[Row, Known]]:
    """What stands in these columns, with what is known of the group."""
    for number, groups in told.items():
        for group, known in groups.items():
            funnel, label = funnel_cells(head.scope.funnels[number])
            yield (funnel, group_key(group), label, group_name(group, by)), known


def funnel_cells(funnel: Funnel) -> tuple[Cell, Cell]:
    """Key and label of a funnel."""
    return CrmText(funnel.key), CrmText(funnel.label)


def group_title(by: By | None) -> str:
    """What people call a way of splitting."""
    return _TITLES[by] if by else ""


def group_key(group: Group) -> Cell:
    """What machines know a group by; None for all, others and nobody."""
    return None if group in (ALL, NONE, OTHERS) else CrmText(group.key)


def group_name(group: Group, by: By | None) -> Cell:
    """What people call a group."""
    if group == ALL:
        return Term("all", "all")
    if group == OTHERS:
        return Term("others", "others")
    if group == NONE:
        return Term("none", _NOBODY.get(by, "not given") if by else "not given")
    return CrmText(group.label)


def group_notes(head: Head, split: Split, told: Mapping[int, Collection[Group]]) -> Iterator[Block]:
    """Why a report is not split as asked, and what its others are."""
    match split.refused:
        case Unsplit.FORBIDDEN:
            yield Note(_FORBIDDEN, Tone.CAUTION)
        case Unsplit.UNTRACKED:
            yield Note(phrase(_UNTRACKED, by=str(split.asked)), Tone.CAUTION)
    if split.by and split.by.of_people and any(map(_hides, told.values())):
        yield few_note(head)


def few_note(head: Head) -> Note:
    """Which figures about people are not told apart."""
    return Note(_FEW.format(least=head.scope.privacy.minimum_group))


def _hides(groups: Collection[Group]) -> bool:
    return OTHERS in groups or not set(groups) - {ALL}
