"""JSON-RPC at /api/v1/json: which method is which function, and its error shapes."""

import hashlib
import json
from typing import Any

from connector.sandbox.http import Request, Response
from connector.sandbox.nutshell.asked import NO_METHOD, Asked, RpcError, invalid
from connector.sandbox.nutshell.call import reply
from connector.sandbox.nutshell.error_pages import rpc_error
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.methods import METHODS
from connector.sandbox.nutshell.people import Key
from connector.sandbox.nutshell.records import User

OPEN = "getApiForUsername"


def answer(instance: Instance, request: Request, credential: tuple[User, Key] | None) -> Response:
    """Answer one call, or tell which methods there are to a plain GET.

    Nutshell facts, 2026-11: the description and getApiForUsername need no credential; a success has
    no `error`; a bad key is HTTP 401, an unknown method 404, a stale rev 409.
    """
    if request.method == "GET":
        return reply(_description(request))
    body = _body(request)
    try:
        result = _result(instance, request, body, credential)
    except RpcError as error:
        return rpc_error(error.status, error.code, error.message, body.get("id"))
    success = reply({"result": result, "id": body.get("id"), "jsonrpc": "2.0"})
    tagged = str(body["method"]).startswith(("get", "find"))
    return _tagged(request, success) if tagged else success


def _result(
    instance: Instance,
    request: Request,
    body: dict[str, Any],
    credential: tuple[User, Key] | None,
) -> Any:
    method, params = body.get("method"), body.get("params") or {}
    if method == OPEN:
        return {"api": request.headers.get("host", "localhost")}
    if credential is None:
        raise RpcError(401, 401, "API key not found")
    if method not in METHODS:
        raise RpcError(404, NO_METHOD, f"Method not found: {method}")
    if not isinstance(params, dict):
        raise invalid("params must be named")
    user, key = credential
    return METHODS[method](Asked(instance, user, key, params))


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _description(request: Request) -> dict[str, Any]:
    """The service's description (SMD), as far as anybody needs it: the names of the methods."""
    return {
        "transport": "POST",
        "envelope": "JSON-RPC-2.0",
        "target": request.path,
        "services": {name: {"parameters": []} for name in sorted({*METHODS, OPEN})},
    }


def _tagged(request: Request, success: Response) -> Response:
    """An answer with its ETag, or 304; Nutshell fact, 2026-11: of reads, not of edits."""
    tag = f'"{hashlib.sha256(success.body).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(304, headers={"ETag": tag})
    return Response(200, success.body, {"ETag": tag}, success.content_type)
