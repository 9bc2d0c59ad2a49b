"""Requests to Nutshell with a user's key."""

from connector.crm.exchange import Bounds
from connector.crm.nutshell import endpoints
from connector.crm.nutshell.exchanges import CRM, Credential, SessionExchanges
from connector.crm.pace import Pace
from connector.crm.transport import Transport
from connector.errors import NotAuthorised

# Nutshell publishes no limit and tells none in its headers (Nutshell fact, 2026-11), so this one
# is ours: no more than the few that are under way at once get done at 200 ms each.
REQUESTS_PER_10S = 200
AT_ONCE = 4


def open_transport(
    user: str,
    key: str,
    base_url: str | None = None,
    *,
    requests_per_10s: int | None = None,
    bounds: Bounds | None = None,
) -> Transport:
    """A way to Nutshell with a user's e-mail, or the company's domain, and a key; sends nothing."""
    if not (key.isascii() and key.isprintable()):
        raise NotAuthorised("The Nutshell key holds a line break or a letter that no key has.")
    if not user.isprintable() or ":" in user:
        raise NotAuthorised(f"{user!r} is not the e-mail of a Nutshell user.")
    bounds = bounds or Bounds()
    credential = Credential(user, key)
    exchanges = SessionExchanges(base_url or endpoints.HOST, credential, bounds, AT_ONCE)
    pace = Pace(requests_per_10s or REQUESTS_PER_10S, 10.0, at_once=AT_ONCE)
    return Transport(CRM, exchanges, pace, bounds=bounds)
