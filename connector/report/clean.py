"""Text that came from somewhere else, made unable to act on what shows it."""

from unicodedata import category

# Controls, invisible formats (bidi overrides, zero widths, tags), lone surrogates, line breaks.
_ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BLANKS = "\t\n\r\v\f\x85\u2028\u2029"


def acts(character: str) -> bool:
    """Whether a character does something where it is printed instead of being seen."""
    return not character.isprintable() and category(character) in _ACTING


def clean(text: str) -> str:
    """The text on one line, each character that acts replaced by a blank or a visible mark."""
    if text.isprintable():
        return text
    return "".join(_harmless(character) if acts(character) else character for character in text)


def _harmless(character: str) -> str:
    return " " if character in _BLANKS else "\N{REPLACEMENT CHARACTER}"
