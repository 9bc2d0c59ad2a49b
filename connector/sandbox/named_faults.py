"""Faults with a name, ready to be switched on from a command line or a test."""

from datetime import timedelta
from typing import NamedTuple

from connector.sandbox import either, wire
from connector.sandbox.either import of_hubspot
from connector.sandbox.faults import Effect, Fault, Hits
from connector.sandbox.hubspot import lying, refusing
from connector.sandbox.hubspot.kinds import HISTORIES, LISTINGS, Kind
from connector.sandbox.nutshell import kinds as nutshell
from connector.sandbox.nutshell import lying as nutshell_lying
from connector.sandbox.nutshell import refusing as nutshell_refusing
from connector.sandbox.wire import Framing

DAY = timedelta(days=1)
A_THIRD = Hits(share=0.33)
ONCE = Hits(first=4, times=1)
FROM_EIGHTH = Hits(first=8)
PAGES = (*HISTORIES, Kind.SEARCH, *nutshell.PAGES)
A_PAGE = Hits((*HISTORIES, *nutshell.PAGES), first=2, times=1)
A_LISTING = (*LISTINGS, *nutshell.PAGES)
A_COUNT = (Kind.SEARCH, nutshell.Kind.LEADS)


class Named(NamedTuple):
    """What a fault does, in words, and the fault."""

    words: str
    fault: Fault


def _named(words: str, effect: Effect, hits: Hits) -> Named:
    return Named(words, Fault(effect, hits))


def _storms() -> dict[str, Named]:
    """429 storms: a third of all requests, by what Retry-After says and which policy it is."""
    told: dict[str, str | timedelta | None] = {
        "absent": None,
        "seconds": "1",
        "date": timedelta(seconds=1),
        "zero": "0",
        "negative": "-5",
        "text": "soon",
    }
    storms = {
        f"429-{name}": _named(
            f"a third of the requests: 429, Retry-After {_said(retry)}",
            either.too_many("SECONDLY", retry),
            A_THIRD,
        )
        for name, retry in told.items()
    }
    return storms | {
        "429-huge": _named(
            "one request: 429, Retry-After a day", either.too_many("SECONDLY", "86400"), ONCE
        ),
        "429-ten-seconds": _named(
            "one request: 429 of the ten-second window",
            either.too_many("TEN_SECONDLY_ROLLING"),
            ONCE,
        ),
        "429-category": _named(
            "a third of the requests: 429 with a category and no policy",
            refusing.too_many("SECONDLY", "1", category=True),
            Hits(share=0.33, when=of_hubspot),
        ),
        "429-daily": _named(
            "from the 8th request on: 429, the day's quota is used up",
            either.too_many("DAILY"),
            FROM_EIGHTH,
        ),
    }


def _said(retry: str | timedelta | None) -> str:
    return "a date a second ahead" if isinstance(retry, timedelta) else retry or "absent"


