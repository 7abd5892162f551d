"""Lists of people made before vaccination (steps 1 and 2 of dispatch 8938/BYT-DP): `rosters/`.

A commune lists its adults who have no dose yet, and some who already have one; the fields are typed as in the
platform's exports, without the dose columns.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.simulate.country.country import Country
from analysis.simulate.country.facilities import Facilities
from analysis.simulate.country.people import People
from analysis.simulate.country.residents import CITIZEN, FOREIGNER
from analysis.simulate.draws import Ints, Texts, number_ids
from analysis.simulate.files.containers import csv_pieces, write_bytes, write_workbook
from analysis.simulate.files.dialects import DIALECTS, Dialect, header_row
from analysis.simulate.files.row_cells import CellWriter
from analysis.simulate.typing.error_draws import ErrorDraws
from analysis.simulate.typing.typed_doses import Rows
from analysis.simulate.typing.typed_people import type_people
from analysis.simulate.typing.typings import Typings
from analysis.simulate.typing.verification import compare_plainly

_DOSE_FIELDS = (
    "dose_record_id", "dose_number", "vaccine", "lot_number", "vaccination_date", "facility_name",
    "facility_code",
    "entry_date", "police_result", "signature_status", "reaction",
)  # fmt: skip
LISTED_AGAIN = 0.05  # people with a dose who are listed all the same
PROVINCES_WITH = 6  # one province in six hands in rosters when the whole country is simulated
MOST_PEOPLE = 1_500


def _listed(country: Country, people: People, first_day: Ints, commune: int, day: int) -> Ints:
    """Return the people on a commune's roster of that day."""
    lives = (people.commune == commune) & (people.kind != FOREIGNER) & (people.death_day > day)
    adults = lives & (people.age >= 18)
    again = country.draws.chance("listed again", people.ids, LISTED_AGAIN)
    return np.flatnonzero(adults & ((first_day > day) | again))[:MOST_PEOPLE]


def _roster_writer(
    country: Country, errors: ErrorDraws, sites: Facilities, people: People, listed: Ints, day: int
) -> CellWriter:
    """Type the people of a roster at their commune's health station."""
    site = people.commune[listed]
    ids = number_ids(people.ids[listed].astype(np.int64), 77)
    typings = Typings(ids, listed, site, np.full(len(listed), day))
    typed = type_people(country, errors, people, typings)
    zeros, empty = np.zeros(len(listed), dtype=np.int64), np.full(len(listed), "", dtype=object)
    rows = Rows(
        ids, zeros, listed, zeros, np.arange(len(listed)), site, site, zeros, zeros + day,
        np.ones(len(listed), dtype=np.bool_), zeros, zeros, empty, empty, zeros, zeros,
    )  # fmt: skip
    agreement = compare_plainly(people, typings, typed)
    no_front_line = np.zeros(len(people), dtype=np.int64)
    return CellWriter(country, people, no_front_line, sites, errors, rows, typings, typed, agreement, day)


def _write(path: Path, dialect: Dialect, columns: list[Texts], fields: list[str], headers: list[str]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if dialect.container == "xlsx":
        write_workbook(path, [("Danh sách", [(columns, [])])], fields, headers, dialect)
        return f"rosters/{path.name}#Danh sách"
    write_bytes(path, csv_pieces(headers, [(columns, [])], dialect), dialect.container)
    return f"rosters/{path.name}"


def write_rosters(
    out: Path, country: Country, errors: ErrorDraws, sites: Facilities, people: People, first_day: Ints,
    province: int, alone: bool, day: int,
) -> pd.DataFrame:  # fmt: skip
    """Write a province's rosters and return who stands on them: source_file, source_row, citizen_id, doses.

    Days count from 1970-01-01; `first_day` is that of each person's first dose.
    """
    home = country.communes["province"].to_numpy(np.int64)
    communes = np.flatnonzero(home == province)
    chosen = (
        [int(communes[0]), int(communes[len(communes) // 2])]
        if alone
        else [int(communes[len(communes) // 3])]
    )
    tables = []
    for number, commune in enumerate(chosen if alone or province % PROVINCES_WITH == 1 else []):
        listed = _listed(country, people, first_day, commune, day)
        if not len(listed):
            continue
        writer = _roster_writer(country, errors, sites, people, listed, day)
        base = DIALECTS["semicolon" if number == 0 else "numbers"]
        dialect = replace(base, omitted=_DOSE_FIELDS, counted=True)
        names = header_row(dialect)
        rows = np.arange(len(listed))
        cells = writer.personal_cells(rows, dialect) | {"row_count": (rows + 1).astype(str).astype(object)}
        empty = np.full(len(listed), "", dtype=object)
        columns = [cells.get(field, empty) for field in names]
        code = country.communes["commune_code"].iloc[commune]
        path = out / "rosters" / f"danh_sach_{code}.{dialect.container}"
        source = _write(path, dialect, columns, list(names), list(names.values()))
        tables.append(_truth_of(people, listed, first_day, source, day))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _truth_of(people: People, listed: Ints, first_day: Ints, source: str, day: int) -> pd.DataFrame:
    known = people.citizen_id[listed].copy()
    known[people.kind[listed] != CITIZEN] = None
    return pd.DataFrame(
        {
            "source_file": np.full(len(listed), source, dtype=object),
            "source_row": np.arange(1, len(listed) + 1),
            "citizen_id": pd.Series(known, dtype=object),
            "has_a_dose": first_day[listed] <= day,
        }
    )
