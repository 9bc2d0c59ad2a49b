"""Faults on purpose: which requests are struck, and what becomes of their answers.

A fault is an effect and the requests it hits. Several faults are laid over each other, the first
one outermost; without faults every answer is the calm one, byte for byte.

    from connector.sandbox import Fault, Hits, Kind, Sandbox, wire
    from connector.sandbox.hubspot import lying, refusing

    # A third of all requests is told to come back, with no word of when.
    Fault(refusing.too_many("TEN_SECONDLY_ROLLING"), Hits(share=0.33))

    # From the second search on, five searches get Retry-After: 0.
    Fault(refusing.too_many("SECONDLY", retry_after="0"), Hits((Kind.SEARCH,), first=2, times=5))

    # The third page of the listing stops after 1000 bytes, though Content-Length promises all.
    Fault(wire.cut(1000), Hits((Kind.LISTING,), first=3, times=1))

    # Nothing but 503; a body at a byte every 50 ms; connections refused for two seconds.
    Fault(refusing.failing(503))
    Fault(wire.drip(0.05), Hits(first=4, times=1))
    Fault(wire.away(2.0), Hits(first=4, times=1))

    # Listing pages begin with the last three records of the page before.
    Fault(lying.overlapping(3), Hits((Kind.LISTING,)))

    # A third of Nutshell's edits of leads finds that somebody was quicker.
    from connector.sandbox.nutshell import kinds as nutshell, refusing as refusing_nutshell
    Fault(refusing_nutshell.stale_rev(), Hits((nutshell.Kind.EDIT,), share=0.33))

    with Sandbox(portal, faults=[...], seed=7) as sandbox:
        ...
        sandbox.strikes  # how often each of the faults struck

`connector sandbox --fault NAME` takes the ready-made ones that `named_faults.named` lists; a test
gets them with `named_faults.faults("429-zero", "html")`.
"""

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from connector.sandbox.clock import Clock
from connector.sandbox.http import Answer, Request, Response
from connector.sandbox.kinds import Kind, kind_of


@dataclass(frozen=True, slots=True)
class Strike:
    """One request that a fault strikes; `calm` answers as if there were no such fault."""

    request: Request
    calm: Answer
    chance: random.Random
    now: datetime

    def answer(self) -> Response:
        """The calm answer to the request."""
        return self.calm(self.request)


Effect = Callable[[Strike], Response]


@dataclass(frozen=True, slots=True)
class Hits:
    """Which requests a fault strikes, of all kinds unless `kinds` names some.

    Of the requests of these kinds for which `when` holds, those from the `first` on (counted from
    1), a seeded `share` of them, and no more than so many `times`.
    """

    kinds: tuple[Kind, ...] = ()
    first: int = 1
    times: int | None = None
    share: float = 1.0
    when: Callable[[Request], bool] = field(default=lambda request: True)

    def concern(self, request: Request) -> bool:
        """Whether a request is of those counted."""
        return (not self.kinds or kind_of(request) in self.kinds) and self.when(request)


@dataclass(frozen=True, slots=True)
class Fault:
    """An effect, and the requests it hits."""

    effect: Effect
    hits: Hits = Hits()


class Struck:
    """An answer that one fault strikes now and then; `strikes` counts how often it did."""

    def __init__(self, fault: Fault, calm: Answer, clock: Clock, seed: str) -> None:
        self.strikes = 0
        self._fault = fault
        self._calm = calm
        self._clock = clock
        self._chance = random.Random(seed)  # noqa: S311 - faults that come again need no secrets
        self._concerned = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Response:
        """Answer one request, struck or calm."""
        with self._lock:
            struck = self._strikes(request)
            seed = self._chance.random() if struck else None
        if seed is None:
            return self._calm(request)
        chance = random.Random(seed)  # noqa: S311 - as above
        return self._fault.effect(Strike(request, self._calm, chance, self._clock.now()))

    def _strikes(self, request: Request) -> bool:
        hits = self._fault.hits
        if not hits.concern(request):
            return False
        self._concerned += 1
        over = hits.times is not None and self.strikes >= hits.times
        struck = self._concerned >= hits.first and not over and self._chance.random() < hits.share
        self.strikes += struck
        return struck


def lay_over(
    calm: Answer, faults: Iterable[Fault], clock: Clock, seed: int
) -> tuple[tuple[Struck, ...], Answer]:
    """The faults at work over a calm answer, in their order, and the outermost answer."""
    struck: list[Struck] = []
    for number, fault in reversed(list(enumerate(faults))):
        calm = Struck(fault, calm, clock, f"{seed}-{number}")
        struck.insert(0, calm)
    return tuple(struck), calm
