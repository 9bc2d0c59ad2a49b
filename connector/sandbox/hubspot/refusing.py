"""HubSpot's refusals, at requests it would have answered: facts of 2026-11 unless INFERRED."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime

from connector.sandbox.faults import Effect, Strike
from connector.sandbox.http import Response
from connector.sandbox.hubspot.call import Refusal
from connector.sandbox.hubspot.refusals import missing_scopes, refused, too_many_of, unknown_key
from connector.sandbox.hubspot.routes import target

CORRELATION = "3f0f5bd6-0000-4000-8000-5ba0c0ffee00"


def _saying(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    answer = refused(refusal, CORRELATION)
    return Response(answer.status, answer.body, headers or {})


def too_many(
    policy: str = "TEN_SECONDLY_ROLLING",
    retry_after: str | timedelta | None = None,
    *,
    category: bool = False,
) -> Effect:
    """A 429 of a policy; a span as `retry_after` is told as a date, text as it is.

    Some of HubSpot's bodies carry `category` RATE_LIMITS instead of an errorType and a policy.
    """
    refusal = too_many_of(policy)
    if category:
        refusal = Refusal(429, refusal.message, category="RATE_LIMITS")

    def effect(strike: Strike) -> Response:
        match retry_after:
            case None:
                return _saying(refusal)
            case timedelta():
                date = format_datetime(strike.now + retry_after, usegmt=True)
                return _saying(refusal, {"Retry-After": date})
            case text:
                return _saying(refusal, {"Retry-After": text})

    return effect


def failing(status: int = 503) -> Effect:
    """A failure of HubSpot itself; what stands before it answers in HTML."""
    page = f"<html><head><title>{status}</title></head><body>Error {status}</body></html>".encode()
    return lambda strike: Response(status, page, content_type="text/html")


def locked() -> Effect:
    """423: the account is locked for a moment, at least two seconds."""
    return lambda strike: _saying(Refusal(423, "The resource is locked.", category="LOCKED"))


def moving(retry_after: str = "3") -> Effect:
    """477: the account is being moved between data centres."""
    refusal = Refusal(477, "Migration in progress.", category="MIGRATION_IN_PROGRESS")
    return lambda strike: _saying(refusal, {"Retry-After": retry_after})


def revoked() -> Effect:
    """401: the key is not known any more."""
    return lambda strike: _saying(unknown_key())


def scope_lost() -> Effect:
    """403 that names the scopes of which the key has none any more."""

    def effect(strike: Strike) -> Response:
        aimed = target(strike.request.method, strike.request.path)
        return _saying(missing_scopes(aimed.route.scopes if aimed else ()))

    return effect


def expired_cursor() -> Effect:
    """INFERRED: 400 at a cursor that has grown too old."""
    refusal = Refusal(
        400, "The `after` cursor is invalid or has expired.", category="VALIDATION_ERROR"
    )
    return lambda strike: _saying(refusal)
