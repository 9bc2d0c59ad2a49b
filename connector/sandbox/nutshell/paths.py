"""Which requests are for Nutshell; no path of HubSpot's is one of these."""

from connector.sandbox.http import Request

_RPC = ("/api/v1/json", "/v1/json")


def is_rpc(request: Request) -> bool:
    """Whether a request is for JSON-RPC."""
    return request.path.rstrip("/") in _RPC


def is_nutshell(request: Request) -> bool:
    """Whether a request is for either of Nutshell's APIs."""
    return is_rpc(request) or f"{request.path}/".startswith("/rest/")
