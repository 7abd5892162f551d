"""What a plain comparison of the four fields says about each typing, and what the police answered.

The four fields are name, sex, birth date and number (dispatch 9438/BYT-CNTT). Of the people with a usable
number about 70 % agreed, 26 % did not and 3.5 % could not be verified (March 2022); the rates of
simulation_error_rates.csv are set so that a simulated country comes out there.
"""

import unicodedata
from dataclasses import dataclass

import numpy as np

from analysis.simulate.country.people import People
from analysis.simulate.country.residents import FOREIGNER, UNREGISTERED
from analysis.simulate.draws import Bools, Draws, Ids, Ints, Texts
from analysis.simulate.typing.typed_numbers import CCCD, CMND
from analysis.simulate.typing.typed_people import BIRTH_MISSING, TypedPeople
from analysis.simulate.typing.typings import Typings

NOT_SENT, RIGHT, WRONG, NOT_FOUND, UNVERIFIABLE = range(5)
RESULTS = np.array(["chưa xác thực", "đúng", "sai", "không tìm thấy", "không xác minh được"], dtype=object)
CHECKS_BEGIN = (np.datetime64("2021-10-20") - np.datetime64("1970-01-01")).astype(int)
DAYS_TO_ALL = 130  # how long it took until nearly all records had been sent (assumed)
WRONG_FLAG = 0.015  # software defects: matching rows answered "sai"


@dataclass(frozen=True)
class Agreement:
    """Which fields of each typing equal the registry's, compared plainly, and what its number is worth."""

    name: Bools
    number: Bools
    birth: Bools
    sex: Bools
    usable: Bools
    verifiable: Bools

    @property
    def all_four(self) -> Bools:
        """Return where all four fields agree."""
        return np.asarray(self.name & self.number & self.birth & self.sex)


def _same_birth(people: People, typings: Typings, typed: TypedPeople) -> Bools:
    who = typings.person
    precision = people.birth_precision[who]
    real, written = people.birth_day[who].astype("datetime64[D]"), typed.birth_day.astype("datetime64[D]")
    same_year = real.astype("datetime64[Y]") == written.astype("datetime64[Y]")
    same_month = real.astype("datetime64[M]") == written.astype("datetime64[M]")
    known = typed.birth_precision
    by_day = (real == written) & (known == 0)
    by_month = same_month & (known <= 1)
    by_year = same_year & (known < BIRTH_MISSING)
    agrees = np.where(precision == 0, by_day, np.where(precision == 1, by_month, by_year))
    return np.asarray(agrees, dtype=np.bool_)


def _same_texts(left: Texts, right: Texts) -> Bools:
    normal = unicodedata.normalize
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    return np.array(
        [a == b or normal("NFC", a).strip().casefold() == b.casefold() for a, b in pairs], dtype=np.bool_
    )


def compare_plainly(people: People, typings: Typings, typed: TypedPeople) -> Agreement:
    """Compare every typing with the registry as typed: four_field_match (sources link-1)."""
    who = typings.person
    citizen, known = people.citizen_id[who], people.known_old_ids[who]
    numbers = zip(typed.id_typed.tolist(), citizen.tolist(), known.tolist(), strict=True)
    same = np.array([t != "" and (t == c or t in k.split(";")) for t, c, k in numbers], dtype=np.bool_)
    held = people.kind[who] < UNREGISTERED
    kind = typed.id_kind
    own_old = (kind == CMND) & (typed.id_read == people.old_id[who])
    unknown = own_old & np.array([t not in k.split(";") for t, k in zip(typed.id_read, known, strict=True)])
    return Agreement(
        _same_texts(typed.name, people.name[who]) & held,
        same & held,
        _same_birth(people, typings, typed) & held,
        (typed.sex == people.sex[who]) & held,
        ((kind == CCCD) | (kind == CMND)) & (people.kind[who] != FOREIGNER),
        held & ~unknown,
    )


def answer(
    draws: Draws, ids: Ids, entry_day: Ints, as_of: int, agrees: Bools, usable: Bools, verifiable: Bools
) -> Ints:
    """Return what the police side had answered by `as_of` (index into RESULTS), row by row.

    Answers come in batches from 20/10/2021 on, so a later export of the same row may know more.
    """
    sent_share = float(np.clip((as_of - CHECKS_BEGIN) / DAYS_TO_ALL, 0, 0.96))
    sent = draws.chance("sent to the registry", ids, sent_share) & (entry_day <= as_of - 7) & usable
    defect = draws.chance("defect of the check", ids, WRONG_FLAG)
    lost = np.where(draws.chance("not found", ids, 0.6), NOT_FOUND, UNVERIFIABLE)
    result = np.where(agrees & ~defect, RIGHT, np.where(verifiable, WRONG, lost))
    return np.where(sent, result, NOT_SENT)
