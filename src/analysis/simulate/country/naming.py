"""Names: surnames by region and ethnicity, given names by sex and generation, and who shares which name.

Lists and weights are in simulation_surnames.csv, simulation_middle_names.csv and simulation_given_names.csv.
A Mông man may receive a new middle name after marriage and a first child: the birth-registered name and the
daily name then differ. Dao lineages share generation middle names, so several men of one commune have one
name. Ê-đê names put the surname last.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.simulate.country.households import CHILD, Kin
from analysis.simulate.draws import Draws, Floats, Ids, Ints, Texts, number_ids
from analysis.simulate.lists import read_list
from analysis.simulate.typing.spelling import rewrite, tone_on_second_vowel

REFERENCE_YEAR = 2021.85
_GENERATIONS = (1960, 1985)
HMONG, DAO, EDE = 8, 9, 12
RENAMED_SHARE = 0.45  # married Mông men with a new middle name (assumed; reported from Sủng Là, Đồng Văn)
DAILY_NAME_IN_REGISTRY = 0.25  # of those, the registry already holds the daily name
NAMESAKE_SHARE = {0: 0.003, HMONG: 0.012, DAO: 0.02}  # sons with the father's full name
NEW_TONE_SHARE = 0.25  # registry names with the tone on the second vowel (hoà)
LINEAGE_SHARE = 0.35  # Dao men named after their lineage's generation


@dataclass
class Names:
    """`registered` and `daily` names (different for some Mông men), and the parts of the registered ones."""

    registered: Texts
    daily: Texts
    surname: Texts
    middle: Texts
    given: Texts


@cache
def _table(file_name: str, keys: tuple[str, ...], value: str) -> dict[tuple[str, ...], tuple[Texts, Floats]]:
    """Return names and weights of a list by its keys."""
    rows = read_list(file_name)
    groups = {}
    for key, part in rows.groupby(list(keys), sort=True):
        names = part[value].to_numpy(dtype=object)
        groups[tuple(str(k) for k in key)] = (
            names,
            np.asarray(part["weight"].astype(float), dtype=np.float64),
        )
    return groups


@cache
def ethnic_groups() -> pd.DataFrame:
    """Return ethnicity codes (as numbers) with their name and the lists they draw names from."""
    table = read_list("simulation_ethnic_groups.csv")
    return table.assign(code=table["ethnicity_code"].astype(int)).set_index("code")


def _draw_by_group(
    draws: Draws, purpose: str, ids: Ids, labels: Texts, lists: dict[str, tuple[Texts, Floats]]
) -> Texts:
    """Draw from the list that belongs to each label; a label without a list draws nothing."""
    drawn = np.full(len(ids), "", dtype=object)
    codes, distinct = pd.factorize(labels)
    for code, label in enumerate(distinct):
        if label not in lists:
            continue
        rows = np.flatnonzero(codes == code)
        names, weights = lists[label]
        drawn[rows] = names[draws.choice(purpose, ids[rows], weights)]
    return drawn


def _labels(*parts: Texts) -> Texts:
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + "|" + part
    return joined


def draw_surnames(draws: Draws, ids: Ids, ethnicity: Ints, region: Texts) -> Texts:
    """Draw surnames; Kinh surnames depend on the region (N, C, H, S)."""
    lists = {
        "|".join(k): v
        for k, v in _table("simulation_surnames.csv", ("name_group", "region"), "surname").items()
    }
    group = ethnic_groups()["surname_group"].reindex(ethnicity).fillna("kinh").to_numpy(dtype=object)
    place = np.where(group == "kinh", region, "")
    return _draw_by_group(draws, "surname", ids, _labels(group, place), lists)


def _generation(age: Floats) -> Texts:
    born = REFERENCE_YEAR - age
    return np.array(["1", "2", "3"], dtype=object)[np.searchsorted(_GENERATIONS, born, side="right")]


def _name_lists(file_name: str, value: str) -> dict[str, tuple[Texts, Floats]]:
    table = _table(file_name, ("name_group", "sex", "generation"), value)
    return {"|".join(k): v for k, v in table.items()}


# Written out: what a run is made from is told by the file names that stand in modules.
_PART_FILES = {"middle": "simulation_middle_names.csv", "given": "simulation_given_names.csv"}


def _draw_part(draws: Draws, part: str, ids: Ids, kin: Kin) -> Texts:
    lists = _name_lists(_PART_FILES[part], f"{part}_name")
    group = ethnic_groups()["given_group"].reindex(kin.ethnicity).fillna("kinh").to_numpy(dtype=object)
    sex = np.array(["Nam", "Nữ"], dtype=object)[kin.sex]
    labels = _labels(group, sex, _generation(kin.age))
    return _draw_by_group(draws, part, ids, labels, lists)


def _inherited_surnames(draws: Draws, kin: Kin, own: Texts) -> Texts:
    """Hand the surname down the male line: children and heads take their father's."""
    surname = own.copy()
    for role_rows in (kin.role != CHILD, kin.role == CHILD):
        heirs = np.flatnonzero(role_rows & (kin.father >= 0))
        surname[heirs] = surname[kin.father[heirs]]
    return surname


