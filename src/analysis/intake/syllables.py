"""The Vietnamese syllable: its parts, its tone, where the tone mark stands, and whether it can exist.

The old placement (hòa, thủy, khỏe) is the canonical one: the units' own names use it five to one.
"""

import re
import unicodedata
from functools import cache, lru_cache

TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
VOWELS = frozenset("aăâeêioôơuưy")
# Longest first.
_INITIALS = (
    *("ngh", "ng", "nh", "ch", "gh", "gi", "kh", "ph", "qu", "th", "tr"),
    *"bcdđghklmnprstvx",
)
# Rimes without tone; names of ethnic minorities (Dơ, Lẩu, Sính) are made of the same.
_RIMES = frozenset(
    word
    for line in (
        "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây",
        "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu êc êng",
        "i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu",
        "o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet",
        "oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơng ơp ơt",
        "u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôp uôt up ut",
        "uy uya uych uynh uyn uyt uyu uyên uyêt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu",
        "y yêm yên yêng yêt yêu ynh yt ych",
    )
    for word in line.split()
)
# Without accents a rime only has to look like one of them.
_PLAIN_RIMES = frozenset(
    "".join(c for c in unicodedata.normalize("NFD", rime) if not unicodedata.combining(c)) for rime in _RIMES
)
_STOPS = ("c", "ch", "p", "t")
# A letter of the highlands' own (Ñôt, Êñuôl), before a vowel; at the end of a word the tilde may be a tone put too late.
_HIGHLAND_N = re.compile(f"ñ(?=[{''.join(sorted(VOWELS))}])")


def has_highland_n(text: str) -> bool:
    """Say whether lower-case NFC text has the letter ñ of the Ê-đê, Gia Rai and M'nông, which is no n with a tone.

    >>> has_highland_n("ñôt"), has_highland_n("nguyêñ")
    (True, False)
    """
    return "ñ" in text and bool(_HIGHLAND_N.search(text))


@lru_cache(maxsize=100_000)
def split_tone(syllable: str) -> tuple[str, str]:
    """Return a lower-case NFC syllable without its tone mark, and the mark (empty, or one to many)."""
    if has_highland_n(syllable):
        return syllable, ""
    decomposed = unicodedata.normalize("NFD", syllable)
    marks = "".join(c for c in decomposed if c in TONES)
    if not marks:
        return syllable, ""
    plain = "".join(c for c in decomposed if c not in TONES)
    return unicodedata.normalize("NFC", plain), marks


@cache
def initial_of(plain: str) -> str:
    """Return the initial consonant of a toneless syllable; `qu` and `gi` need a vowel behind them."""
    for initial in _INITIALS:
        rest = plain[len(initial) :]
        if plain.startswith(initial) and (rest or initial not in ("gi", "qu")):
            return "g" if initial == "gi" and rest[0] not in VOWELS else initial
    return ""


@lru_cache(maxsize=100_000)
def is_syllable(syllable: str) -> bool:
    """Say whether a lower-case NFC syllable can be Vietnamese as it is written, with or without a tone."""
    plain, marks = split_tone(syllable)
    if len(marks) > 1:
        return False
    rime = plain[len(initial_of(plain)) :]
    # A syllable that ends in a stop has sắc or nặng when it has a tone mark at all.
    if marks and marks not in "\u0301\u0323" and rime.endswith(_STOPS):
        return False
    # `ê` after gi (giết) stands for iê; `gin`, `gì` keep their i.
    return rime in _RIMES or (plain.startswith("gi") and plain[1:] in _RIMES)


@lru_cache(maxsize=100_000)
def is_plain_syllable(syllable: str) -> bool:
    """Say whether lower-case letters without accents can be a Vietnamese syllable typed without them."""
    rime = syllable[len(initial_of(syllable)) :]
    return rime in _PLAIN_RIMES or (syllable.startswith("gi") and syllable[1:] in _PLAIN_RIMES)


@lru_cache(maxsize=100_000)
def place_tone(syllable: str) -> str:
    """Move the tone mark of a lower-case NFC syllable to where the old placement has it.

    >>> place_tone("hoà"), place_tone("thuý"), place_tone("quý"), place_tone("hoàn")
    ('hòa', 'thúy', 'quý', 'hoàn')
    """
    if syllable.isascii():
        return syllable
    plain, marks = split_tone(syllable)
    if len(marks) != 1 or not is_syllable(plain):
        return syllable
    start = len(initial_of(plain))
    seat = start + _tone_seat(plain[start:])
    return unicodedata.normalize("NFC", plain[: seat + 1] + marks) + plain[seat + 1 :]


def _tone_seat(rime: str) -> int:
    """Return the index of the rime's letter that carries the tone."""
    nucleus = [i for i, c in enumerate(rime) if c in VOWELS]
    marked = [i for i in nucleus if rime[i] in "ăâêôơư"]
    if marked:
        return marked[-1]
    has_final = len(nucleus) < len(rime)
    vowels = "".join(rime[i] for i in nucleus)
    if len(nucleus) == 3 or (has_final and len(nucleus) == 2 and vowels in ("oa", "oe", "uy", "oo")):
        return nucleus[1]
    return nucleus[0]


@lru_cache(maxsize=100_000)
def unaccented(text: str) -> str:
    """Return a lower-case text in plain letters: no tone, no circumflex, horn or breve, đ as d."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
