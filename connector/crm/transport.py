"""HTTP to one CRM: own deadlines, own retries, no redirects.

A read is asked again after faults that pass by themselves. A write is sent again only after an
answer that says it was not carried out; where no answer tells, it ends in `UnknownOutcome`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
import tenacity
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from connector.crm.answers import Answer, Passing
from connector.crm.pace import Pace
from connector.errors import BadAnswer, UnknownOutcome, Unreachable

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
DEADLINE_SECONDS = 90.0
LARGEST_ANSWER = 64 * 2**20
ATTEMPTS = 6

Query = list[tuple[str, str]]


class TooSlow(HTTPError):
    """An answer drips: each byte comes in time, the whole does not."""


class Transport:
    """Requests to one host, with the headers that authenticate them."""

    def __init__(
        self, crm: str, host: str, pool: urllib3.PoolManager, headers: Mapping[str, str], pace: Pace
    ):
        self._crm = crm
        self._host = host
        self._pool = pool
        self._headers = {**headers, "Accept": "application/json"}
        self._pace = pace
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
            return _patiently(ask, again=lambda fault: isinstance(fault, Passing))
        except Passing as fault:
            raise Unreachable(f"{fault} Tried {ATTEMPTS} times; try again later.") from fault

    def write(self, method: str, path: str, body: Any) -> Answer:
        """Send a change; again only where the CRM said that it did not carry it out."""

        def send() -> Answer:
            return self._attempt(method, path, None, body, self._pace)

        try:
            return _patiently(
                send, again=lambda fault: isinstance(fault, Passing) and not fault.reached
            )
        except Passing as fault:
            if fault.reached:
                raise UnknownOutcome(f"{fault} It may have been carried out.") from fault
            raise Unreachable(f"{fault} Nothing was changed; try again later.") from fault

    def _attempt(
        self, method: str, path: str, query: Query | None, body: Any, pace: Pace
    ) -> Answer:
        pace.wait()
        self.requests += 1
        answer = self._exchange(method, path, query, body)
        self._heed_limits(answer.headers)
        if 200 <= answer.status < 300:
            return answer
        raise answer.refusal()

    def _exchange(self, method: str, path: str, query: Query | None, body: Any) -> Answer:
        asked = f"{method} {path}"
        deadline = time.monotonic() + DEADLINE_SECONDS
        try:
            with self._open(method, path, query, body) as response:
                content = b"".join(_chunks(response, deadline))
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
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            preload_content=False,
            redirect=False,
            retries=False,
        )

    def _heed_limits(self, headers: Mapping[str, str]) -> None:
        # HubSpot tells its burst limit with every answer but a search's (2026-11).
        limit = headers.get("X-HubSpot-RateLimit-Max", "")
        if limit.isdigit() and headers.get("X-HubSpot-RateLimit-Interval-Milliseconds") == "10000":
            self._pace.lower(int(limit))


def _chunks(response: urllib3.BaseHTTPResponse, deadline: float) -> Iterator[bytes]:
    """The body as it arrives, until it is too long or takes too long.

    A socket's timeout starts anew with every byte, so that only a deadline stops a slow drip.
    """
    size = 0
    while chunk := response.read1(2**20):
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise BadAnswer(f"An answer is longer than {LARGEST_ANSWER} bytes and was not read.")
        if time.monotonic() > deadline:
            raise TooSlow
        yield chunk


def _patiently(attempt: Callable[[], Answer], again: Callable[[BaseException], bool]) -> Answer:
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=_wait,
        retry=tenacity.retry_if_exception(again),
        reraise=True,
    )(attempt)


_backoff = tenacity.wait_random_exponential(multiplier=0.5, max=20)


def _wait(state: tenacity.RetryCallState) -> float:
    fault = state.outcome.exception() if state.outcome else None
    if isinstance(fault, Passing) and fault.wait is not None:
        return fault.wait
    return _backoff(state)
