"""Errors in the shapes they were recorded in; facts of 2026-11."""

from typing import Any

from connector.sandbox.http import Response
from connector.sandbox.nutshell.call import reply


def page(status: int, reason: str) -> Response:
    """An error of REST as an HTML page, as 401 and 404 are."""
    html = (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="UTF-8" />\n'
        f"<title>An Error Occurred: {reason}</title>\n</head>\n<body>\n"
        "<h1>Oops! An Error Occurred</h1>\n"
        f'<h2>The server returned a "{status} {reason}".</h2>\n</body>\n</html>'
    )
    return Response(status, html.encode(), content_type="text/html; charset=UTF-8")


def rpc_error(status: int, code: int, message: str, id: Any = None) -> Response:
    """An error of JSON-RPC, whose HTTP status is not 200."""
    error = {"code": code, "message": message, "data": None}
    return reply({"jsonrpc": "2.0", "id": id, "error": error}, status)


def internal_error() -> Response:
    """A failure of REST itself, as JSON."""
    return reply({"code": 500, "message": "Internal Server Error"}, 500)


def not_allowed() -> Response:
    """A path that knows other methods only: 405, and a text that names no method."""
    return Response(405, b'"Internal Error"', content_type="text/plain")
