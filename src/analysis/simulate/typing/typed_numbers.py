"""The number cell as typed: the person's own, somebody else's, another kind of number, damaged, or none."""

import numpy as np

from analysis.simulate.country.people import People
from analysis.simulate.country.residents import FOREIGNER
from analysis.simulate.days import LAST_DAY
from analysis.simulate.draws import Bools, Ids, Ints, Texts
from analysis.simulate.typing import mistakes
from analysis.simulate.typing.error_draws import ErrorDraws, error_bit
from analysis.simulate.typing.typings import Typings, relatives

CCCD, CMND, PASSPORT, PHONE, INSURANCE, PLACEHOLDER, MALFORMED, NONE = range(8)
ID_KINDS = np.array(
    ["cccd", "cmnd", "passport", "phone", "insurance", "placeholder", "malformed", "none"], dtype=object
)
SHOWS_NEW_CARD = 0.92  # card holders who show the card rather than the old one
CHILD_HAS_NUMBER = 0.6  # 12-17-year-olds whose parents know their number
KNOWS_NUMBER = 0.7  # adults without any card who know their number


def _shown_numbers(errors: ErrorDraws, people: People, typings: Typings) -> tuple[Texts, Ints]:
    """Return the number a person shows and its kind: new card, old card, a number known by heart, none."""
    who, draws = typings.person, errors.draws
    child = people.age_on(LAST_DAY)[who] < 18
    carded = (people.card_day[who] <= typings.day) & draws.chance(
        "shows new card", typings.ids, SHOWS_NEW_CARD
    )
    old = people.old_id[who]
    knows = np.where(child, CHILD_HAS_NUMBER, KNOWS_NUMBER)
    by_heart = draws.chance("knows number", people.ids[who], knows)
    new = carded | ((old == "") & ((people.card_day[who] <= typings.day) | by_heart))
    kind = np.where(new, CCCD, np.where(old != "", CMND, NONE))
    kind = np.where(people.kind[who] == FOREIGNER, PASSPORT, kind)
    number = np.where(
        (kind == CCCD) | (kind == PASSPORT), people.citizen_id[who], np.where(kind == CMND, old, "")
    )
    return number.astype(object), kind


def _replace(texts: Texts, rows: Ints, bits: Ids, change: object) -> None:
    """Change the texts of some rows in place by a function of text and random bits."""
    if callable(change):
        pairs = zip(texts[rows], (bits[rows] >> np.uint64(1)).tolist(), strict=True)
        texts[rows] = [change(str(t), b) for t, b in pairs]


def type_numbers(
    errors: ErrorDraws, people: People, typings: Typings, marks: Ints
) -> tuple[Texts, Texts, Ints]:
    """Return the ID cell as typed, as read, and its kind; marks the errors in place."""
    ids, site, who = typings.ids, typings.site, typings.person
    number, kind = _shown_numbers(errors, people, typings)
    marks[kind == NONE] |= error_bit("id_missing")
    numeric = (kind == CCCD) | (kind == CMND)
    free = numeric.copy()
    bits = errors.draws.bits("number slip", ids)
    relative = relatives(people)[who]

    def hit(error: str, declared: bool = False, where: Bools | bool = True) -> Ints:
        """Return rows not yet spoilt where the error happens, and mark them."""
        drawn = (
            errors.declared(error, people.ids[who], ids, site)
            if declared
            else errors.happens(error, ids, site)
        )
        rows = np.flatnonzero(free & drawn & where)
        free[rows] = False
        marks[rows] |= error_bit(error)
        return rows

    rows = hit("id_missing", declared=True)
    number[rows], kind[rows] = "", NONE
    rows = hit("id_phone", declared=True)
    number[rows], kind[rows] = people.phone[who[rows]], PHONE
    rows = hit("id_insurance", declared=True)
    number[rows], kind[rows] = people.insurance[who[rows]], INSURANCE
    rows = hit("id_placeholder")
    number[rows], kind[rows] = (
        [mistakes.placeholder(b) for b in (bits[rows] >> np.uint64(1)).tolist()],
        PLACEHOLDER,
    )
    rows = hit("id_of_relative", declared=True, where=relative >= 0)
    _take_relative(number, kind, rows, relative[rows], people, typings.day[rows])
    _replace(number, hit("id_digit_wrong"), bits, mistakes.wrong_digit)
    _replace(number, hit("id_digits_transposed"), bits, mistakes.transposed_digits)
    rows = hit("id_truncated")
    _replace(number, rows, bits, mistakes.truncated_number)
    kind[rows] = MALFORMED
    read = number.copy()
    _spoil_form(errors, typings, number, kind, bits, marks)
    return number, read, kind


def _take_relative(number: Texts, kind: Ints, rows: Ints, relative: Ints, people: People, day: Ints) -> None:
    carded = people.card_day[relative] <= day
    new = carded | (people.old_id[relative] == "")
    number[rows] = np.where(new, people.citizen_id[relative], people.old_id[relative])
    kind[rows] = np.where(new, CCCD, CMND)


def _spoil_form(
    errors: ErrorDraws, typings: Typings, number: Texts, kind: Ints, bits: Ids, marks: Ints
) -> None:
    """Write some numbers in groups and lose leading zeros of others, in place: the number itself is right."""
    numeric = (kind == CCCD) | (kind == CMND)
    grouped = np.flatnonzero(numeric & errors.happens("id_separators", typings.ids, typings.site))
    _replace(number, grouped, bits, mistakes.with_separators)
    marks[grouped] |= error_bit("id_separators")
    leading = np.array([str(n)[:1] == "0" for n in number], dtype=np.bool_)
    lost = np.flatnonzero(numeric & leading & errors.happens("id_lost_zero", typings.ids, typings.site))
    number[lost] = [str(n).lstrip("0") for n in number[lost]]
    marks[lost] |= error_bit("id_lost_zero")
