"""How one cell goes wrong under somebody's fingers: text and random bits in, text out."""

import re

from analysis.simulate.typing.spelling import telex_keystrokes, vni_keystrokes, without_diacritics

_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "g": "fh", "h": "gj", "i": "uo", "k": "jl",
    "l": "k",
    "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi",
    "v": "cb",
    "x": "zc", "y": "tu",
}  # fmt: skip
# Letters of one vowel under other tone marks; a slip of one key.
_TONE_FAMILIES = ("aàáảãạ", "ăằắẳẵặ", "âầấẩẫậ", "eèéẻẽẹ", "êềếểễệ", "iìíỉĩị", "oòóỏõọ", "ôồốổỗộ", "ơờớởỡợ",
                  "uùúủũụ", "ưừứửữự", "yỳýỷỹỵ")  # fmt: skip
_FAMILY = {letter: family for family in _TONE_FAMILIES for letter in family}
# Spellings that sound alike in a region and are mixed up when a name is taken down by ear.
_SOUNDS = (("tr", "ch"), ("ch", "tr"), ("s", "x"), ("x", "s"), ("gi", "d"), ("d", "gi"), ("l", "n"), ("n",
"l"),
           ("Tr", "Ch"), ("Ch", "Tr"), ("S", "X"), ("X", "S"), ("L", "N"), ("N", "L"))  # fmt: skip
_SHORT = {
    "Nguyễn": "Ng.",
    "Thị": "T.",
    "Văn": "V.",
    "Trần": "Tr.",
    "Phạm": "Ph.",
    "Hoàng": "H.",
    "Đình": "Đ.",
}


def slip_in_name(name: str, bits: int) -> str:
    """Return the name with one slip: a tone, a neighbouring key, a lost or doubled letter, a sound."""
    kind, place = bits % 6, (bits >> 8) % max(len(name), 1)
    places = [i for i in range(len(name)) if name[(place + i) % len(name)].isalpha()]
    if not places:
        return name + "a"
    at = (place + places[0]) % len(name)
    letter = name[at]
    if kind == 0 or kind == 1:
        return _slip_of_tone(name, at, bits)
    if kind == 2:
        return name[:at] + name[at + 1 :] if len(name) > 4 else name + letter.lower()
    if kind == 3:
        return name[: at + 1] + letter.lower() + name[at + 1 :]
    if kind == 4:
        keys = _NEIGHBOURS.get(without_diacritics(letter).lower(), "n")
        return name[:at] + keys[(bits >> 20) % len(keys)] + name[at + 1 :]
    return _slip_of_sound(name, at, bits)


def _slip_of_tone(name: str, at: int, bits: int) -> str:
    for step in range(len(name)):
        place = (at + step) % len(name)
        family = _FAMILY.get(name[place].lower())
        if family:
            other = family[(family.index(name[place].lower()) + 1 + (bits >> 24) % 5) % 6]
            return name[:place] + (other.upper() if name[place].isupper() else other) + name[place + 1 :]
    return name + "a"


def _slip_of_sound(name: str, at: int, bits: int) -> str:
    words = name.split(" ")
    for step in range(len(words)):
        word = (at + step) % len(words)
        for said, written in _SOUNDS:
            if words[word].startswith(said):
                words[word] = written + words[word][len(said) :]
                return " ".join(words)
    return _slip_of_tone(name, at, bits)


def drop_middle_name(name: str, bits: int) -> str:
    """Return the name without one of its middle words."""
    words = name.split(" ")
    if len(words) < 3:
        return name
    out = 1 + bits % (len(words) - 2)
    return " ".join(words[:out] + words[out + 1 :])


def swap_order(name: str, bits: int) -> str:
    """Return the given name first, as foreign software asks for it."""
    words = name.split(" ")
    return " ".join([words[-1], *words[:-1]] if bits % 2 else [*words[1:], words[0]])


def abbreviate_name(name: str, bits: int) -> str:
    """Return the name with its surname or a middle name cut to initials."""
    words = name.split(" ")
    short = [_SHORT.get(w, w) if i < len(words) - 1 else w for i, w in enumerate(words)]
    if short == words:
        short[bits % max(len(words) - 1, 1)] = words[bits % max(len(words) - 1, 1)][0] + "."
    return " ".join(short)


def add_blanks(name: str, bits: int) -> str:
    """Return the name with a doubled, leading or trailing blank; the last two vanish when it is trimmed."""
    if bits % 4 == 0:
        return " " + name
    if bits % 4 == 1:
        return name + "  "
    return name.replace(" ", "  ", 1) if bits % 4 == 2 else name.replace(" ", "\u00a0", 1)


def misread_utf8(name: str) -> str:
    """Return UTF-8 bytes read as windows-1252 (reversible damage): Nguyễn → Nguyá»…n."""
    letters = []
    for byte in name.encode("utf-8"):
        try:
            letters.append(bytes([byte]).decode("cp1252"))
        except UnicodeDecodeError:
            letters.append(chr(byte))
    return "".join(letters)


def add_note(name: str, bits: int) -> str:
    """Return the name with a remark beside it."""
    notes = ("(con)", "(mẹ)", "- tổ 3", "(hoãn)", "(tiêm bù)")
    return f"{name} {notes[bits % len(notes)]}"


def leave_keystrokes(name: str, bits: int, vni: bool) -> str:
    """Return the name with the typing program off for one word, or for all of them."""
    strike = vni_keystrokes if vni else telex_keystrokes
    words = name.split(" ")
    if bits % 3 == 0:
        return strike(name)
    struck = [strike(w) for w in words]
    changed = [i for i, (a, b) in enumerate(zip(words, struck, strict=True)) if a != b]
    if not changed:
        return name
    at = changed[bits % len(changed)]
    return " ".join(struck[i] if i == at else w for i, w in enumerate(words))


def wrong_digit(number: str, bits: int) -> str:
    """Return the number with one digit replaced, more often among the last six."""
    if not number:
        return number
    at = len(number) - 1 - (bits % min(6, len(number))) if bits % 5 else (bits >> 8) % len(number)
    if not number[at].isdigit():
        return number
    digit = (int(number[at]) + 1 + (bits >> 16) % 9) % 10
    return number[:at] + str(digit) + number[at + 1 :]


def transposed_digits(number: str, bits: int) -> str:
    """Return the number with two different neighbouring digits exchanged."""
    pairs = [i for i in range(len(number) - 1) if number[i] != number[i + 1]]
    if not pairs:
        return number
    at = pairs[bits % len(pairs)]
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def truncated_number(number: str, bits: int) -> str:
    """Return the number with digits missing at its end, or one too many."""
    if bits % 4 == 0:
        return number + str((bits >> 8) % 10)
    return number[: -(1 + bits % 3)] if len(number) > 5 else number


def with_separators(number: str, bits: int) -> str:
    """Return the number in groups, with blanks or dots, or with an apostrophe before it."""
    if bits % 3 == 2:
        return "'" + number
    parts = re.findall(r"\d{1,3}", number[: len(number)])
    return (" " if bits % 3 == 0 else ".").join(parts) if parts else number


PLACEHOLDERS = (
    "000000000",
    "000000000000",
    "123456789",
    "111111111",
    "0",
    "123456789012",
    "không có",
    "KHÔNG",
    "x",
    "000",
)


def placeholder(bits: int) -> str:
    """Return what is typed to get past a required field."""
    return PLACEHOLDERS[bits % len(PLACEHOLDERS)]
