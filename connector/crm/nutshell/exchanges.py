"""Requests to Nutshell over requests, whose timeout is made to hold for a whole answer."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from connector.crm.answers import Answer, Passing
from connector.crm.deadline import UnderWay, punctual
from connector.crm.exchange import CHUNK, Bounds, Query, whole
from connector.crm.nutshell.endpoints import RPC
from connector.crm.nutshell.verdict import asked_for, judged
from connector.crm.redaction import Redaction

CRM = "Nutshell"

_ADVICE = (
    "Check the key, and that the user still has access; keys are made in Nutshell under"
    " Setup > API keys."
)


@dataclass(frozen=True, slots=True)
class Credential:
    """A user's e-mail, or a company's domain, and an API key."""

    user: str
    key: str

    @property
    def basic(self) -> str:
        """Both as HTTP's Basic sends them."""
        return b64encode(f"{self.user}:{self.key}".encode()).decode()


class SessionExchanges:
    """Requests to one host with the credential of one user."""

    def __init__(self, host: str, credential: Credential, bounds: Bounds, connections: int):
        self._host = host
        self._bounds = bounds
        self._key = f"the key of {credential.user}"
        self._redaction = Redaction(credential.key, credential.basic)
        self._headers = {
            "Authorization": f"Basic {credential.basic}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }
        self._session, self._under_way = _session(connections)

    def exchange(self, method: str, path: str, query: Query | None, body: Any) -> Answer:
        """The answer to a request, whatever its status; `Passing` where none came whole.

        An error of JSON-RPC counts as an answer of the status it names, whatever HTTP's was.
        """
        asked = asked_for(body) if path == RPC else f"{method} {path}"
        try:
            with self._open(method, path, query, body) as response:
                answer = self._whole(asked, response)
        except (requests.RequestException, HTTPError) as fault:
            raise self._passing(fault, asked) from fault
        return judged(answer) if path == RPC else answer

    def give_up(self) -> None:
        """End every exchange under way with a fault."""
        self._under_way.give_up()

    def _open(self, method: str, path: str, query: Query | None, body: Any) -> requests.Response:
        typed = {"Content-Type": "application/json"} if body is not None else {}
        request = requests.Request(
            method,
            self._host + path + (f"?{urlencode(query)}" if query else ""),
            headers={**self._headers, **typed},
            data=None if body is None else msgspec.json.encode(body),
        )
        return self._session.send(
            self._session.prepare_request(request),
            timeout=urllib3.Timeout(connect=self._bounds.connect, total=self._bounds.exchange),
            stream=True,
            allow_redirects=False,
        )

    def _whole(self, asked: str, response: requests.Response) -> Answer:
        answer = Answer(
            CRM,
            asked,
            response.status_code,
            response.headers,
            b"",
            self._redaction,
            key=self._key,
            advice=_ADVICE,
        )
        return whole(answer, _arriving(response), self._bounds.answer)

    def _passing(self, fault: Exception, asked: str) -> Passing:
        if isinstance(fault, requests.ConnectTimeout) or _never_connected(fault):
            return Passing(f"{CRM} at {self._host} cannot be reached.", reached=False)
        return Passing(f"{CRM} {_broken(fault)} {asked}.", reached=True)


def _session(connections: int) -> tuple[requests.Session, UnderWay]:
    """A session that takes nothing from its surroundings, and what is under way on it."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_maxsize=connections, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session, punctual(adapter.poolmanager)


def _arriving(response: requests.Response) -> Iterator[bytes]:
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        yield chunk


def _never_connected(fault: BaseException | None) -> bool:
    """Whether no connection came about, which requests tells only by what it wraps."""
    reason = fault.args[0] if fault and fault.args else None
    return isinstance(getattr(reason, "reason", reason), NewConnectionError)


def _broken(fault: Exception) -> str:
    match fault:
        case requests.Timeout() | urllib3.exceptions.TimeoutError():
            return "took too long to answer"
        case requests.exceptions.SSLError():
            return f"has no secure connection ({fault}) for"
        case _:
            return f"broke off ({type(fault).__name__}) instead of answering"
