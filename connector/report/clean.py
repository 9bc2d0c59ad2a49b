"""Text that came from somewhere else, made unable to act on what shows it."""

from connector.tomlfile import acts

_BLANKS = "\t\n\r\v\f\x85\u2028\u2029"


def clean(text: str) -> str:
    """The text on one line, each character that acts replaced by a blank or a visible mark."""
    if text.isprintable():
        return text
    return "".join(_harmless(character) if acts(character) else character for character in text)


def _harmless(character: str) -> str:
    return " " if character in _BLANKS else "\N{REPLACEMENT CHARACTER}"
