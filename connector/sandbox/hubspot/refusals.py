"""The refusals that any endpoint may answer with, and how a refusal looks on the wire."""

from typing import Any

from connector.sandbox.http import Response
from connector.sandbox.hubspot.call import Refusal, reply


def refused(refusal: Refusal, correlation: str) -> Response:
    """A refusal as HubSpot writes it."""
    body: dict[str, Any] = {
        "status": "error",
        "message": refusal.message,
        "correlationId": correlation,
        **refusal.details,
    }
    return reply(body, refusal.status)


def unknown_key() -> Refusal:
    """401: no such key."""
    return Refusal(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you "
        "can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        category="INVALID_AUTHENTICATION",
    )


def missing_scopes(scopes: tuple[str, ...]) -> Refusal:
    """403: the key has none of these scopes."""
    return Refusal(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about "
        "required scopes here: https://developers.hubspot.com/scopes.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        links={"scopes": "https://developers.hubspot.com/scopes"},
        category="MISSING_SCOPES",
    )


def too_many_of(policy: str) -> Refusal:
    """429: too many requests under a policy."""
    return Refusal(
        429,
        f"You have reached your {policy.removesuffix('_ROLLING').lower()} limit.",
        errorType="RATE_LIMIT",
        policyName=policy,
    )