_FAILURES = {
    "5xx": _named("a third of the requests: 502", either.failing(502), A_THIRD),
    "down": _named("nothing but 503", either.failing(503), Hits()),
    "down-later": _named(
        "from the 8th request on nothing but 503", either.failing(503), FROM_EIGHTH
    ),
    "423": _named(
        "two requests: 423, the account is locked",
        refusing.locked(),
        Hits(times=2, when=of_hubspot),
    ),
    "477": _named(
        "two requests: 477, Retry-After 1", refusing.moving("1"), Hits(times=2, when=of_hubspot)
    ),
}
_WIRE = {
    "away": _named("no connections for three seconds from the 4th request", wire.away(3.0), ONCE),
    "stall-head": _named("a page never begins", wire.stall(head=False), A_PAGE),
    "stall-body": _named("a page stops after 10 bytes", wire.stall(stop=10), A_PAGE),
    "stall": _named(
        "from the 4th request on nothing is answered", wire.stall(head=False), Hits(first=4)
    ),
    "drip": _named("a page comes a byte every 20 ms", wire.drip(0.02), A_PAGE),
    "reset": _named("a third of the answers break off with a reset", wire.reset(), A_THIRD),
    "cut": _named("a page stops short of its Content-Length", wire.cut(), A_PAGE),
    "cut-honest": _named(
        "a page stops short, and Content-Length agrees", wire.cut(None, Framing.HONEST), A_PAGE
    ),
    "cut-closed": _named(
        "a page without Content-Length stops short", wire.cut(None, Framing.CLOSED), A_PAGE
    ),
}
_BODIES = {
    "type": _named("a page comes as text/plain", wire.typed("text/plain"), A_PAGE),
    "html": _named("a page is HTML, status 200", wire.body(wire.HTML, "text/html"), A_PAGE),
    "empty": _named("a page has an empty body, status 200", wire.body(b""), A_PAGE),
    "latin-1": _named("pages are in Latin-1", wire.encoded("latin-1"), Hits(PAGES)),
    "utf-16": _named("a page is in UTF-16", wire.encoded("utf-16"), A_PAGE),
    "deep": _named("a page is nested 100,000 levels deep", wire.nested(), A_PAGE),
    "bomb": _named("a page is a gzip bomb of 512 MiB", wire.bomb(), A_PAGE),
    "gzip": _named("every answer is compressed, as it should be", wire.packed, Hits()),
    "nan": _named(
        "a record of a page holds NaN", either.spoiled('{"amount": NaN}', '{"stage": NaN}'), A_PAGE
    ),
    "bad-record": _named("a record of a page makes no sense", either.spoiled("7", "7"), A_PAGE),
}
_PAGES = {
    "repeated": _named(
        "pages repeat some of their records",
        either.repeated,
        Hits(PAGES),
    ),
    "overlapping": _named(
        "listing pages begin with the end of the one before", lying.overlapping(3), Hits(LISTINGS)
    ),
    "shuffled": _named(
        "records of a listing page in any order",
        either.shuffled,
        Hits(A_LISTING),
    ),
    "same-cursor": _named(
        "a listing page names itself as the next one, once",
        lying.circling(),
        Hits((Kind.LISTING,), first=2, times=1),
    ),
    "ring": _named(
        "from the second on, a listing page names itself as the next one",
        lying.circling(),
        Hits((Kind.LISTING,), first=2),
    ),
    "expired-cursor": _named(
        "a cursor has expired: 400, once",
        refusing.expired_cursor(),
        Hits((Kind.LISTING,), times=1, when=lambda request: "after=" in request.target),
    ),
    "search-shuffled": _named("search answers out of order", lying.shuffled, Hits((Kind.SEARCH,))),
    "search-withheld": _named(
        "search leaves a tenth of the deals out", lying.withheld(0.1), Hits((Kind.SEARCH,))
    ),
    "total-high": _named(
        "search's total is a tenth too high", either.total_off(0.1), Hits(A_COUNT)
    ),
    "total-low": _named("search's total is a tenth too low", either.total_off(-0.1), Hits(A_COUNT)),
    "history-cut": _named(
        "only the newest version of every history", lying.shortened(1), Hits(HISTORIES)
    ),
}
_ACCOUNT = {
    "revoked": _named(
        "from the 8th request on the key is not known",
        either.revoked,
        FROM_EIGHTH,
    ),
    "scope-lost": _named(
        "from the 8th request on the key lacks the scope",
        refusing.scope_lost(),
        Hits(first=8, when=of_hubspot),
    ),
    "other-portal": _named(
        "from the 8th request on another account answers",
        either.other_account(),
        FROM_EIGHTH,
    ),
    "date-ahead": _named("the Date header is a day ahead", wire.dated(DAY), Hits()),
    "date-behind": _named("the Date header is a day behind", wire.dated(-DAY), Hits()),
    "date-jump": _named(
        "from the 8th request on the Date header is a day behind", wire.dated(-DAY), FROM_EIGHTH
    ),
}
_NUTSHELL = {
    "page-again": _named(
        "Nutshell: a page of leads is the one before it once more",
        nutshell_lying.page_again,
        Hits((nutshell.Kind.LEADS,), first=2, times=1),
    ),
    "events-withheld": _named(
        "Nutshell: the log leaves a tenth of the events out",
        nutshell_lying.withheld(0.1),
        Hits((nutshell.Kind.EVENTS,)),
    ),
    "events-gone": _named(
        "Nutshell: the log reaches back a month",
        nutshell_lying.forgetful(30 * 86_400),
        Hits((nutshell.Kind.EVENTS,)),
    ),
    "events-capped": _named(
        "Nutshell: the log answers 70 events at a time",
        nutshell_lying.capped("limit", 70),
        Hits((nutshell.Kind.EVENTS, nutshell.Kind.DELETED)),
    ),
    "exclusive": _named(
        "Nutshell: max_id leaves out the event it names",
        nutshell_lying.exclusive,
        Hits((nutshell.Kind.EVENTS, nutshell.Kind.DELETED)),
    ),
    "misleading": _named(
        "Nutshell: the log's links lead elsewhere",
        nutshell_lying.misleading,
        Hits((nutshell.Kind.EVENTS, nutshell.Kind.DELETED)),
    ),
    "leads-capped": _named(
        "Nutshell: 40 leads a page, whatever was asked for",
        nutshell_lying.capped("page[limit]", 40),
        Hits((nutshell.Kind.LEADS,)),
    ),
    "uncounted": _named(
        "Nutshell: no listing says how many there are",
        nutshell_lying.uncounted,
        Hits((nutshell.Kind.LEADS,)),
    ),
    "leads-hidden": _named(
        "Nutshell: from the 8th request on the key sees a tenth of the leads",
        nutshell_lying.hidden(0.9),
        FROM_EIGHTH,
    ),
    "bare-lists": _named(
        "Nutshell: stages and pipelines come as bare lists",
        nutshell_lying.bare,
        Hits((nutshell.Kind.PIPELINES,)),
    ),
    "stale-rev": _named(
        "Nutshell: a third of the edits finds that somebody was quicker, 409",
        nutshell_refusing.stale_rev(),
        Hits((nutshell.Kind.EDIT,), share=0.33),
    ),
    "edit-lost": _named(
        "Nutshell: a third of the edits takes effect, and the answer is lost",
        wire.reset(0),
        Hits((nutshell.Kind.EDIT,), share=0.33),
    ),
}


def named() -> dict[str, Named]:
    """Every fault with a name; faults that remember things are new each time."""
    permuted = _named("listing pages in any order", lying.permuted(), Hits(LISTINGS))
    parts = (
        _storms(),
        _FAILURES,
        _WIRE,
        _BODIES,
        _PAGES,
        {"permuted": permuted},
        _ACCOUNT,
        _NUTSHELL,
    )
    return {name: each for part in parts for name, each in part.items()}


def faults(*names: str) -> list[Fault]:
    """The faults of these names; KeyError where there is no such name."""
    known = named()
    return [known[name].fault for name in names]
