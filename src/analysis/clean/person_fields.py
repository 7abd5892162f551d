"""The person fields of dose records and of rosters, cleaned the same way."""

from collections.abc import Sequence

from analysis.clean.cells import Cells
from analysis.clean.fields.identity_numbers import proves_person_sql, with_identity_sql
from analysis.clean.fields.name_words import SPECIMEN_NAME
from analysis.clean.fields.sex_codes import sex_bits_sql, sex_sql
from analysis.clean.fields.unsaid_nationality import UNSAID_NUMBER
from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.row_kinds import HEADING
from analysis.settings import RunParameters

# What a row says of a person beside the name.
_OF_PERSON = ("birth_date", "id_number", "phone", "sex", "health_insurance_number")
# Visible Western and Vietnamese letters, each of one code: a text of these is in NFC as it stands.
VISIBLE = "!-~\\x{C0}-\\x{17F}\\x{1A0}\\x{1A1}\\x{1AF}\\x{1B0}\\x{1EA0}-\\x{1EF9}"
# Letters never seen in a text: control characters, zero-width, direction marks.
_UNSEEN = "[[:cntrl:]\\s\\x{A0}\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{2069}\\x{FEFF}]+"


def person_joins(cells: Cells) -> str:
    """Return SQL joining a row `s` of typed cells, and its file `f`, to the lookups of its person fields."""
    return f"""
  LEFT JOIN {cells.name("names")} AS names ON names.t0 IS NOT DISTINCT FROM s.full_name
  LEFT JOIN {cells.name("sexes")} AS sexes ON sexes.t0 IS NOT DISTINCT FROM s.sex
  LEFT JOIN {cells.name("phones")} AS phones ON phones.t0 = s.phone
  LEFT JOIN {cells.name("nationalities")} AS nationalities ON nationalities.t0 IS NOT DISTINCT FROM s.nationality
  LEFT JOIN {cells.name("unsaid_nationalities")} AS unsaid ON unsaid.t0 = s.full_name AND unsaid.t1 = {UNSAID_NUMBER}
  LEFT JOIN {cells.name("identities")} AS identities ON identities.t0 = coalesce(s.id_number, '')
  LEFT JOIN {cells.common("shared_numbers")} AS shared_numbers ON shared_numbers.number = ltrim(s.id_number, '0')
  LEFT JOIN {cells.name("paths")} AS paths ON paths.t0 IS NOT DISTINCT FROM coalesce(s.province, s.province_typed_code)
    AND paths.t1 IS NOT DISTINCT FROM coalesce(s.district, s.district_typed_code)
    AND paths.t2 IS NOT DISTINCT FROM coalesce(s.commune, s.commune_typed_code)
  LEFT JOIN {cells.name("birth_dates")} AS births ON births.t0 = f.birth_date_convention
    AND births.t1 IS NOT DISTINCT FROM s.birth_date"""


def person_reads(cells: Cells) -> str:
    """Return the names of the tables that a query with `person_joins` reads."""
    common = " ".join(map(cells.common, ("files", "conventions", "shared_numbers")))
    own = cells.names("names sexes phones nationalities unsaid_nationalities identities paths birth_dates")
    return f"{cells.table} {common} {own}"


def free_text(column: str) -> str:
    """Return SQL for a free text: single spaces, nothing invisible, NFC; null when nothing is left."""
    clean = f"nullif(trim(regexp_replace(nfc_normalize({column}), '{_UNSEEN}', ' ', 'g')), '')"
    # Nearly all cells are empty or ordinary: only the others are worth the work.
    ordinary = f"{column} IS NULL OR regexp_full_match({column}, '[{VISIBLE}]+( [{VISIBLE}]+)*')"
    return f"CASE WHEN {ordinary} THEN {column} ELSE {clean} END"


def _insurance_sql() -> str:
    number = "s.health_insurance_number"
    return (
        f"CASE WHEN regexp_full_match({number}, '[0-9A-Z]+') THEN {number} ELSE "
        f"nullif(upper(regexp_replace({number}, '[^0-9A-Za-z]', '', 'g')), '') END"
    )


