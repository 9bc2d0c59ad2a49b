"""What Nutshell's JSON-RPC says in its body, told as the status of HTTP that means the same.

An error may come with HTTP 200, and a status of HTTP without an error; so the body is read first
(Nutshell facts, 2026-11). On success `error` is null or absent.
"""

import contextlib
from dataclasses import replace
from typing import Any

import msgspec

from connector.crm.answers import Answer

_NO_SUCH_METHOD = -32601
_INTERNAL = -32603
_NOT_ALLOWED = 405


class _Error(msgspec.Struct):
    code: int | str | None = None


class _Said(msgspec.Struct):
    error: _Error | None = None


def asked_for(body: Any) -> str:
    """What a call is called in messages."""
    return f"JSON-RPC {body['method']}"


def judged(answer: Answer) -> Answer:
    """The answer with the status that its error stands for, if it has one."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        error = msgspec.json.decode(answer.body, type=_Said).error
        if error is not None:
            return replace(answer, status=_status(error.code, answer.status))
    return answer


def _status(code: int | str | None, told: int) -> int:
    number = int(code) if code is not None and str(code).removeprefix("-").isdecimal() else 0
    if number == _NO_SUCH_METHOD:
        return _NOT_ALLOWED  # HTTP says 404, as it does of a lead that is not there
    if 400 <= number < 600:
        return number
    if told >= 400:
        return told
    return 500 if number == _INTERNAL else 400
