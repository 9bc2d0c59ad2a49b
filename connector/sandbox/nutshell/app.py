"""Nutshell as one function from request to response: credential, path, error shapes."""

import base64
import binascii
from dataclasses import replace
from uuid import uuid4

from connector.sandbox.http import Request, Response
from connector.sandbox.nutshell import rpc
from connector.sandbox.nutshell.call import Call, Missing, Refusal, reply, tenant
from connector.sandbox.nutshell.error_pages import not_allowed, page
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.paths import is_rpc
from connector.sandbox.nutshell.people import Key
from connector.sandbox.nutshell.records import User
from connector.sandbox.nutshell.rest import target


class Nutshell:
    """Answers for one instance."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def answer(self, request: Request) -> Response:
        """Answer one request, the instance locked meanwhile.

        Nutshell fact, 2026-11: every answer, errors too, carries x-nutshell-request-id.
        """
        with self._instance.lock:
            credential = self._credential(request)
            if is_rpc(request):
                response = rpc.answer(self._instance, request, credential)
            else:
                response = self._rest(request, credential)
        headers = {"x-nutshell-request-id": uuid4().hex, **response.headers}
        return replace(response, headers=headers)

    def _credential(self, request: Request) -> tuple[User, Key] | None:
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        try:
            text = base64.b64decode(sent, validate=True).decode() if scheme == "Basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            return None
        email, _, secret = text.partition(":")
        return self._instance.people.behind(email, secret)

    def _rest(self, request: Request, credential: tuple[User, Key] | None) -> Response:
        """REST's answer; Nutshell fact, 2026-11: 401 and 404 are HTML, 405 is the text of one."""
        if credential is None:
            return page(401, "Unauthorized")
        aimed = target(request.method, request.path)
        if aimed is None:
            return page(404, "Not Found")
        if aimed.route is None:
            return not_allowed()
        call = Call(self._instance, *credential, request, aimed.names)
        try:
            return aimed.route.endpoint(call)
        except Missing:
            return page(404, "Not Found")
        except Refusal as refusal:
            return _refused(self._instance, aimed.route.path.split("/")[0], refusal)


def _refused(instance: Instance, resource: str, refusal: Refusal) -> Response:
    error = {
        "id": None,
        "type": "errors",
        "code": None,
        "detail": refusal.detail,
        "href": None,
        "status": "400",
        "title": refusal.title,
        "field": None,
    }
    return reply({"meta": tenant(instance), "links": {}, resource: [], "errors": [error]}, 400)
