"""The truth beside an intake: who every row is about, what each cell says, and who is really vaccinated.

Tables of `<intake>_truth/` (all Parquet, plus shares.json):

`doses.parquet`, one row a record of an export that is not a blank line:
    source_file, source_row      as rows are numbered (interfaces, the identity of a row)
    dose_record_id               as exported (empty where the file leaves the column out)
    citizen_id                   the registry's number of the person; null when the registry holds nobody
    person_kind                  citizen, unregistered, foreigner, or none (test entry, header, total)
    person_key                   a number of the person, also for those without citizen_id; null for none
    dose_key                     a number of the dose really given: equal for records of one dose
    duplicate_of                 `source_file:source_row` of the record of this dose that was entered first
    errors                       list of what is wrong with the record or how it is spoilt (error_draws.py)
    four_field_match             what the plain comparison gives (sources link-1)
    and what each cell says when read correctly, wrong values staying wrong: full_name, birth_date
    (YYYY[-MM[-DD]], null: empty), sex (Nam, Nữ, null), id_number (null: empty or destroyed by the file),
    id_kind (cccd, cmnd, passport, phone, insurance, placeholder, malformed, none), vaccine (names of `doses`,
    unknown), dose_number (null: empty), vaccination_date, entry_date (null: empty), province_code,
    district_code, commune_code (residence as typed), place_given_province_code, place_given_district_code,
    and given_product, given_date: product and day of the dose really given.

`people.parquet`, one row a person, registered or not: person_key, citizen_id, person_kind, birth_date,
    sex, province_code, district_code, commune_code (registry residence: current, else permanent; where the
    person lives for the unregistered), life_status, doses_given, first_date, second_date, third_date,
    first_product, doses_recorded (doses with at least one record), lives_in_commune_code.

`coverage.parquet`, registry citizens alive at `as_of` by registry residence: unit_level, unit_code,
    age_group, people, at_least_one, primary_complete.

`rosters.parquet`: source_file, source_row, citizen_id (null: not in the registry), has_a_dose at `as_of`.

`shares.json`: reached shares of persons with Vietnamese nationality, in all and by province.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.simulate.campaign.doses import PRODUCTS, Doses
from analysis.simulate.country.country import Country
from analysis.simulate.days import NEVER
from analysis.simulate.draws import Bools, Ints, Texts
from analysis.simulate.files.dialects import Dialect
from analysis.simulate.files.exports import BLOCK_RECORDS, WrittenPart
from analysis.simulate.files.registry import birth_texts
from analysis.simulate.files.row_cells import CellWriter
from analysis.simulate.truth.columns import KINDS, dates_where, table_of, text_where
from analysis.simulate.typing.error_draws import mask_texts
from analysis.simulate.typing.typed_doses import DATE_MISSING, NUMBER_BOOSTER, NUMBER_MISSING
from analysis.simulate.typing.typed_numbers import ID_KINDS
from analysis.simulate.typing.typed_people import BIRTH_MISSING, SEX_MISSING


def _person_columns(writer: CellWriter, rows: Ints, dialect: Dialect) -> dict[str, Texts | Bools]:
    typing, typed, people = writer.rows.typing[rows], writer.typed, writer.people
    who = writer.rows.person[rows]
    held = people.kind[who] == 0
    known = typed.birth_precision[typing] < BIRTH_MISSING
    number = typed.id_read[typing]
    readable = (number != "") & ~writer.unreadable_numbers(rows, dialect)
    sexes = np.array(["Nam", "Nữ", None], dtype=object)
    return {
        "citizen_id": text_where(people.citizen_id[who], held),
        "person_kind": KINDS[people.kind[who]],
        "person_key": people.ids[who],
        "four_field_match": writer.agrees(rows, dialect),
        "full_name": typed.name_read[typing],
        "birth_date": text_where(
            birth_texts(typed.birth_day[typing], np.minimum(typed.birth_precision[typing], 2)), known
        ),
        "sex": sexes[np.minimum(typed.sex[typing], SEX_MISSING)],
        "id_number": text_where(number, readable),
        "id_kind": ID_KINDS[typed.id_kind[typing]],
    }


def _dose_columns(writer: CellWriter, rows: Ints, doses: Doses, dialect: Dialect) -> dict[str, Texts]:
    taken = writer.rows
    number = np.where(taken.number[rows] == NUMBER_BOOSTER, 3, taken.number[rows])
    names = np.array([*PRODUCTS, "unknown"], dtype=object)
    product = taken.product[rows]
    entered = taken.entry_shown[rows] & ("entry_date" not in dialect.omitted)
    given = doses.take(taken.dose[rows])
    return {
        "vaccine": names[np.where(product < 0, len(PRODUCTS), product)],
        "dose_number": np.where(number == NUMBER_MISSING, 0, number),
        "vaccination_date": dates_where(taken.day[rows], taken.day[rows] != DATE_MISSING),
        "entry_date": dates_where(taken.entry_day[rows], entered),
        "given_product": PRODUCTS[given.product],
        "given_date": dates_where(given.day, given.day < NEVER),
        "dose_key": given.ids,
    }


def _place_columns(country: Country, writer: CellWriter, rows: Ints) -> dict[str, Texts]:
    typing, typed = writer.rows.typing[rows], writer.typed
    codes = [c[typed.commune[typing]] for c in writer.places.codes]
    given = writer.rows.site[rows]
    table = writer.sites.table
    mobile = writer.rows.mobile[rows] == 1
    site_commune = writer.rows.site_commune[rows]
    province = np.where(
        mobile, writer.places.codes[0][site_commune], table["province_code"].to_numpy(dtype=object)[given]
    )
    district = np.where(
        mobile, writer.places.codes[1][site_commune], table["district_code"].to_numpy(dtype=object)[given]
    )
    return {
        "province_code": codes[0],
        "district_code": codes[1],
        "commune_code": text_where(codes[2], typed.commune_shown[typing]),
        "place_given_province_code": province,
        "place_given_district_code": district,
    }


def truth_blocks(
    country: Country, writer: CellWriter, doses: Doses, parts: list[WrittenPart]
) -> Iterator[pd.DataFrame]:
    """Yield the truth of a province's records, some at a time, in the order of its parts."""
    doubles = _duplicates(writer, doses, parts)
    for number, part in enumerate(parts):
        for start in range(0, len(part.rows), BLOCK_RECORDS):
            some = slice(start, start + BLOCK_RECORDS)
            columns = _columns(country, writer, doses, part, some)
            yield table_of(columns | {"duplicate_of": doubles[number][some]})


