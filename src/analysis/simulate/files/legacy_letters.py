"""Vietnamese text as the older encodings hold it: windows-1258, TCVN3 (ABC fonts) and VNI (two-byte fonts).

TCVN3 and VNI text that reaches a Unicode file shows as Latin letters: Nguyễn is "NguyÔn" or "Nguyeãn".
Capital letters with tone marks have no TCVN3 code of their own (a capital font is used): the small
letter stands for them.
"""

import unicodedata

_TCVN3 = {
    "Ă": 0xA1, "Â": 0xA2, "Ê": 0xA3, "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6, "Đ": 0xA7, "ă": 0xA8, "â": 0xA9,
    "ê": 0xAA,
    "ô": 0xAB, "ơ": 0xAC, "ư": 0xAD, "đ": 0xAE, "à": 0xB5, "ả": 0xB6, "ã": 0xB7, "á": 0xB8, "ạ": 0xB9,
    "ằ": 0xBB,
    "ẳ": 0xBC, "ẵ": 0xBD, "ắ": 0xBE, "ặ": 0xC6, "ầ": 0xC7, "ẩ": 0xC8, "ẫ": 0xC9, "ấ": 0xCA, "ậ": 0xCB,
    "è": 0xCC,
    "ẻ": 0xCE, "ẽ": 0xCF, "é": 0xD0, "ẹ": 0xD1, "ề": 0xD2, "ể": 0xD3, "ễ": 0xD4, "ế": 0xD5, "ệ": 0xD6,
    "ì": 0xD7,
    "ỉ": 0xD8, "ĩ": 0xDC, "í": 0xDD, "ị": 0xDE, "ò": 0xDF, "ỏ": 0xE1, "õ": 0xE2, "ó": 0xE3, "ọ": 0xE4,
    "ồ": 0xE5,
    "ổ": 0xE6, "ỗ": 0xE7, "ố": 0xE8, "ộ": 0xE9, "ờ": 0xEA, "ở": 0xEB, "ỡ": 0xEC, "ớ": 0xED, "ợ": 0xEE,
    "ù": 0xEF,
    "ủ": 0xF1, "ũ": 0xF2, "ú": 0xF3, "ụ": 0xF4, "ừ": 0xF5, "ử": 0xF6, "ữ": 0xF7, "ứ": 0xF8, "ự": 0xF9,
    "ỳ": 0xFA,
    "ỷ": 0xFB, "ỹ": 0xFC, "ý": 0xFD, "ỵ": 0xFE,
}  # fmt: skip
# VNI: base letter, then a second character that carries hat or breve together with the tone.
_VNI_SMALL = {
    "": ("", "ø", "ù", "û", "õ", "ï"),
    "\u0302": ("â", "à", "á", "å", "ã", "ä"),
    "\u0306": ("ê", "è", "é", "ú", "ü", "ë"),
}
_VNI_WHOLE = {
    "ì": "ì", "í": "í", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ",
    "Ì": "Ì", "Í": "Í", "Ỉ": "Æ", "Ĩ": "Ó", "Ị": "Ò", "Ỵ": "Î", "Đ": "Ñ",
}  # fmt: skip
_TONE_ORDER = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
_HORNED = {"o": "ô", "u": "ö", "O": "Ô", "U": "Ö"}


def _vietnamese_letters() -> list[str]:
    letters = []
    for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY":
        letters += [unicodedata.normalize("NFC", base + tone) for tone in _TONE_ORDER]
    return [*letters, "đ", "Đ"]


def _tcvn3_table() -> dict[int, str]:
    table = {}
    for letter in _vietnamese_letters():
        code = _TCVN3.get(letter, _TCVN3.get(letter.lower()))
        if code is not None:
            table[ord(letter)] = bytes([code]).decode("latin-1" if code < 0xA0 else "cp1252")
    return table


def _vni_letter(letter: str) -> str:
    if letter in _VNI_WHOLE:
        return _VNI_WHOLE[letter]
    decomposed = unicodedata.normalize("NFD", letter)
    base, marks = decomposed[0], set(decomposed[1:])
    tone = next((i for i, t in enumerate(_TONE_ORDER) if t and t in marks), 0)
    if "\u031b" in marks:
        second = _VNI_SMALL[""][tone]
        return _HORNED[base] + (second.upper() if base.isupper() else second)
    shape = "\u0302" if "\u0302" in marks else "\u0306" if "\u0306" in marks else ""
    second = _VNI_SMALL[shape][tone]
    return base + (second.upper() if base.isupper() else second)


def _cp1258_letter(letter: str) -> str:
    """Return the letter as base, or base with hat, breve or horn, and a combining tone mark."""
    try:
        letter.encode("cp1258")
        return letter
    except UnicodeEncodeError:
        decomposed = unicodedata.normalize("NFD", letter)
        tone = next((m for m in decomposed if m in _TONE_ORDER[1:]), "")
        return unicodedata.normalize("NFC", decomposed.replace(tone, "")) + tone


_TCVN3_TABLE = _tcvn3_table()
_VNI_TABLE = {ord(letter): _vni_letter(letter) for letter in _vietnamese_letters()}
_CP1258_TABLE = {ord(letter): _cp1258_letter(letter) for letter in _vietnamese_letters()}


def to_tcvn3(text: str) -> str:
    """Return what TCVN3 bytes look like in a Unicode file."""
    return unicodedata.normalize("NFC", text).translate(_TCVN3_TABLE)


def to_vni(text: str) -> str:
    """Return what VNI bytes look like in a Unicode file."""
    return unicodedata.normalize("NFC", text).translate(_VNI_TABLE)


def to_cp1258(text: str) -> bytes:
    """Encode as windows-1258; letters it lacks are replaced by a question mark."""
    return unicodedata.normalize("NFC", text).translate(_CP1258_TABLE).encode("cp1258", errors="replace")
