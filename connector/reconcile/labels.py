"""Which labels can be had, and in which order they must be written.

A CRM refuses a label another stage of the pipeline holds, ignoring case and surrounding spaces
(HubSpot fact, 2026-11), so who wants a label must wait until its holder has left it.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import count

from connector.reconcile.matching import folded

_TEMPORARY = re.compile(r" \(connector: renaming( \d+)?\)$")


def holders(wants: Mapping[str, str], live: Mapping[str, str]) -> dict[str, str]:
    """The stages that cannot have the label they want, each with the stage that keeps it.

    `wants` and `live` map stage ids to labels. A stage that wants no label keeps its own; one that
    cannot have what it wants keeps its own too, which may take that from another, and so on.
    """
    stuck: dict[str, str] = {}
    while found := _stuck(wants, live, stuck):
        stuck |= found
    return stuck


def _stuck(
    wants: Mapping[str, str], live: Mapping[str, str], stuck: Mapping[str, str]
) -> dict[str, str]:
    moving = {stage: folded(label) for stage, label in wants.items() if stage not in stuck}
    keeper = {folded(label): stage for stage, label in live.items() if stage not in moving}
    found = {}
    for stage, label in moving.items():
        if keeper.setdefault(label, stage) != stage:
            found[stage] = keeper[label]
    return found


def steps(wants: Mapping[str, str], live: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Stage id, label before and label after of every write, none of them held by another then.

    A ring of stages that want each other's labels is opened by a temporary label, so a stage may
    come twice; its second label is the wanted one. Labels nobody gives up must not be wanted.
    """
    now, waiting = dict(live), dict(wants)
    while waiting:
        ready = next((stage for stage in waiting if _free(waiting[stage], stage, now)), None)
        if ready is None:
            ready = next(stage for stage in waiting if now[stage] == live[stage])
            label = _temporary(wants[ready], {*now.values(), *wants.values()})
        else:
            label = waiting.pop(ready)
        yield ready, now[ready], label
        now[ready] = label


def is_temporary(value: object) -> bool:
    """Whether a value is a label that `steps` opens a ring with."""
    return isinstance(value, str) and _TEMPORARY.search(value) is not None


def _free(label: str, stage: str, now: Mapping[str, str]) -> bool:
    return all(folded(held) != folded(label) for other, held in now.items() if other != stage)


def _temporary(label: str, taken: set[str]) -> str:
    """A label a person who meets it after a killed run understands."""
    avoid = {folded(other) for other in taken}
    names = (f"{label} (connector: renaming{f' {again}' if again else ''})" for again in count())
    return next(name for name in names if folded(name) not in avoid)