def _lineage_ids(draws: Draws, kin: Kin, surname: Texts) -> Ids:
    """Return naming ids: people of one Dao lineage and generation share theirs, so they share the name."""
    lineage = (kin.ethnicity == DAO) & (kin.sex == 0) & draws.chance("lineage", kin.ids, LINEAGE_SHARE)
    code, _ = pd.factorize(surname)
    cohort = (kin.age // 12).astype(np.int64)
    variant = draws.below("lineage variant", kin.ids, 3)
    return np.where(lineage, number_ids(kin.commune, code, cohort, variant), kin.ids)


def join_name(surname: Texts, middle: Texts, given: Texts, ethnicity: Ints, sex: Ints) -> Texts:
    """Write full names in their order; an empty middle name leaves no gap."""
    gap = np.where(middle == "", "", " ").astype(object)
    full = surname + gap + middle + " " + given
    ede = ethnicity == EDE
    prefix = np.where(sex == 0, "Y ", "H ").astype(object)
    full[ede] = (prefix + given + " " + surname)[ede]
    return np.asarray(full, dtype=object)


def _namesakes(draws: Draws, kin: Kin, middle: Texts, given: Texts) -> None:
    """Give some sons their father's whole name, in place."""
    share = np.full(len(kin.ids), NAMESAKE_SHARE[0])
    for code in (HMONG, DAO):
        share[kin.ethnicity == code] = NAMESAKE_SHARE[code]
    sons = np.flatnonzero((kin.sex == 0) & (kin.father >= 0) & draws.chance("namesake", kin.ids, share))
    middle[sons], given[sons] = middle[kin.father[sons]], given[kin.father[sons]]


def _avoid_echo(middle: Texts, given: Texts) -> None:
    """Shorten a middle name that repeats the first word of the given name, in place."""
    double = np.flatnonzero(
        [" " in g and m.endswith(g.split(" ")[0]) for m, g in zip(middle, given, strict=True)]
    )
    middle[double] = ["Thị" if m.startswith("Thị") else "" for m in middle[double]]


def draw_names(draws: Draws, kin: Kin, region: Texts) -> Names:
    """Name everyone; `region` (N, C, H, S) is where each person's family comes from."""
    surname = _inherited_surnames(draws, kin, draw_surnames(draws, kin.ids, kin.ethnicity, region))
    ids = _lineage_ids(draws, kin, surname)
    middle, given = _draw_part(draws, "middle", ids, kin), _draw_part(draws, "given", ids, kin)
    _namesakes(draws, kin, middle, given)
    _avoid_echo(middle, given)
    new_tone = draws.chance("tone", kin.ids, NEW_TONE_SHARE)
    for part in (middle, given):
        part[new_tone] = rewrite(part[new_tone], tone_on_second_vowel)
    registered = join_name(surname, middle, given, kin.ethnicity, kin.sex)
    married = (kin.ethnicity == HMONG) & (kin.sex == 0) & (kin.age > 21) & (kin.role != CHILD)
    renamed = married & draws.chance("renamed", kin.ids, RENAMED_SHARE)
    other_middle = _draw_new_middle(draws, kin.ids)
    daily = registered.copy()
    daily[renamed] = join_name(surname, other_middle, given, kin.ethnicity, kin.sex)[renamed]
    swapped = renamed & draws.chance("daily name registered", kin.ids, DAILY_NAME_IN_REGISTRY)
    registered[swapped], daily[swapped] = daily[swapped], registered[swapped]
    return Names(registered, daily, surname, middle, given)


def _draw_new_middle(draws: Draws, ids: Ids) -> Texts:
    names = np.array(
        [
            "Chứ",
            "Nhìa",
            "Chẩn",
            "Pà",
            "Xía",
            "Dũng",
            "Sái",
            "Nỏ",
            "Chúng",
            "Vản",
            "Giống",
            "Tủa",
            "Vả",
            "Nhè",
            "Súa",
            "Chìa",
        ],
        dtype=object,
    )
    return names[draws.below("new middle name", ids, len(names))]