def _columns(
    country: Country, writer: CellWriter, doses: Doses, part: WrittenPart, some: slice
) -> dict[str, object]:
    rows, dialect = part.rows[some], part.dialect
    record = writer.record_ids(rows)
    record[:] = "" if "dose_record_id" in dialect.omitted else record
    columns: dict[str, object] = {
        "source_file": np.full(len(rows), part.source_file, dtype=object),
        "source_row": part.source_row[some],
        "dose_record_id": record,
        "errors": mask_texts(writer.errors_in(rows, dialect)),
    }
    columns |= _person_columns(writer, rows, dialect)
    columns |= _dose_columns(writer, rows, doses, dialect)
    return columns | _place_columns(country, writer, rows)


def _duplicates(writer: CellWriter, doses: Doses, parts: list[WrittenPart]) -> list[Texts]:
    """Return, part by part, the first-entered record of the same dose; None for that record."""
    sizes = [len(p.rows) for p in parts]
    rows = np.concatenate([p.rows for p in parts])
    part, place = np.repeat(np.arange(len(parts)), sizes), np.concatenate([p.source_row for p in parts])
    dose = doses.ids[writer.rows.dose[rows]]
    order = np.lexsort((writer.entry_day[rows] * 4 + writer.rows.copy[rows], dose))
    is_first = np.append(True, dose[order][1:] != dose[order][:-1])[: len(order)]
    first = order[is_first][np.cumsum(is_first) - 1]
    duplicate = np.full(len(rows), None, dtype=object)
    for of, at in zip(first[~is_first].tolist(), order[~is_first].tolist(), strict=True):
        duplicate[at] = f"{parts[part[of]].source_file}:{place[of]}"
    return np.split(duplicate, np.cumsum(sizes)[:-1])


def junk_truth(parts: list[WrittenPart]) -> pd.DataFrame:
    """Return the records of all parts that are no doses."""
    rows = [(p.source_file, at, label) for p in parts for at, label in p.junk]
    return pd.DataFrame(rows, columns=["source_file", "source_row", "errors"])
