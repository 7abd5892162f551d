"""The population-registry extract: one row a citizen, as an intake holds it (interfaces, registry/)."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analysis.simulate.country.country import Country
from analysis.simulate.country.people import People, is_registered
from analysis.simulate.days import NEVER
from analysis.simulate.draws import Bools, Ints, Texts

EPOCH = date(1970, 1, 1)


def iso_dates(days: Ints) -> Texts:
    """Write days since 1970-01-01 as YYYY-MM-DD."""
    return np.asarray(np.datetime_as_string(days.astype("datetime64[D]"), unit="D").astype(object))


def birth_texts(birth_day: Ints, precision: Ints) -> Texts:
    """Write birth dates at the precision the registry has: YYYY-MM-DD, YYYY-MM or YYYY."""
    distinct, place = np.unique(birth_day, return_inverse=True)
    whole = iso_dates(distinct)
    months = np.array([t[:7] for t in whole], dtype=object)[place]
    years = np.array([t[:4] for t in whole], dtype=object)[place]
    return np.where(precision == 0, whole[place], np.where(precision == 1, months, years)).astype(object)


def held_by_registry(people: People, as_of: date) -> Bools:
    """Return who the extract of that day holds: citizens born by then."""
    return is_registered(people) & (people.birth_day <= (as_of - EPOCH).days)


def registry_table(country: Country, people: People, as_of: date) -> pd.DataFrame:
    """Return the extract as it was at the end of `as_of`, all columns text."""
    day = (as_of - EPOCH).days
    rows = np.flatnonzero(held_by_registry(people, as_of))
    codes = np.append(country.communes["commune_code"].to_numpy(dtype=object), "")
    dead = people.death_day[rows] <= day
    carded = people.card_day[rows] <= day
    table = {
        "citizen_id": people.citizen_id[rows],
        "old_id_numbers": people.known_old_ids[rows],
        "full_name": people.name[rows],
        "birth_date": birth_texts(people.birth_day[rows], people.birth_precision[rows]),
        "sex": np.array(["Nam", "Nữ"], dtype=object)[people.sex[rows]],
        "ethnicity_code": np.array([f"{e:02d}" for e in range(60)], dtype=object)[people.ethnicity[rows]],
        "permanent_commune_code": codes[people.permanent[rows]],
        "current_commune_code": codes[people.current[rows]],
        "life_status": np.where(dead, "dead", "alive").astype(object),
        "death_date": np.where(dead, _texts_where(people.death_day[rows], dead), "").astype(object),
        "id_card_issued_on": np.where(carded, _texts_where(people.card_day[rows], carded), "").astype(object),
    }
    order = np.argsort(people.citizen_id[rows].astype(str), kind="stable")
    return pd.DataFrame({name: pd.Series(values[order], dtype=object) for name, values in table.items()})


def _texts_where(days: Ints, known: Bools) -> Texts:
    distinct, place = np.unique(np.where(known & (days < NEVER), days, 0), return_inverse=True)
    return iso_dates(distinct)[place]


def write_parquet(table: pd.DataFrame, path: Path, casts: str = "*") -> None:
    """Write a table of texts as Parquet; `casts` is a SELECT list over its columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    try:
        connection.execute("SET threads = 2")
        connection.register("written", table)
        target = path.as_posix().replace("'", "''")
        connection.execute(f"COPY (SELECT {casts} FROM written) TO '{target}' (FORMAT parquet)")
    finally:
        connection.close()
