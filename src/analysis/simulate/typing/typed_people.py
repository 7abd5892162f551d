"""What was typed about a person at a vaccination site, and what it says when read correctly.

A typing is one act of filling in a person's fields; a later dose often copies the fields of the first one, so
several dose rows can share a typing, with its errors.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.simulate.country.country import Country
from analysis.simulate.country.people import People
from analysis.simulate.country.residents import FOREIGNER
from analysis.simulate.draws import Bools, Ints, Texts
from analysis.simulate.typing.error_draws import ErrorDraws, error_bit
from analysis.simulate.typing.typed_names import type_names
from analysis.simulate.typing.typed_numbers import type_numbers
from analysis.simulate.typing.typings import Typings, relatives

BIRTH_MISSING = 3
SEX_MISSING = 2


@dataclass
class TypedPeople:
    """Cells of a person as typed and as read correctly, one row a typing.

    `birth_precision` adds BIRTH_MISSING, `sex` adds SEX_MISSING; `place_style` 0 as the file writes places, 1
    misspelt, 2 without diacritics, 3 abbreviated, 4 other tone placement; `errors` is a mask.
    """

    name: Texts
    name_read: Texts
    birth_day: Ints
    birth_precision: Ints
    two_digit_year: Bools
    sex: Ints
    id_typed: Texts
    id_read: Texts
    id_kind: Ints
    phone: Texts
    insurance: Texts
    commune: Ints
    commune_shown: Bools
    place_style: Ints
    errors: Ints

    def __len__(self) -> int:
        return len(self.errors)


def _dates(day: Ints) -> tuple[Ints, Ints, Ints]:
    whole = day.astype("datetime64[D]")
    months = whole.astype("datetime64[M]")
    year = whole.astype("datetime64[Y]").astype(np.int64) + 1970
    return year, months.astype(np.int64) % 12 + 1, (whole - months).astype(np.int64) + 1


def day_of(year: Ints, month: Ints, day: Ints) -> Ints:
    """Return days since 1970-01-01, a day past the end of its month becoming the month's last day."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    last = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    first = months.astype("datetime64[D]").astype(np.int64)
    return np.asarray(first + np.minimum(day, last) - 1, dtype=np.int64)


def swap_day_and_month(days: Ints) -> tuple[Ints, Bools]:
    """Return days with day and month exchanged, and where that is another valid date."""
    year, month, day = _dates(days)
    possible = (day <= 12) & (day != month)
    return day_of(year, np.where(possible, day, month), np.where(possible, month, day)), possible


