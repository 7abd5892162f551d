"""Numbers of a person: citizen number (CCCD), old identity cards (CMND), phone, health insurance.

Citizen number: province of birth registration (3), century and sex (1), birth year (2), six more digits
(Nghị định 137/2015/NĐ-CP, Thông tư 59/2021/TT-BCA Đ.4). Old cards have nine digits with a province prefix and
change when a household moves to another province. Health insurance: Công văn 3340/BHXH-ST (8/8/2017).
Numbers are unique because a person's rank among those of the same leading digits is scrambled one to one.
"""

from functools import cache

import numpy as np

from analysis.simulate.draws import Bools, Draws, Ids, Ints, Texts
from analysis.simulate.lists import read_list

_RANDOM_PART = 1_000_000
_OWN_PART = 900_000  # numbers given out in the province itself; the rest is for people who moved away
_MOVED_PART = 1_587  # of the rest, for each province people moved to
_STEP = 611_953  # prime: visits every number of a part once
CMND_LAST_BIRTH_YEAR = 2004


def _rank_within(groups: Ints) -> Ints:
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    rank = np.empty(len(groups), dtype=np.int64)
    lengths = np.diff(np.append(starts, len(groups)))
    rank[order] = np.arange(len(groups)) - np.repeat(starts, lengths)
    return rank


def citizen_numbers(registered_in: Ints, moved_to: Ints, birth_year: Ints, sex: Ints) -> Texts:
    """Return unique 12-digit numbers.

    `registered_in` is the GSO code of the province of birth registration, `moved_to` the row (0-62) of the
    province a person moved to, or -1; people generated with another province draw from that province's part.
    """
    lead = registered_in * 1000 + np.where(birth_year >= 2000, 2, 0) * 100 + sex * 100 + birth_year % 100
    rank = _rank_within(lead * 64 + moved_to + 1)
    own = (rank * _STEP + lead * 7919) % _OWN_PART
    moved = _OWN_PART + moved_to * _MOVED_PART + (rank * _STEP + lead) % _MOVED_PART
    number = lead * _RANDOM_PART + np.where(moved_to < 0, own, moved)
    return np.array([f"{n:012d}" for n in number.tolist()], dtype=object)


@cache
def _prefixes() -> dict[int, list[str]]:
    table = read_list("simulation_cmnd_prefixes.csv")
    return {int(str(code)): sorted(part["prefix"]) for code, part in table.groupby("province_code")}


def old_card_numbers(draws: Draws, ids: Ids, province: Ints, mover_start: Ints, purpose: str) -> Texts:
    """Return 9-digit card numbers of a province (GSO code).

    `mover_start` is -1 for people generated with the province itself; movers to one destination share the
    first number of their part, so that two provinces generated apart give no number twice.
    """
    prefixes = _prefixes()
    numbers = np.full(len(ids), "", dtype=object)
    for code in np.unique(province):
        rows = np.flatnonzero(province == code)
        options = prefixes[int(code)]
        pick = draws.below(purpose, ids[rows], len(options))
        room = np.array([10 ** (9 - len(p)) for p in options])[pick]
        moved = mover_start[rows] >= 0
        rank = _rank_within(pick * 2**40 + mover_start[rows] + 1) + np.where(moved, mover_start[rows], 0)
        own = room - room // 4
        size = np.where(moved, room // 4, own)
        tail = np.where(moved, own, 0) + (rank * _STEP + 104_729 * int(code) + 1009 * pick) % size
        pairs = zip(pick.tolist(), tail.tolist(), strict=True)
        numbers[rows] = [f"{options[p]}{t:0{9 - len(options[p])}d}" for p, t in pairs]
    return numbers


_VIETTEL = "032 033 034 035 036 037 038 039 086 096 097 098"
_MOBIFONE = "070 076 077 078 079 089 090 093"
_VINAPHONE = "081 082 083 084 085 088 091 094"
_MOBILE = f"{_VIETTEL} {_MOBIFONE} {_VINAPHONE} 056 058 092 059 099".split(" ")


def phone_numbers(draws: Draws, ids: Ids) -> Texts:
    """Return 10-digit mobile numbers of the plan in force since 2018."""
    prefix = np.array(_MOBILE)[draws.below("phone prefix", ids, len(_MOBILE))].astype(object)
    tail = draws.below("phone", ids, 10_000_000)
    tails = np.array([f"{t:07d}" for t in tail.tolist()], dtype=object)
    return np.asarray(prefix + tails, dtype=object)


def insurance_numbers(draws: Draws, ids: Ids, province: Ints, long_form: Bools) -> Texts:
    """Return health-insurance numbers: the permanent 10 digits, or the 15 characters of the older card."""
    kinds = np.array(["GD", "DN", "HN", "DT", "NN", "HC", "TE", "HS", "CN", "BT"], dtype=object)
    letters = kinds[draws.below("insurance kind", ids, len(kinds))]
    share = np.array(list("12345"), dtype=object)[draws.below("insurance share", ids, 5)]
    area = np.array([f"{p:02d}" for p in range(97)], dtype=object)[province]
    code = area + np.array(
        [f"{t:08d}" for t in draws.below("insurance", ids, 100_000_000).tolist()], dtype=object
    )
    return np.asarray(np.where(long_form, letters + share + area + code, code), dtype=object)
