"""Cases in which little or nothing has changed since the pull before: cost follows change."""

import math
from collections.abc import Iterator
from pathlib import Path

from tests.bench.installation import Installation
from tests.bench.rows import Row
from tests.bench.serving import Crm, serving

DEALS, ARCHIVED = 10_000, 500
CHANGED = (1, 60, 450)


def nights(folder: Path) -> Iterator[Row]:
    """Nights a day apart on one portal: quiet, with changes, after an admin's edit."""
    with serving(deals=DEALS, pipelines=3, archived=ARCHIVED) as crm:
        ours = Installation(folder / "ours", crm.url)
        ours.pull()
        yield from _quiet(ours, crm)
        for deals in CHANGED:
            yield from _changed(ours, crm, deals)
        yield from _relabelled(ours, crm)


def nutshell_nights(folder: Path) -> Iterator[Row]:
    """Nights a day apart on one instance: quiet, and with changes."""
    with serving(deals=DEALS, crm="nutshell") as crm:
        ours = Installation(folder / "ours", crm.url, crm="nutshell")
        ours.pull()
        crm.change(0)
        night = _Night(ours, crm)
        case = "Nutshell, a quiet night on 10,000 leads"
        yield Row(case, "requests", night.requests, at_most=8)
        yield Row(case, "new rows, all tables", sum(night.new.values()), at_most=5)
        yield Row(case, "time", night.seconds, "s")
        for leads in CHANGED:
            crm.change(leads)
            night = _Night(ours, crm)
            case = f"Nutshell, a night with {leads} changed lead{'s' if leads > 1 else ''}"
            yield Row(case, "requests", night.requests, at_most=8 + math.ceil(leads / 100))
            yield Row(case, "changes missing", abs(leads - night.new["changes"]), at_most=0)
            yield Row(case, "time", night.seconds, "s")


def _quiet(ours: Installation, crm: Crm) -> Iterator[Row]:
    case = "a quiet night on 10,000 deals in 3 pipelines, 500 archived"
    crm.change(0)
    night = _Night(ours, crm)
    yield Row(case, "requests", night.requests, at_most=6)
    yield Row(case, "new rows, all tables", sum(night.new.values()), at_most=5)
    yield Row(case, "time", night.seconds, "s")


def _changed(ours: Installation, crm: Crm, deals: int) -> Iterator[Row]:
    case = f"a night with {deals} changed deal{'s' if deals > 1 else ''}"
    crm.change(deals)
    night = _Night(ours, crm)
    most = 6 + math.ceil(deals / 200) + math.ceil(deals / 50)
    yield Row(case, "requests", night.requests, at_most=most)
    yield Row(case, "changes missing", abs(deals - night.new["changes"]), at_most=0)
    yield Row(case, "time", night.seconds, "s")


def _relabelled(ours: Installation, crm: Crm) -> Iterator[Row]:
    case = "a night after an edit of the pipelines touched the date of every deal"
    crm.relabel()
    night = _Night(ours, crm)
    yield Row(case, "new changes", night.new["changes"], at_most=0)
    yield Row(case, "requests", night.requests)
    yield Row(case, "time", night.seconds, "s")


class _Night:
    """One pull, and what it cost on either side."""

    def __init__(self, ours: Installation, crm: Crm) -> None:
        before = ours.rows()
        crm.traffic()
        self.seconds = ours.pull().seconds
        self.requests = crm.traffic().all
        after = ours.rows()
        self.new = {table: max(0, rows - before.get(table, 0)) for table, rows in after.items()}
