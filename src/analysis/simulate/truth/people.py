"""The truth about people: who is really vaccinated, and what a plain check of their records says."""

import json
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.reference.product_facts import SERIES_DOSES, USUAL_SERIES_DOSES
from analysis.simulate.campaign.doses import PRODUCTS, Doses
from analysis.simulate.country.country import Country
from analysis.simulate.country.people import People
from analysis.simulate.country.residents import FOREIGNER
from analysis.simulate.days import EPOCH, NEVER
from analysis.simulate.draws import Bools, Ints, Texts
from analysis.simulate.files.exports import WrittenPart
from analysis.simulate.files.registry import birth_texts
from analysis.simulate.files.row_cells import CellWriter
from analysis.simulate.truth.columns import KINDS, dates_where, table_of, text_where

_AGE_GROUPS = {
    "all": (0, 200),
    "5-11": (5, 11),
    "12-17": (12, 17),
    "18+": (18, 200),
    "50+": (50, 200),
    "65+": (65, 200),
}


@dataclass(frozen=True)
class Shares:
    """Persons with rows in the intake, by what a plain check against the registry says of them."""

    persons: int
    no_usable_number: int
    agree: int
    differ: int
    not_verifiable: int

    def as_shares(self) -> dict[str, float]:
        """Return the shares as the ministry reported them: of persons, then of those with a number."""
        numbered = max(self.persons - self.no_usable_number, 1)
        return {
            "persons": self.persons,
            "no_usable_number": round(self.no_usable_number / max(self.persons, 1), 4),
            "agree_on_four_fields": round(self.agree / numbered, 4),
            "differ": round(self.differ / numbered, 4),
            "not_verifiable": round(self.not_verifiable / numbered, 4),
        }


def add_shares(parts: list[Shares]) -> Shares:
    """Add up the persons of several provinces."""
    return Shares(*(sum(column) for column in zip(*(astuple(p) for p in parts), strict=True)))


def count_shares(writer: CellWriter, parts: list[WrittenPart]) -> Shares:
    """Count persons by what a plain check says, over all their rows in the intake."""
    rows = np.concatenate([p.rows for p in parts]) if parts else np.array([], dtype=np.int64)
    agrees = np.concatenate([writer.agrees(p.rows, p.dialect) for p in parts]) if parts else rows.astype(bool)
    typing, who = writer.rows.typing[rows], writer.rows.person[rows]
    local = writer.people.kind[who] != FOREIGNER
    table = pd.DataFrame(
        {
            "person": who, "usable": writer.agreement.usable[typing], "agrees": agrees,
            "unverifiable": ~writer.agreement.verifiable[typing],
        }
    )[local]  # fmt: skip
    persons = table.groupby("person").agg({"usable": "all", "agrees": "all", "unverifiable": "any"})
    numbered = persons[persons["usable"]]
    agree = int(numbered["agrees"].sum())
    lost = int((~numbered["agrees"] & numbered["unverifiable"]).sum())
    return Shares(len(persons), len(persons) - len(numbered), agree, len(numbered) - agree - lost, lost)


