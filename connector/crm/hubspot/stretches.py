"""A listing in order of ids, walked in several stretches at once.

A listing of HubSpot's goes by id, and its cursor is the id of the next record (HubSpot fact,
2026-11), so that a walk may begin at any id. Nothing is taken on trust: a stretch ends only where
it has come upon or past the first record of the next one, from where both walks are the same. A
guess that lands in a gap, or nowhere, costs one request and nothing else.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

# HubSpot's largest pages of deals with history (2026-11).
PAGE = 50


class Disorder(Exception):
    """Records that do not come in the order the walk relies on."""


class Stretch(msgspec.Struct, array_like=True):
    """A part of a listing; `after` is the cursor of its next page, None once it is walked.

    `guess` is the id it was begun at, None at the beginning of the listing; `first` and `last` are
    the first and the last record it found.
    """

    guess: int | None = None
    after: str | None = ""
    first: int | None = None
    last: int | None = None

    @property
    def open(self) -> bool:
        """Whether there is more of it to read."""
        return self.after is not None

    @property
    def position(self) -> int | None:
        """The id its next page begins at, where its cursor tells."""
        text = self.after or ""
        return int(text) if text.isascii() and text.isdigit() else None


class Stretches(msgspec.Struct):
    """All stretches of one listing in its order; the last one reads to the end.

    `alone` there is one only, and no order is relied on.
    """

    all: list[Stretch] = msgspec.field(default_factory=lambda: [Stretch()])
    alone: bool = False

    def ready(self) -> list[Stretch]:
        """Those whose next page can be asked for.

        One that reached the place where the next was begun waits for what that finds there.
        """
        following = [*self.all[1:], None]
        return [
            stretch
            for stretch, after in zip(self.all, following, strict=True)
            if stretch.open
            and not (after and after.first is None and _reached(stretch, after.guess))
        ]

    def took(self, stretch: Stretch, ids: Sequence[int], after: str | None) -> None:
        """Note a page: its records and the cursor behind it; raises `Disorder`."""
        stretch.after = after
        if self.alone:
            return
        floor = stretch.last if stretch.last is not None else (stretch.guess or 0) - 1
        if not rising([floor, *ids]):
            if len(self.all) > 1:
                raise Disorder
            self.alone = True
            return
        if ids:
            stretch.first, stretch.last = (
                ids[0] if stretch.first is None else stretch.first,
                ids[-1],
            )
        elif stretch.first is None and after is None:
            self.drop(stretch)
        self._settle()

    def drop(self, stretch: Stretch) -> None:
        """Forget a guess that led nowhere."""
        if stretch.guess is not None:
            self.all.remove(stretch)

    def split(self, highest: int, per_id: float) -> Stretch | None:
        """A new stretch in the middle of the widest gap, if two pages seem to lie in it.

        `highest` is about the last id there is, `per_id` about how many records an id stands for.
        """
        ends = [*(stretch.guess or 0 for stretch in self.all[1:]), highest + 1]
        gaps = [
            (end - stretch.position, place)
            for place, (stretch, end) in enumerate(zip(self.all, ends, strict=True))
            if stretch.position is not None and stretch.position >= (stretch.last or 0)
        ]
        widest, place = max(gaps, default=(0, 0))
        if widest * per_id < 2 * PAGE or self.alone:
            return None
        guess = ends[place] - widest // 2
        self.all.insert(place + 1, Stretch(guess, str(guess)))
        return self.all[place + 1]

    def _settle(self) -> None:
        """End the stretches that met the next one, and take neighbours that ended for one."""
        for stretch, after in pairwise(self.all):
            if after.first is not None and _reached(stretch, after.first):
                stretch.after = None
        kept = self.all[:1]
        for stretch in self.all[1:]:
            if kept[-1].open or stretch.open:
                kept.append(stretch)
        self.all = kept


def rising(ids: Iterable[int]) -> bool:
    """Whether every id is larger than the one before."""
    return all(first < second for first, second in pairwise(ids))


def _reached(stretch: Stretch, place: int | None) -> bool:
    return stretch.last is not None and place is not None and stretch.last >= place
