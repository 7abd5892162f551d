"""Vietnamese text of the time before Unicode, and text read in a wrong encoding: how to turn it back.

`TCVN3` (ABC) and `VNI` are ways of putting Vietnamese letters on the codes of Western ones; a font made
them readable. `mojibake` is UTF-8 read as Windows-1252, `cp1258` is Windows-1258 read as Windows-1252.
What the conversion must give is judged by syllables: Vietnamese is made of some thousands of them.
"""

import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from analysis.intake.syllables import TONES, has_highland_n, is_plain_syllable, is_syllable, split_tone

_TCVN3_CODES = (
    "µ¸¶·¹ ¨»¾¼½Æ ©ÇÊÈÉË ® ÌÐÎÏÑ ªÒÕÓÔÖ ×ÝØÜÞ ßãáâä «åèæçé ¬êíëìî ïóñòô \u00adõøö÷ù úýûüþ ¡¢£¤¥¦§".replace(
        " ", ""
    )
)
_TCVN3_LETTERS = (
    "àáảãạ ăằắẳẵặ âầấẩẫậ đ èéẻẽẹ êềếểễệ ìíỉĩị òóỏõọ ôồốổỗộ ơờớởỡợ ùúủũụ ưừứửữự ỳýỷỹỵ ĂÂÊÔƠƯĐ".replace(" ", "")
)
_TCVN3 = str.maketrans(dict(zip(_TCVN3_CODES, _TCVN3_LETTERS, strict=True)))

# VNI writes a letter and, behind it, a code for its marks; a few letters have codes of their own.
_VNI_MARKS = {
    "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "à": "\u0302\u0300", "á": "\u0302\u0301", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323", "ê": "\u0306", "è": "\u0306\u0300", "é": "\u0306\u0301", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS = {
    "ô": "ơ", "ö": "ư", "ñ": "đ", "ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ",
    "Ô": "Ơ", "Ö": "Ư", "Ñ": "Đ", "Ì": "Ì", "Í": "Í", "Æ": "Ỉ", "Ó": "Ĩ", "Ò": "Ị", "Î": "Ỵ",
}  # fmt: skip
_VNI_CODES = "".join(_VNI_MARKS) + "".join(_VNI_MARKS).upper()
_VNI = re.compile(f"([AEOUYaeouyÔÖôö])([{_VNI_CODES}])|([ÔÖÑÌÍÆÓÒÎôöñìíæóòî])")
# Windows-1252 backwards; the control codes 80–9F stand for themselves where Latin-1 was assumed.
_TO_1252 = {code: code for code in range(0x80, 0xA0)} | {
    ord(char): code for code in range(256) if (char := bytes([code]).decode("cp1252", errors="ignore"))
}
_NOT_WESTERN = re.compile(f"[^{re.escape(''.join(map(chr, _TO_1252)))}]")
_WORD = re.compile(r"[^\W\d_]+")


def from_tcvn3(text: str) -> str:
    """Convert text typed in TCVN3 (ABC), seen as Western letters.

    >>> from_tcvn3("NguyÔn ThÞ Hßa")
    'Nguyễn Thị Hòa'
    """
    return text.translate(_TCVN3)


def from_vni(text: str) -> str:
    """Convert text typed in VNI, seen as Western letters.

    >>> from_vni("Nguyeãn Thò Hoøa")
    'Nguyễn Thị Hòa'
    """
    return unicodedata.normalize("NFC", _VNI.sub(_vni_letter, text))


def _vni_letter(found: re.Match[str]) -> str:
    if found[3]:
        return _VNI_LETTERS[found[3]]
    return _VNI_LETTERS.get(found[1], found[1]) + _VNI_MARKS[found[2].lower()]


def _as_western_bytes(text: str) -> bytes | None:
    return None if _NOT_WESTERN.search(text) else text.translate(_TO_1252).encode("latin-1")


def from_mojibake(text: str) -> str:
    """Turn UTF-8 that was read as Windows-1252 (once or twice) back; unchanged when that is not the case.

    Five bytes have no letter in Windows-1252 and get lost, and a no-break space becomes a space: the
    letters they belonged to are put back where only one makes a syllable.

    >>> from_mojibake("Nguyá»…n"), from_mojibake("Ngá»c"), from_mojibake("Nguyễn")
    ('Nguyễn', 'Ngọc', 'Nguyễn')
    """
    for _ in range(2):
        data = None if text.isascii() else _as_western_bytes(text)
        if data is None:
            break
        decoded = data.decode("utf-8", errors="baophu_lost")
        if "\ufffd" in decoded:
            break
        text = " ".join(map(_with_lost_letter, decoded.split(" ")))
    return unicodedata.normalize("NFC", text)


# What is left of a letter whose last byte was lost, and the letters it may have been (capital Đ is C4 90).
_LOST_LETTERS = {b"\xe1\xbb": "ọềờỏ", b"\xc4": "Đ", b"\xc3": "à"}
_GAP = "\ue000"
LAST_SINGLE_BYTE = "\xff"


def _mark_lost_byte(error: UnicodeError) -> tuple[str, int]:
    """Stand for a letter without its last byte: by itself where only one is possible, else a gap."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    letters = _LOST_LETTERS.get(error.object[error.start : error.end], "")
    return ("\ufffd" if not letters else letters if len(letters) == 1 else _GAP), error.end


codecs.register_error("baophu_lost", _mark_lost_byte)


def _with_lost_letter(word: str) -> str:
    """Fill a word's gap with the first letter that makes a syllable of it."""
    if _GAP not in word:
        return word
    for letter in _LOST_LETTERS[b"\xe1\xbb"]:
        filled = word.replace(_GAP, letter)
        if is_syllable(fold(filled)):
            return filled
    return word.replace(_GAP, "\ufffd")


def from_cp1258(text: str) -> str:
    """Turn Windows-1258 that was read as Windows-1252 back (letters and combining marks joined)."""
    data = _as_western_bytes(text)
    return text if data is None else unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))