def people_truth(country: Country, people: People, doses: Doses, recorded: Ints, as_of: date) -> pd.DataFrame:
    """Return people.parquet's rows; `recorded` counts, by dose row, its records in the intake."""
    day = (as_of - EPOCH).days
    rows = np.flatnonzero(people.birth_day <= day)
    codes = np.append(country.communes["commune_code"].to_numpy(dtype=object), "")
    home = np.where(people.current >= 0, people.current, people.permanent)
    given = doses.take(np.flatnonzero(doses.day <= day))
    days = np.full((len(people), 3), NEVER)
    days[given.person, given.number - 1] = given.day
    product = np.full(len(people), len(PRODUCTS))
    product[given.person[given.number == 1]] = given.product[given.number == 1]
    count = np.bincount(given.person, minlength=len(people))
    entered = np.bincount(doses.person, weights=recorded > 0, minlength=len(people)).astype(np.int64)
    held = people.kind[rows] == 0
    table = {
        "person_key": people.ids[rows],
        "citizen_id": text_where(people.citizen_id[rows], held),
        "person_kind": KINDS[people.kind[rows]],
        "birth_date": birth_texts(people.birth_day[rows], people.birth_precision[rows]),
        "sex": np.array(["Nam", "Nữ"], dtype=object)[people.sex[rows]],
        "commune_code": codes[home[rows]],
        "lives_in_commune_code": codes[people.commune[rows]],
        "life_status": np.where(people.death_day[rows] <= day, "dead", "alive").astype(object),
        "doses_given": count[rows],
        "doses_recorded": entered[rows],
        "first_product": np.array([*PRODUCTS, None], dtype=object)[product[rows]],
    }
    for place, name in enumerate(("first_date", "second_date", "third_date")):
        table[name] = dates_where(days[rows, place], days[rows, place] < NEVER)
    of_district = country.communes["district"].to_numpy(np.int64)[home[rows]]
    table["district_code"] = country.districts["district_code"].to_numpy(dtype=object)[of_district]
    table["province_code"] = country.districts["province_code"].to_numpy(dtype=object)[of_district]
    return table_of(table)


def complete(first_product: Texts, doses_given: Ints) -> Bools:
    """Return whose primary series is complete, by the product of the first dose."""
    needed = pd.Series(first_product).map(SERIES_DOSES).fillna(USUAL_SERIES_DOSES).to_numpy()
    return np.asarray((doses_given >= needed) & (doses_given > 0))


def coverage_counts(table: pd.DataFrame, people: People, as_of: date) -> pd.DataFrame:
    """Count living registry citizens by district and age group: all, vaccinated, complete (one province)."""
    day = (as_of - EPOCH).days
    age = people.age_on(day)[people.birth_day <= day]
    held = ((table["person_kind"] == "citizen") & (table["life_status"] == "alive")).to_numpy(np.bool_)
    given = table["doses_given"].to_numpy(np.int64)
    done = complete(table["first_product"].to_numpy(dtype=object), given)
    place, districts = pd.factorize(table["district_code"])
    parts = []
    for group, (low, high) in _AGE_GROUPS.items():
        inside = held & (age >= low) & (age <= high)
        counts = {"people": inside, "at_least_one": inside & (given > 0), "primary_complete": inside & done}
        columns = {n: np.bincount(place[c], minlength=len(districts)) for n, c in counts.items()}
        parts.append(pd.DataFrame({"unit_code": districts, "age_group": group, **columns}))
    return pd.concat(parts, ignore_index=True)


def total_coverage(country: Country, districts: pd.DataFrame, simulated: list[str]) -> pd.DataFrame:
    """Add up districts of the simulated provinces, provinces, and the country when all 63 are there."""
    counts = ["people", "at_least_one", "primary_complete"]
    low = districts.groupby(["unit_code", "age_group"], as_index=False)[counts].sum()
    province = dict(zip(country.districts["district_code"], country.districts["province_code"], strict=True))
    low = low[low["unit_code"].map(province).isin(simulated)]
    middle = low.assign(unit_code=low["unit_code"].map(province)).groupby(
        ["unit_code", "age_group"], as_index=False
    )
    tables = {"province": middle[counts].sum(), "district": low}
    if len(simulated) == len(country.provinces):
        top = tables["province"].assign(unit_code="VN").groupby(["unit_code", "age_group"], as_index=False)
        tables = {"country": top[counts].sum(), **tables}
    table = pd.concat([t.assign(unit_level=name) for name, t in tables.items()], ignore_index=True)
    return table[["unit_level", "unit_code", "age_group", *counts]]


def write_shares(path: Path, total: Shares, by_province: dict[str, Shares]) -> None:
    """Write shares.json."""
    content = total.as_shares() | {"provinces": {code: s.as_shares() for code, s in by_province.items()}}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