def _type_births(
    errors: ErrorDraws, people: People, typings: Typings, marks: Ints
) -> tuple[Ints, Ints, Bools]:
    """Return birth day, precision and two-digit years as typed; marks the errors in place."""
    ids, site, who = typings.ids, typings.site, typings.person
    draws, person = errors.draws, people.ids[who]
    day, precision = people.birth_day[who].copy(), people.birth_precision[who].copy()
    year, month, in_month = _dates(day)
    guessed = (precision > 0) & draws.chance("1 January for an unknown day", person, 0.4)
    new_year = (
        errors.declared("birth_january_first", person, ids, site) & (people.age[who] > 16) & (precision == 0)
    )
    year_only = (
        errors.happens("birth_year_only", ids, site) & (precision == 0) & (people.age[who] > 25) & ~new_year
    )
    u = draws.below("birth slip", ids, 60)
    digit = errors.happens("birth_digit_wrong", ids, site) & (precision == 0)
    wrong_year = errors.declared("birth_year_wrong", person, ids, site)
    shift = np.array([-10, -2, -1, 1, 1, 2, 10])[draws.below("birth year slip", person, 7)]
    month = np.where(digit & (u % 3 == 0), (month + 1 + u // 3 % 10) % 12 + 1, month)
    in_month = np.where(digit & (u % 3 == 1), (in_month + 9 + u // 3 % 11) % 28 + 1, in_month)
    year = np.where(digit & (u % 3 == 2), year + np.where(u % 2 == 0, 1, -1), year)
    year = np.where(wrong_year, np.minimum(year + shift, 2021), year)
    month, in_month = np.where(new_year | guessed, 1, month), np.where(new_year | guessed, 1, in_month)
    typed = np.minimum(day_of(year, month, in_month), typings.day - 365 * 10)
    swapped, possible = swap_day_and_month(typed)
    exchange = possible & errors.happens("birth_day_month_swapped", ids, site) & (precision == 0)
    typed = np.where(exchange, swapped, typed)
    precision = np.where(guessed, 0, np.where(year_only, 2, precision))
    missing = errors.happens("birth_missing", ids, site)
    precision = np.where(missing, BIRTH_MISSING, precision)
    short = errors.happens("birth_two_digit_year", ids, site) & (precision == 0) & (typed > -13_000)
    for error, where in (
        ("birth_january_first", new_year), ("birth_year_only", year_only), ("birth_digit_wrong", digit),
        ("birth_year_wrong", wrong_year), ("birth_day_month_swapped", exchange), ("birth_missing", missing),
        ("birth_two_digit_year", short),
    ):  # fmt: skip
        marks[where] |= error_bit(error)
    return typed, precision, short


def _type_contacts(errors: ErrorDraws, people: People, typings: Typings, marks: Ints) -> tuple[Texts, Texts]:
    """Return phone and insurance cells."""
    ids, site, who = typings.ids, typings.site, typings.person
    phone = people.phone[who].copy()
    relative = relatives(people)[who]
    other = np.flatnonzero((relative >= 0) & errors.declared("phone_relative", people.ids[who], ids, site))
    phone[other] = people.phone[relative[other]]
    changes: dict[str, Callable[[str], str]] = {
        "phone_old": lambda p: "016" + p[2:] if p.startswith("03") else p,
        "phone_lost_zero": lambda p: p[1:],
        "phone_country_code": lambda p: "84" + p[1:],
        "phone_missing": lambda p: "",
    }
    marks[other] |= error_bit("phone_relative")
    done = np.zeros(len(ids), dtype=np.bool_)
    for error, change in changes.items():
        rows = np.flatnonzero(errors.happens(error, ids, site) & ~done)
        phone[rows] = [change(str(p)) for p in phone[rows]]
        marks[rows] |= error_bit(error)
        done[rows] = True
    shown = errors.draws.chance("insurance shown", ids, 0.22)
    return phone, np.where(shown, people.insurance[who], "").astype(object)


def _type_places(
    country: Country, errors: ErrorDraws, people: People, typings: Typings, marks: Ints
) -> tuple[Ints, Bools, Ints]:
    """Return the commune the cells speak of, whether it is filled in, and how the place is spelt."""
    ids, site, who = typings.ids, typings.site, typings.person
    commune = people.commune[who].copy()
    wrong = errors.happens("commune_wrong", ids, site)
    neighbour = commune + np.where(errors.draws.chance("next commune", ids, 0.5), 1, -1)
    neighbour = np.clip(neighbour, 0, len(country.communes) - 1)
    district = country.communes["district"].to_numpy(np.int64)
    wrong &= district[neighbour] == district[commune]
    commune = np.where(wrong, neighbour, commune)
    marks[wrong] |= error_bit("commune_wrong")
    missing = errors.happens("commune_missing", ids, site)
    marks[missing] |= error_bit("commune_missing")
    style = np.zeros(len(ids), dtype=np.int64)
    for number, error in enumerate(("misspelt", "unaccented", "abbreviated", "other_tone"), start=1):
        rows = errors.happens(f"place_{error}", ids, site) & (style == 0)
        style[rows] = number
        marks[rows] |= error_bit(f"place_{error}")
    return commune, ~missing, style


def type_people(country: Country, errors: ErrorDraws, people: People, typings: Typings) -> TypedPeople:
    """Fill in the personal fields of every typing."""
    marks = np.zeros(len(typings.ids), dtype=np.int64)
    marks[people.kind[typings.person] == FOREIGNER] |= error_bit("foreigner")
    name, name_read = type_names(errors, people, typings.ids, typings.person, typings.site, marks)
    number, read, kind = type_numbers(errors, people, typings, marks)
    day, precision, short = _type_births(errors, people, typings, marks)
    sex = people.sex[typings.person].copy()
    wrong = errors.happens("sex_wrong", typings.ids, typings.site)
    sex[wrong] = 1 - sex[wrong]
    marks[wrong] |= error_bit("sex_wrong")
    unsaid = errors.happens("sex_missing", typings.ids, typings.site)
    sex[unsaid] = SEX_MISSING
    marks[unsaid] |= error_bit("sex_missing")
    phone, insurance = _type_contacts(errors, people, typings, marks)
    commune, shown, style = _type_places(country, errors, people, typings, marks)
    return TypedPeople(
        name,
        name_read,
        day,
        precision,
        short,
        sex,
        number,
        read,
        kind,
        phone,
        insurance,
        commune,
        shown,
        style,
        marks,
    )
