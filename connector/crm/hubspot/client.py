"""Requests to HubSpot with a key, over the connections of its official client."""

import urllib3

from connector.crm.hubspot import endpoints
from connector.crm.hubspot.exchanges import CRM, PoolExchanges
from connector.crm.hubspot.needs import scope_for
from connector.crm.pace import Pace
from connector.crm.transport import Bounds, Transport
from connector.errors import NotAuthorised

# The most any key may send; HubSpot's headers lower it for smaller tiers (2026-11).
REQUESTS_PER_10S = 190

# Connections that are kept alive; one for every thread that sends requests.
CONNECTIONS = 32


def open_transport(
    token: str,
    base_url: str | None = None,
    *,
    requests_per_10s: int | None = None,
    daily_reserve: float = 0.0,
    bounds: Bounds | None = None,
) -> Transport:
    """A way to HubSpot with a key; sends nothing yet.

    Of the official client the connection pool and the authentication are used. Its own requests
    are not: they know undated paths only, have no deadline, retry on their own and turn an answer
    that cannot be read into empty objects (measured with version 12.0.0).
    """
    if not (token.isascii() and token.isprintable()):
        raise NotAuthorised("The HubSpot key holds a line break or a letter that no key has.")
    import hubspot  # costs more than a whole `connector --help`

    host = base_url or endpoints.HOST
    client = hubspot.Client.create(
        access_token=token,
        host=host,
        connection_pool_maxsize=CONNECTIONS,
        retry=urllib3.Retry(0, redirect=0, raise_on_status=False),
    )
    api = client.crm.pipelines.pipelines_api.api_client
    headers = dict(api.default_headers)
    api.update_params_for_auth(headers, [], ["oauth2"])
    bounds = bounds or Bounds()
    return Transport(
        CRM,
        PoolExchanges(host, api.rest_client.pool_manager, headers, bounds),
        Pace(requests_per_10s or REQUESTS_PER_10S, 10.0),
        bounds=bounds,
        scope_for=scope_for,
        daily_reserve=daily_reserve,
    )
