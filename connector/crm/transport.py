"""HTTP to one CRM: own deadlines, own retries, no redirects.

A read is asked again after faults that pass by themselves. A write is sent again only after an
answer that says it was not carried out; where no answer tells, it ends in `UnknownOutcome`.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import msgspec
import tenacity
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from connector.crm.answers import Answer, Passing
from connector.crm.deadline import punctual
from connector.crm.pace import Pace
from connector.errors import BadAnswer, UnknownOutcome, Unreachable

Query = list[tuple[str, str]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many seconds a connection and a whole exchange get, the bytes of an answer, the tries."""

    connect: float = 10.0
    exchange: float = 60.0
    answer: int = 64 * 2**20
    attempts: int = 6


class Transport:
    """Requests to one host, with the headers that authenticate them.

    `scope_for` says which scope a method on a path needs, where that is known.
    """

    def __init__(
        self,
        crm: str,
        host: str,
        pool: urllib3.PoolManager,
        headers: Mapping[str, str],
        pace: Pace,
        *,
        bounds: Bounds | None = None,
        scope_for: Callable[[str, str], str] = lambda method, path: "",
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._crm = crm
        self._host = host
        self._pool = punctual(pool)
        self._headers = {**headers, "Accept": "application/json"}
        self._secret = headers["Authorization"].split()[-1].encode()
        self._pace = pace
        self._bounds = bounds or Bounds()
        self._scope_for = scope_for
        self._sleep = sleep
        self.requests = 0

    def read(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Any = None,
        pace: Pace | None = None,
    ) -> Answer:
        """Ask something that changes nothing, again if need be, within reason."""

        def ask() -> Answer:
            return self._attempt(method, path, query, body, pace or self._pace)

        try:
            return self._patiently(ask, again=lambda fault: True)
        except Passing as fault:
            raise Unreachable(
                f"{fault} Tried {self._bounds.attempts} times; try again later."
            ) from fault

    def write(self, method: str, path: str, body: Any) -> None:
        """Send a change; again only where the CRM said that it did not carry it out.

        What the answer says is not handed on: it repeats the request, and only a later read tells
        what was stored (HubSpot fact, 2026-11).
        """

        def send() -> Answer:
            return self._attempt(method, path, None, body, self._pace)

        try:
            self._patiently(send, again=lambda fault: not fault.reached).require_json()
        except BadAnswer as fault:
            raise UnknownOutcome(f"{fault} The change may have been made.") from fault
        except Passing as fault:
            if fault.reached:
                raise UnknownOutcome(f"{fault} The change may have been made.") from fault
            raise Unreachable(f"{fault} Nothing was changed; try again later.") from fault

    def _patiently(self, attempt: Callable[[], Answer], again: Callable[[Passing], bool]) -> Answer:
        return tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._bounds.attempts),
            wait=_wait,
            retry=tenacity.retry_if_exception(
                lambda fault: isinstance(fault, Passing) and again(fault)
            ),
            sleep=self._sleep,
            reraise=True,
        )(attempt)

    def _attempt(
        self, method: str, path: str, query: Query | None, body: Any, pace: Pace
    ) -> Answer:
        pace.wait()
        self.requests += 1
        answer = self._exchange(method, path, query, body)
        log.debug("%s %s: %s, %d bytes", method, path, answer.status, len(answer.body))
        self._heed_limits(answer.headers)
        if 200 <= answer.status < 300:
            return answer
        # A refusal is quoted to people, and a proxy may repeat the headers it did not like.
        quotable = replace(answer, body=answer.body.replace(self._secret, b"[key]"))
        raise quotable.refusal(self._scope_for(method, path))

    def _exchange(self, method: str, path: str, query: Query | None, body: Any) -> Answer:
        asked = f"{method} {path}"
        try:
            with self._open(method, path, query, body) as response:
                content = b"".join(self._chunks(response, asked))
        except (NewConnectionError, ConnectTimeoutError) as fault:
            raise Passing(
                f"{self._crm} at {self._host} cannot be reached.", reached=False
            ) from fault
        except HTTPError as fault:
            kind = type(fault).__name__
            raise Passing(f"{self._crm} did not answer {asked} ({kind}).", reached=True) from fault
        return Answer(self._crm, asked, response.status, response.headers, content)

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

    def _chunks(self, response: urllib3.BaseHTTPResponse, asked: str) -> Iterator[bytes]:
        """The body as it arrives, until it is too long."""
        size = 0
        while chunk := response.read1(2**20):
            size += len(chunk)
            if size > self._bounds.answer:
                raise BadAnswer(
                    f"{self._crm} answered {asked} with more than {self._bounds.answer} bytes,"
                    " which no page has."
                )
            yield chunk

    def _heed_limits(self, headers: Mapping[str, str]) -> None:
        # HubSpot tells its burst limit with every answer but a search's (2026-11).
        limit = headers.get("X-HubSpot-RateLimit-Max", "")
        if limit.isdigit() and headers.get("X-HubSpot-RateLimit-Interval-Milliseconds") == "10000":
            self._pace.lower(int(limit))


_backoff = tenacity.wait_random_exponential(multiplier=0.5, max=20)


def _wait(state: tenacity.RetryCallState) -> float:
    fault = state.outcome.exception() if state.outcome else None
    if isinstance(fault, Passing) and fault.wait is not None:
        return fault.wait
    return _backoff(state)
