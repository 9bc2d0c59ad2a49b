"""A key, taken out of what is quoted from answers; what is stored of them stays as it was."""

from urllib.parse import quote, quote_plus

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
