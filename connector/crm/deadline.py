"""Connections on which a timeout holds for a whole answer.

A socket's timeout starts anew with every byte, so that a server which drips holds a request for
ever (measured with requests 2.34). Here the time urllib3 grants before an answer begins runs until
its last byte, headers included.
"""

import io
import socket
import time
from http.client import HTTPResponse
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class _UntilDeadline(io.RawIOBase):
    """The bytes of one answer, each waited for only as long as the whole answer may still take."""

    def __init__(self, source: io.RawIOBase, connection: socket.socket):
        self._source = source
        self._connection = connection
        granted = connection.gettimeout()
        self._deadline = float("inf") if granted is None else time.monotonic() + granted

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._connection.settimeout(left)
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


class _PunctualResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **named: Any):
        super().__init__(sock, *args, **named)
        self.fp = io.BufferedReader(_UntilDeadline(self.fp.detach(), sock))


class _Plain(HTTPConnection):
    response_class = _PunctualResponse


class _Encrypted(HTTPSConnection):
    response_class = _PunctualResponse


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


def punctual(pool: PoolManager) -> PoolManager:
    """The pool, from now on making connections that keep their deadlines."""
    pool.pool_classes_by_scheme = {"http": _PlainPool, "https": _EncryptedPool}
    return pool
