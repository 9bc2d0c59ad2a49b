"""One request and its whole answer over HTTP, with a deadline, without redirects or retries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import msgspec
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    SSLError,
    TimeoutError,
)

from connector.crm.answers import Answer, Passing
from connector.crm.deadline import punctual
from connector.crm.redaction import Redaction
from connector.crm.unpacking import NotUnpacked, unpacked

Query = list[tuple[str, str]]

_CHUNK = 2**16


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run grants: seconds for a connection and for a whole exchange, bytes of an answer,
    tries per request, and seconds of waiting for what does not come. Twelve tries outlast most
    outages of half a minute.
    """

    connect: float = 10.0
    exchange: float = 30.0
    answer: int = 32 * 2**20
    attempts: int = 12
    waiting: float = 300.0


class Exchanges:
    """Requests to one host with the headers that authenticate them; many threads may send some."""

    def __init__(
        self,
        crm: str,
        host: str,
        pool: urllib3.PoolManager,
        headers: Mapping[str, str],
        bounds: Bounds,
    ):
        self._crm = crm
        self._host = host
        self._pool = pool
        self._under_way = punctual(pool)
        self._headers = {**headers, "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._redaction = Redaction(headers["Authorization"].split()[-1])
        self._bounds = bounds

    def exchange(self, method: str, path: str, query: Query | None, body: Any) -> Answer:
        """The answer to a request, whatever its status; `Passing` where none came whole."""
        asked = f"{method} {path}"
        try:
            with self._open(method, path, query, body) as response:
                return self._answer(asked, response)
        except (NewConnectionError, ConnectTimeoutError) as fault:
            raise Passing(
                f"{self._crm} at {self._host} cannot be reached.", reached=False
            ) from fault
        except HTTPError as fault:
            raise Passing(f"{self._crm} {_broken(fault)} {asked}.", reached=True) from fault

    def _open(
        self, method: str, path: str, query: Query | None, body: Any
    ) -> urllib3.BaseHTTPResponse:
        url = self._host + path + (f"?{urlencode(query)}" if query else "")
        typed = {"Content-Type": "application/json"} if body is not None else {}
        return self._pool.request(
            method,
            url,
            body=None if body is None else msgspec.json.encode(body),
            headers={**self._headers, **typed},
            timeout=urllib3.Timeout(connect=self._bounds.connect, total=self._bounds.exchange),
            preload_content=False,
            redirect=False,
            retries=False,
        )

    def _answer(self, asked: str, response: urllib3.BaseHTTPResponse) -> Answer:
        encoding = response.headers.get("Content-Encoding", "")
        answer = Answer(self._crm, asked, response.status, response.headers, b"", self._redaction)
        try:
            body = unpacked(_arriving(response), encoding, self._bounds.answer)
        except NotUnpacked as fault:
            if 200 <= response.status < 300:
                raise answer.bad(fault) from fault
            return answer  # a refusal is understood by its status alone
        return replace(answer, body=body)

    def give_up(self) -> None:
        """End every exchange under way with a fault."""
        self._under_way.give_up()


def _arriving(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    while chunk := response.read1(_CHUNK, decode_content=False):
        yield chunk


def _broken(fault: HTTPError) -> str:
    match fault:
        case TimeoutError():
            return "took too long to answer"
        case SSLError():
            return f"has no secure connection ({fault}) for"
        case _:
            return f"broke off ({type(fault).__name__}) instead of answering"
