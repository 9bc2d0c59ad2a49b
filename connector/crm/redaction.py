"""A key, taken out of what is quoted from answers; what is stored of them stays as it was."""

from urllib.parse import quote, quote_plus

_INSTEAD = "[key]"


class Redaction:
    """Replaces a key, plain or URL-encoded, wherever an answer repeats it.

    A key that is sent in a disguise of its own, as HTTP's Basic has it, is named in each.
    """

    def __init__(self, *secrets: str):
        forms = {
            form for each in secrets for form in (each, quote(each, safe=""), quote_plus(each))
        }
        self._forms = tuple(sorted(filter(None, forms), key=len, reverse=True))

    def text(self, text: str) -> str:
        """The text without the key."""
        for form in self._forms:
            text = text.replace(form, _INSTEAD)
        return text
