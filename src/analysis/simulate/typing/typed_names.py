"""Names as sites type them: other tone placement, no diacritics, slips, capitals, left-over keystrokes."""

import unicodedata
from collections.abc import Callable

import numpy as np

from analysis.simulate.country.people import People
from analysis.simulate.country.residents import FOREIGNER
from analysis.simulate.draws import Ids, Ints, Texts
from analysis.simulate.typing import mistakes
from analysis.simulate.typing.error_draws import ErrorDraws, error_bit
from analysis.simulate.typing.spelling import tone_on_first_vowel, tone_on_second_vowel, without_diacritics

Change = Callable[[str, int], str]


def _other_tone(name: str, _: int) -> str:
    moved = tone_on_second_vowel(name)
    return moved if moved != name else tone_on_first_vowel(name)


# Errors that change what the cell says, then errors that change only how it is written.
_SAYS: tuple[tuple[str, Change, bool], ...] = (
    ("name_other_tone", _other_tone, False),
    ("name_middle_missing", mistakes.drop_middle_name, True),
    ("name_typo", mistakes.slip_in_name, False),
    ("name_order_swapped", mistakes.swap_order, False),
    ("name_abbreviated", mistakes.abbreviate_name, False),
    ("name_without_diacritics", lambda n, _: without_diacritics(n), False),
)
_LOOKS: tuple[tuple[str, Change], ...] = (
    ("name_telex", lambda n, b: mistakes.leave_keystrokes(n, b, vni=False)),
    ("name_vni", lambda n, b: mistakes.leave_keystrokes(n, b, vni=True)),
    ("name_capitals", lambda n, _: n.upper()),
    ("name_note", mistakes.add_note),
    ("name_spaces", mistakes.add_blanks),
    ("name_eth", lambda n, _: n.replace("Đ", "Ð")),
    ("name_decomposed", lambda n, _: unicodedata.normalize("NFD", n)),
    ("name_mojibake", lambda n, _: mistakes.misread_utf8(n)),
)
_EXCLUSIVE = ("name_typo", "name_order_swapped", "name_abbreviated", "name_without_diacritics")
_ONE_LOOK = ("name_telex", "name_vni", "name_note", "name_eth", "name_decomposed", "name_mojibake")


def _apply(names: Texts, rows: Ints, bits: Ids, change: Change) -> Ints:
    """Change names in place and return the rows that really changed."""
    old = names[rows]
    pairs = zip(old, (bits[rows] >> np.uint64(1)).tolist(), strict=True)
    names[rows] = [change(str(n), b) for n, b in pairs]
    return rows[np.array([a != b for a, b in zip(old, names[rows], strict=True)], dtype=np.bool_)]


def type_names(
    errors: ErrorDraws, people: People, ids: Ids, who: Ints, site: Ints, marks: Ints
) -> tuple[Texts, Texts]:
    """Return the name cell as typed and as read correctly; marks the errors in place."""
    names = people.daily_name[who].copy()
    marks[names != people.name[who]] |= error_bit("name_daily")
    local = people.kind[who] != FOREIGNER
    spoilt = np.zeros(len(ids), dtype=np.bool_)
    for error, change, declared in _SAYS:
        bits = errors.draws.bits(f"bits {error}", ids)
        drawn = (
            errors.declared(error, people.ids[who], ids, site)
            if declared
            else errors.happens(error, ids, site)
        )
        once = ~spoilt if error in _EXCLUSIVE else True
        rows = _apply(names, np.flatnonzero(drawn & local & once), bits, change)
        marks[rows] |= error_bit(error)
        spoilt[rows] |= error in _EXCLUSIVE
    read, dressed = names.copy(), spoilt & False
    for error, change in _LOOKS:
        bits = errors.draws.bits(f"bits {error}", ids)
        once = ~dressed if error in _ONE_LOOK else True
        rows = np.flatnonzero(errors.happens(error, ids, site) & local & once)
        rows = _apply(names, rows, bits, change)
        marks[rows] |= error_bit(error)
        dressed[rows] |= error in _ONE_LOOK
    return names, read
