"""A key, taken out of what a CRM or a proxy sends back."""

from collections.abc import Mapping
from urllib.parse import quote, quote_plus

from urllib3 import HTTPHeaderDict

_INSTEAD = "[key]"


class Redaction:
    """Replaces a key, plain or URL-encoded, wherever an answer repeats it."""

    def __init__(self, secret: str):
        forms = {secret, quote(secret, safe=""), quote_plus(secret)}
        self._forms = tuple(sorted(filter(None, forms)))

    def text(self, text: str) -> str:
        """The text without the key."""
        for form in self._forms:
            text = text.replace(form, _INSTEAD)
        return text

    def content(self, content: bytes) -> bytes:
        """The bytes without the key; the same object where they do not hold it."""
        for form in self._forms:
            content = content.replace(form.encode(), _INSTEAD.encode())
        return content

    def headers(self, headers: Mapping[str, str]) -> HTTPHeaderDict:
        """The headers without the key, whatever case their names are asked for in."""
        return HTTPHeaderDict({name: self.text(value) for name, value in headers.items()})
