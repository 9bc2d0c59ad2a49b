"""Nutshell's refusals, at requests it would have answered; facts of 2026-11 unless INFERRED."""

from datetime import timedelta
from email.utils import format_datetime
from http.client import responses

from connector.sandbox.faults import Effect, Strike
from connector.sandbox.http import Response
from connector.sandbox.nutshell.error_pages import internal_error, page, rpc_error
from connector.sandbox.nutshell.paths import is_rpc


def too_many(retry_after: str | timedelta | None = None) -> Effect:
    """INFERRED: a 429; no rate limit is published, though full finds are said to have one.

    A span as `retry_after` is told as a date, text as it is.
    """

    def effect(strike: Strike) -> Response:
        told = retry_after
        if isinstance(told, timedelta):
            told = format_datetime(strike.now + told, usegmt=True)
        refusal = _said(strike, 429, "Too Many Requests")
        headers = {"Retry-After": told} if told is not None else {}
        return Response(429, refusal.body, headers, refusal.content_type)

    return effect


def failing(status: int = 503) -> Effect:
    """A failure of Nutshell itself: 500 as JSON, what stands before it answers in HTML."""

    def effect(strike: Strike) -> Response:
        if status == 500 and not is_rpc(strike.request):
            return internal_error()
        return page(status, responses.get(status, "Error"))

    return effect


def revoked() -> Effect:
    """401: the key is not known any more, or its user has left."""

    def effect(strike: Strike) -> Response:
        if is_rpc(strike.request):
            return rpc_error(401, 401, "API key not found")
        return page(401, "Unauthorized")

    return effect


def stale_rev() -> Effect:
    """409: somebody else edited the lead since it was read."""
    return lambda strike: rpc_error(409, 409, "rev key is out-of-date")


def _said(strike: Strike, status: int, reason: str) -> Response:
    return rpc_error(status, status, reason) if is_rpc(strike.request) else page(status, reason)
