"""Text from outside that documents print: letters, figures and ordinary marks that every font has."""

import re
import unicodedata

from analysis.errors import RequestError

MAX_ORGANISATION_CHARACTERS = 200
MAX_LINES = 12  # of a signature or a list of recipients
MAX_REASON_CHARACTERS = 300
# Printable ASCII, European and Vietnamese letters, typographic quotes and dashes: what every font has.
REASON_LETTERS = re.compile("[ -~\u00c0-\u017f\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9–—‘’“”…]+")


def check_printed(name: str, value: str | tuple[str, ...]) -> None:
    """Refuse a name that documents could not print; only the organisation's must be there."""
    texts = (value,) if isinstance(value, str) else value
    is_optional = name == "signer"
    if len(texts) > MAX_LINES or any(
        len(text) > MAX_ORGANISATION_CHARACTERS
        or not (REASON_LETTERS.fullmatch(text) or (is_optional and not text))
        for text in texts
    ):
        several = "" if isinstance(value, str) else f"at most {MAX_LINES} lines, each "
        raise RequestError(
            f"settings: '{name}' is {several}a name of at most {MAX_ORGANISATION_CHARACTERS} Latin letters, figures "
            "and ordinary marks"
        )


def parse_reason(text: str | None) -> str:
    """Return the reason of `--accept-change` on one line; empty when the option is not given.

    It is printed in every document, so it holds letters, figures and ordinary marks only. Raises
    RequestError for an empty or too long one, or for signs that no document font has.
    """
    if text is None:
        return ""
    reason = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 1 <= len(reason) <= MAX_REASON_CHARACTERS or not any(c.isalpha() for c in reason):
        raise RequestError(
            f"--accept-change: give the reason in words, at most {MAX_REASON_CHARACTERS} characters"
        )
    if not REASON_LETTERS.fullmatch(reason):
        raise RequestError("--accept-change: Latin letters, figures and ordinary punctuation only")
    return reason