CONVERSIONS: dict[str, Callable[[str], str]] = {
    "mojibake": from_mojibake,
    "cp1258": from_cp1258,
    "tcvn3": from_tcvn3,
    "vni": from_vni,
}


def fold(text: str) -> str:
    """Return a text in lower-case NFC with the look-alikes of Đ made one."""
    return unicodedata.normalize("NFC", text).replace("Ð", "Đ").replace("ð", "đ").replace("Ɖ", "Đ").lower()


def vietnamese_share(texts: Iterable[str]) -> float | None:
    """Return the share of words with a letter beyond a–z that are Vietnamese syllables; None: no such word."""
    verdicts = [is_vietnamese_word(word) for text in texts if not text.isascii() for word in text.split()]
    seen = len(verdicts) - verdicts.count(None)
    return verdicts.count(True) / seen if seen else None


@lru_cache(maxsize=50_000)
def is_vietnamese_word(word: str) -> bool | None:
    """Say whether a word is Vietnamese syllables; None when it is plain ASCII and tells nothing.

    A sign or mark inside a word (¸, ß, ›) marks a wrong encoding as much as a wrong letter does.
    """
    letters = fold(word).strip("()[]{}.,;:!?\"'“”‘’-–/\\*+=&%#@0123456789")
    if letters.isascii():
        return None
    if any(not c.isascii() and not c.isalpha() and c not in TONES for c in letters):
        return False
    return all(map(is_syllable, _WORD.findall(letters)))


def best_conversion(texts: list[str], lowest: float = 0.9, margin: float = 0.2) -> str | None:
    """Name the conversion that makes Vietnamese of these texts, or None when they are best as they are.

    A conversion wins when at least `lowest` of its accented words are syllables and it is better than
    the text as it stands by `margin`.
    """
    as_is = vietnamese_share(texts)
    if as_is is None or as_is > 1 - margin:
        return None
    scores = {name: vietnamese_share(map(convert, texts)) or 0.0 for name, convert in CONVERSIONS.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= lowest and scores[best] >= as_is + margin else None


_ESCAPE = re.compile(
    r"&(?:#\d{2,6}|#x[0-9a-fA-F]{2,5}|[A-Za-z]{2,8}\d?);|\\u([0-9a-fA-F]{4})|_x([0-9a-fA-F]{4})_"
)


def _escaped_sign(found: "re.Match[str]") -> str:
    figures = found[1] or found[2]
    sign = chr(int(figures, 16)) if figures else html.unescape(found[0])
    return sign if sign.isprintable() else " "


def repair_text(text: str) -> str:
    """Turn one damaged text back, or return it as it is.

    UTF-8 read as Windows-1252 proves itself: nothing else decodes so. Any other conversion must make
    every word Vietnamese; in a text that is Unicode otherwise it turns only words that prove it. Signs that a program
    wrote in place of a letter (&#7877; \\u1ec5 _x1EC5_) are that letter.
    """
    if _ESCAPE.search(text):
        text = _ESCAPE.sub(_escaped_sign, text)
    if text.isascii():
        return text
    decoded = from_mojibake(text)
    if decoded != unicodedata.normalize("NFC", text) and "\ufffd" not in decoded:
        return decoded
    best = best_conversion([text], lowest=1.0)
    if not best or (best == "vni" and _is_of_highlands(fold(text).split())):
        return text
    convert = CONVERSIONS[best]
    if not _is_mixed(text.split(), convert(text).split()):
        return convert(text)
    return " ".join(convert(word) if _is_foreign(word) else word for word in text.split(" "))


def _is_of_highlands(words: list[str]) -> bool:
    """Say whether ñ is a letter of the highlands in the words of a name, and not VNI for đ (sources name-9).

    Men's names begin with Y there, women's with H'; Ayun and Ksor are no Vietnamese syllables; and a syllable that
    ends in a stop has a tone: Ñôt is not Đơt.
    """
    if not any(map(has_highland_n, words)):
        return False
    toneless = [split_tone(from_vni(word)) for word in words if has_highland_n(word)]
    return (
        words[0] in ("y", "h")
        or words[0].startswith(("h'", "h’", "y-"))
        or any(word.isascii() and word.isalpha() and not is_plain_syllable(word) for word in words)
        or any(not tone and plain.endswith(("c", "ch", "p", "t")) for plain, tone in toneless)
    )


def _is_mixed(words: list[str], converted: list[str]) -> bool:
    """Say whether a text is Unicode with a slip or a damaged word in it, not a whole in an older code.

    "Lê Văn Phùc" is not TCVN3 for "Lờ Văn Phực": where half of the words stand as they are, a conversion
    that changes one of those is wrong, and so is one beside letters that no single-byte code has.
    """
    sound = [w for w in words if is_vietnamese_word(w)]
    broken = [w for w in words if is_vietnamese_word(w) is False]
    if len(sound) >= len(broken) and any(w not in converted for w in sound):
        return True
    return any(c > LAST_SINGLE_BYTE for w in sound for c in fold(w))


def _is_foreign(word: str) -> bool:
    """Say whether a word has a sign or letter that Vietnamese does not have (Þ, µ, ¨): a wrong code."""
    letters = set(unicodedata.normalize("NFD", fold(word)))
    return any(not c.isascii() and c != "đ" and not unicodedata.combining(c) for c in letters)
