"""HubSpot as one function from request to response: key, scope, limits, endpoint, error shapes."""

from uuid import uuid4

from connector.sandbox.http import Request, Response
from connector.sandbox.hubspot.call import Call, Missing, Refusal
from connector.sandbox.hubspot.limits import Limits
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.refusals import missing_scopes, refused, unknown_key
from connector.sandbox.hubspot.routes import Target, target

LONGEST_URL = 8_192
_NOT_FOUND = (
    b"<html><head><title>Error 404</title></head><body><h2>HTTP ERROR 404</h2></body></html>"
)


class HubSpot:
    """Answers for one portal."""

    def __init__(self, portal: Portal, *, rate: int | None, index_lag: float) -> None:
        self._portal = portal
        self._limits = Limits(portal, rate)
        self._index_lag = index_lag

    def answer(self, request: Request) -> Response:
        """Answer one request, the portal locked meanwhile."""
        correlation = str(uuid4())
        with self._portal.lock:
            try:
                response = self._admitted(request)
            except Refusal as refusal:
                response = refused(refusal, correlation)
            except Missing:
                response = _missing(request)
            headers = {"X-HubSpot-Correlation-Id": correlation, **self._told(request)}
        return Response(
            response.status,
            response.body,
            headers | dict(response.headers),
            response.content_type,
        )

    def _admitted(self, request: Request) -> Response:
        if len(request.target) > LONGEST_URL:
            raise Refusal(414, "URI Too Long")
        aimed = target(request.method, request.path)
        if aimed is None:
            raise Missing
        if aimed.route.scopes:
            self._check_key(request, aimed)
        call = Call(self._portal, request, aimed.version, aimed.names, self._index_lag)
        return aimed.route.endpoint(call)

    def _check_key(self, request: Request, aimed: Target) -> None:
        scopes = self._portal.keys.get(_token(request))
        if scopes is None:
            raise unknown_key()
        self._limits.admit(_token(request), search=_is_search(request))
        if scopes.isdisjoint(aimed.route.scopes):
            raise missing_scopes(aimed.route.scopes)

    def _told(self, request: Request) -> dict[str, str]:
        known = _token(request) in self._portal.keys
        return self._limits.headers(_token(request)) if known and not _is_search(request) else {}


def _is_search(request: Request) -> bool:
    return request.path.rstrip("/").endswith("/search")


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _missing(request: Request) -> Response:
    """A 404 without JSON; HubSpot fact, 2026-11: nothing at all for who accepts only JSON."""
    if request.method != "GET" or "application/json" in request.headers.get("accept", ""):
        return Response(404)
    return Response(404, _NOT_FOUND, content_type="text/html;charset=utf-8")