def person_columns(dose_cells: Sequence[str] = ()) -> str:
    """Return SQL for the person fields of a row `s` joined to its lookups; `dose_cells` are those that make it a dose."""
    plain = ", ".join(
        f"{free_text('s.' + c)} AS {c}"
        for c in ("ethnicity", "priority_group", "workplace", "address", "note")
    )
    return f"""
      names.full_name, names.name_key, names.name_accented, s.full_name AS full_name_typed,
      births.value AS birth_date, births.precision AS birth_precision, births.year AS birth_year,
      births.first_day AS birth_first_day, s.birth_date AS birth_date_typed,
      {sex_sql("sexes.sex", "s", "f.sex_codes")} AS sex, s.sex AS sex_typed,
      coalesce(phones.phone, CASE WHEN phones.bits IS NULL THEN s.phone END) AS phone,
      s.id_number AS id_number_typed, {_insurance_sql()} AS health_insurance_number,
      CASE WHEN unsaid.bits > 0 THEN NULL ELSE nationalities.nationality END AS nationality,
      coalesce(unsaid.is_foreigner, nationalities.is_foreigner) AS is_foreigner, {plain},
      paths.province_code, paths.district_code, paths.commune_code,
      coalesce(identities.id_digits, s.id_number) AS id_digits,
      coalesce(identities.id_shape, 'digits') AS id_shape, shared_numbers.number IS NOT NULL AS number_is_shared,
      {_row_kind_bits(dose_cells)} | {sex_bits_sql("sexes.bits", "s", "f.sex_codes")}
        | paths.bits | births.bits | coalesce(phones.bits, 0) | coalesce(identities.bits, 0)
        | nationalities.bits | coalesce(unsaid.bits, 0) AS field_bits"""


def with_identity(joined: str, run: RunParameters) -> str:
    """Return SQL adding to rows with `person_columns` what the identity number is, and `person_bits`.

    A row with the name of a specimen form is no test, but a name cut short, when the number proves a person.
    """
    test, short = bit_of("test_row"), bit_of("name_abbreviated")
    specimen = f"field_bits & {test} <> 0 AND regexp_full_match(name_accented, '{SPECIMEN_NAME}')"
    found = (
        f"CASE WHEN {specimen} AND {proves_person_sql()} "
        f"THEN (field_bits & ~({test}::BIGINT)) | {short} ELSE field_bits END"
    )
    return f"SELECT *, {found} | id_bits AS person_bits FROM ({with_identity_sql(joined, run.as_of.year)})"


def _row_kind_bits(dose_cells: Sequence[str]) -> str:
    """Return SQL for the name's reason bits and for rows that are no record of a person at all (sources count-1).

    A total may stand in a first column that is no field; a row of column numbers repeats the header. Where nothing
    but a name is said of a person, and at most one of `dose_cells`, a heading or a line of signatures is no name, and
    a row without any name is nothing.
    """
    total, header, missing = (bit_of(c) for c in ("total_row", "repeated_header_row", "name_missing"))
    numbers = "regexp_full_match(s.full_name, '[(]?[0-9]{1,2}[)]?')"
    lead = "regexp_matches(lower(s.lead), '^(tổng|cộng|tong|cong|lũy kế|người lập|thủ trưởng|ghi chú)')"
    nameless = f"names.bits & {missing} <> 0"
    filled = " + ".join(f"(s.{cell} IS NOT NULL)::INTEGER" for cell in dose_cells) or "0"
    heading = f"regexp_matches(lower(nfc_normalize(s.full_name)), '{HEADING}')"
    # Nearly every row has a birth date: the first test spares the others.
    is_bare = " AND ".join(f"s.{cell} IS NULL" for cell in _OF_PERSON) + f" AND {filled} <= 1"
    return (
        f"(names.bits | (CASE WHEN {nameless} AND {numbers} THEN {header} WHEN {nameless} AND {lead} THEN {total} "
        f"WHEN {is_bare} AND ({nameless} OR {heading}) THEN {total} ELSE 0 END))"
    )
