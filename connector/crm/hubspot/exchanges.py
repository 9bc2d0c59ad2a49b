"""Requests to HubSpot over the connections of its official client, which are urllib3's."""

from collections.abc import Iterator, Mapping
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
from connector.crm.exchange import CHUNK, Bounds, Query, whole
from connector.crm.redaction import Redaction

CRM = "HubSpot"


class PoolExchanges:
    """Requests to one host with the headers that authenticate them."""

    def __init__(
        self, host: str, pool: urllib3.PoolManager, headers: Mapping[str, str], bounds: Bounds
    ):
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
                answer = Answer(CRM, asked, response.status, response.headers, b"", self._redaction)
                return whole(answer, _arriving(response), self._bounds.answer)
        except (NewConnectionError, ConnectTimeoutError) as fault:
            raise Passing(f"{CRM} at {self._host} cannot be reached.", reached=False) from fault
        except HTTPError as fault:
            raise Passing(f"{CRM} {_broken(fault)} {asked}.", reached=True) from fault

    def give_up(self) -> None:
        """End every exchange under way with a fault."""
        self._under_way.give_up()

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


def _arriving(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    while chunk := response.read1(CHUNK, decode_content=False):
        yield chunk


def _broken(fault: HTTPError) -> str:
    match fault:
        case TimeoutError():
            return "took too long to answer"
        case SSLError():
            return f"has no secure connection ({fault}) for"
        case _:
            return f"broke off ({type(fault).__name__}) instead of answering"
