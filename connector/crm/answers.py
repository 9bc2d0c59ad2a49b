"""What a CRM's answers mean: a body that can be read, or the error a refusal stands for."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from connector.crm.redaction import Redaction
from connector.errors import BadAnswer, CrmError, NotAuthorised, QuotaUsedUp, Rejected

Shape = TypeVar("Shape")

LONGEST_WAIT = 60.0

# Answers that say the request was not carried out and may come again: too many requests, the
# account is locked, the account is being moved (HubSpot facts, 2026-11).
_NOT_NOW = {429: 10.0, 423: 2.0, 477: 10.0}

# What JSON in another encoding than UTF-8 begins with, and what a byte order mark is called.
_MARKS = {
    b"\xef\xbb\xbf": "a byte order mark",
    b"\xff\xfe": "UTF-16 or UTF-32 instead of UTF-8",
    b"\xfe\xff": "UTF-16 instead of UTF-8",
}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
_UTF_8 = {"utf-8", "utf8", "us-ascii"}

# How long to wait after a 429 without Retry-After, by the policy it names (HubSpot facts, 2026-11).
_POLICY_SECONDS = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
# Some 429s name their policy in the message alone: "You have reached your daily limit."
_REACHED = re.compile(r"reached your (\w+) limit", re.IGNORECASE)


class _Context(msgspec.Struct, rename="camel"):
    required_granular_scopes: tuple[str, ...] = ()


class _Detail(msgspec.Struct):
    context: _Context | None = None


class _Forbidden(msgspec.Struct):
    errors: tuple[_Detail, ...] = ()


class Passing(CrmError):
    """A fault that passes by itself; `wait` is how many seconds the CRM wants to be left alone.

    `reached` tells whether the request may have been carried out all the same, `tries` how often it
    was sent before that was enough.
    """

    tries = 1

    def __init__(self, message: str, *, wait: float | None = None, reached: bool):
        super().__init__(message)
        self.wait = wait
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Answer:
    """One complete answer, whatever its status.

    `redaction` takes the key out of what is quoted from it; `key` is what the key is called where
    it is refused, and `advice` what to do about that.
    """

    crm: str
    asked: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redaction: Redaction = field(default=Redaction(""), repr=False)
    key: str = "the key"
    advice: str = "Check the key."

    @property
    def now(self) -> datetime:
        """The CRM's clock when it answered, or this machine's where the CRM does not tell."""
        return _date(self.headers.get("Date", "")) or datetime.now(UTC)

    @property
    def trace(self) -> str:
        """What the CRM's own support finds the request by, where it tells (Nutshell, 2026-11)."""
        return self.redaction.text(self.headers.get("X-Nutshell-Request-Id", ""))[:80]

    def bad(self, why: object) -> BadAnswer:
        """The error for an answer that cannot be one, with its cause."""
        deep = isinstance(why, RecursionError)
        what = self.redaction.text("it is nested deeper than any page" if deep else str(why))
        asked = f"{self.asked} (request {self.trace})" if self.trace else self.asked
        return BadAnswer(f"{self.crm} answered {asked} with something unreadable: {what}.")

    def require_json(self) -> bytes:
        """The body, once its content type and its first bytes say that it is JSON in UTF-8."""
        if why := self._no_json():
            raise self.bad(why)
        return self.body

    def _no_json(self) -> str:
        """Why the body cannot be JSON in UTF-8, as far as that shows at a glance."""
        kind = self.headers.get("Content-Type", "none")
        if not self.body:
            return "an empty body"
        if "html" in kind.lower() or self.body[:200].lstrip()[:1] == b"<":
            return f"a web page (content type {kind}), probably of a proxy on the way"
        if "json" not in kind.lower():
            return f"content type {kind} instead of JSON"
        return self._foreign_encoding(kind)

    def _foreign_encoding(self, kind: str) -> str:
        for mark, name in _MARKS.items():
            if self.body.startswith(mark):
                return name
        if b"\0" in self.body[:4]:
            return "UTF-16 or UTF-32 instead of UTF-8"
        charset = _CHARSET.search(kind)
        if charset and charset[1].lower() not in _UTF_8:
            return f"charset {charset[1]} instead of UTF-8"
        return ""

    def decode(self, shape: type[Shape]) -> Shape:
        """The body as the shape it must have, or BadAnswer."""
        try:
            return msgspec.json.decode(self.require_json(), type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            raise self.bad(fault) from fault

    def refusal(self, scope: str = "") -> CrmError:
        """The error this answer's status stands for, in words that say what to do.

        `scope` is what the request needs as far as we know, for where the CRM does not tell.
        """
        said = self.redaction.text(self._said())
        if self.status in _NOT_NOW:
            return self._not_now(said)
        if self.status == 401:
            return NotAuthorised(f"{self.crm} does not accept {self.key}: {said} {self.advice}")
        if self.status == 403:
            lacking = self.redaction.text(_scopes(self.body))
            lacking = lacking or (scope and f" The key probably lacks {scope}.")
            return NotAuthorised(f"{self.crm} forbids {self.asked}: {said}{lacking}")
        if self.status >= 500:
            message = f"{self.crm} failed on {self.asked} with status {self._status()}."
            return Passing(message, wait=self._retry_after(), reached=True)
        if 300 <= self.status < 400:
            return self.bad(f"a redirect (status {self.status}), which is never followed")
        return Rejected(f"{self.crm} refused {self.asked} ({self._status()}): {said}", self.status)

    def _not_now(self, said: str) -> CrmError:
        policy = _policy(self.body)
        if policy == "DAILY":
            return QuotaUsedUp(f"{self.crm}'s daily quota is used up.")
        wait = self._retry_after() or _POLICY_SECONDS.get(policy, _NOT_NOW[self.status])
        message = f"{self.crm} put off {self.asked} (status {self._status()}): {said}"
        return Passing(message, wait=wait, reached=False)

    def _status(self) -> str:
        return f"{self.status}, request {self.trace}" if self.trace else str(self.status)

    def _said(self) -> str:
        """What a refusal gives for a reason, as one sentence."""
        plain = self.headers.get("Content-Type", "").lower().startswith("text/plain")
        said = _message(self.body) or (self.body.decode("utf-8", "replace") if plain else "")
        return f"{said.strip()[:500].rstrip('.')}." if said.strip() else "no reason was given."

    def _retry_after(self) -> float | None:
        """The seconds this answer asks to wait, at most a minute; None where it says nothing sane.

        It may name an instant instead, which is on the CRM's clock, as the answer's own date is.
        """
        told = self.headers.get("Retry-After", "")
        try:
            seconds = float(told)
        except ValueError:
            until = _date(told)
            seconds = (until - self.now).total_seconds() if until else 0.0
        return min(seconds, LONGEST_WAIT) if seconds > 0 else None


def _date(text: str) -> datetime | None:
    with contextlib.suppress(ValueError, OverflowError):
        date = parsedate_to_datetime(text)
        # HTTP has dates without a zone, too, and they are UTC (RFC 9110, 5.6.7).
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    return None


def _json(body: bytes) -> Any:
    """An error body as JSON; HTML, nothing and anything else count as None."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(body)
    return None


def _object(body: bytes) -> dict[str, Any]:
    """An error body as an object; anything else counts as an empty one."""
    decoded = _json(body)
    return decoded if isinstance(decoded, dict) else {}


def _policy(body: bytes) -> str:
    """The limit a 429 is of, in HubSpot's word for it; nothing where it names none."""
    told = _object(body)
    reached = _REACHED.search(str(told.get("message")))
    return str(told.get("policyName") or (reached[1].upper() if reached else ""))


def _message(body: bytes) -> str:
    """The reason in an error body, of HubSpot's, Nutshell's REST or JSON-RPC (2026-11)."""
    match _json(body):
        case str(said) | {"message": str(said)} | {"error": {"message": str(said)}}:
            return said
        case {"errors": list(errors)}:
            return "; ".join(filter(None, map(_detail, errors)))
    return ""


def _detail(error: object) -> str:
    match error:
        case {"detail": str(said)} | {"title": str(said)}:
            return said
    return ""


def _scopes(body: bytes) -> str:
    """The scopes a 403 asks for, as a sentence, or nothing where it names none."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        details = msgspec.json.decode(body, type=_Forbidden).errors
        contexts = [detail.context for detail in details if detail.context]
        names = [name for context in contexts for name in context.required_granular_scopes]
        if names:
            return f" Grant the key one of these scopes: {', '.join(names)}."
    return ""
