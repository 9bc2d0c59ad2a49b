"""What one request and its whole answer are, whichever library carries them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from connector.crm.answers import Answer
from connector.crm.unpacking import NotUnpacked, unpacked

Query = list[tuple[str, str]]

# The bytes of an answer that are taken at a time.
CHUNK = 2**16


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


class Exchanges(Protocol):
    """Requests to one host with its key, each with a deadline, without redirects or retries.

    Many threads may send some at once.
    """

    def exchange(self, method: str, path: str, query: Query | None, body: Any) -> Answer:
        """The answer to a request, whatever its status; `Passing` where none came whole."""

    def give_up(self) -> None:
        """End every exchange under way with a fault."""


def whole(answer: Answer, arriving: Iterable[bytes], most: int) -> Answer:
    """The answer with its body, of at most so many bytes; a refusal may do without one."""
    try:
        body = unpacked(arriving, answer.headers.get("Content-Encoding", ""), most)
    except NotUnpacked as fault:
        if 200 <= answer.status < 300:
            raise answer.bad(fault) from fault
        return answer  # a refusal is understood by its status alone
    return replace(answer, body=body)
