"""The thôn or tổ dân phố that an address names, and the order in which people walk through a list."""

import re
import unicodedata

from analysis.intake.syllables import unaccented

MAX_HAMLET_CHARACTERS = 40
UNKNOWN_HAMLET = "chưa rõ"
# The parts a commune is made of, longest words first; "khu" and "tổ" also begin other words, hence \b.
_KINDS = (
    "tổ dân phố|khu dân cư|khu phố|tiểu khu|thôn|xóm|ấp|bản|buôn|buôn làng|bon|làng|khóm|phum|sóc|plei"
    "|khu|tổ|tdp|kdc|kp|đội"
)
_HAMLET = re.compile(rf"(?:^|[,;\-–]\s*|\s)((?:{_KINDS})\b\.?\s*[^,;]*)", re.IGNORECASE)
_SHORT = {"tdp": "Tổ dân phố", "kdc": "Khu dân cư", "kp": "Khu phố"}
# Where the next unit begins although no comma stands before it.
_NEXT_UNIT = re.compile(r"\s*(?:-|–|\b(?:xã|phường|thị trấn|huyện|quận|tx|tt|tp)\b).*$", re.IGNORECASE)


def find_hamlet(address: str | None) -> str:
    """Return the thôn/tổ dân phố named in an address as it is written there; "chưa rõ" when none is.

    >>> find_hamlet("Số 5, tổ 3, Phường Quang Trung")
    'Tổ 3'
    """
    found = _HAMLET.search(unicodedata.normalize("NFC", address or ""))
    if not found:
        return UNKNOWN_HAMLET
    words = _NEXT_UNIT.sub("", found.group(1)).replace(".", " ").split()
    if not words:
        return UNKNOWN_HAMLET
    first = _SHORT.get(words[0].lower(), words[0][:1].upper() + words[0][1:])
    return " ".join([first, *words[1:]])[:MAX_HAMLET_CHARACTERS]


def find_house(address: str | None) -> str | None:
    """Return the house that an address names in a hamlet, unaccented; None where it names no house.

    >>> find_house("Số 5, tổ 3, Phường Quang Trung")
    'so 5, to 3'
    """
    text = unicodedata.normalize("NFC", address or "")
    found = _HAMLET.search(text)
    before = text[: found.start(1)] if found else ""
    if not re.search(r"\d", before):
        return None
    return " ".join(unaccented(f"{before} {find_hamlet(text)}".lower()).split())


def hamlet_order(hamlet: str) -> tuple[bool, tuple[tuple[int, str], ...]]:
    """Return a key that puts Thôn 2 before Thôn 10, and what names no hamlet last."""
    parts = re.findall(r"\d+|\D+", unaccented(hamlet.lower()))
    return (
        hamlet in ("", UNKNOWN_HAMLET),
        tuple((int(p), "") if p.isdigit() else (-1, p.strip()) for p in parts),
    )
