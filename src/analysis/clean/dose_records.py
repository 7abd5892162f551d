"""Clean dose records: the rows of every staged export with each field cleaned, typed and accounted."""

from datetime import timedelta

from analysis.clean.cells import Cells
from analysis.clean.fields.vaccines import dose_number_sql
from analysis.clean.person_fields import free_text, person_columns, person_joins, person_reads, with_identity
from analysis.clean.quality.reason_codes import (
    REJECTING_CODES,
    bit_of,
    judged_bits,
    reason_codes_sql,
    reason_joins_sql,
    reason_reads,
)
from analysis.clean.typed_values import DAYS_AFTER_AS_OF
from analysis.reference.product_facts import APPROVED_ON
from analysis.settings import FIRST_DOSE_IN_COUNTRY, RunParameters
from analysis.tables import TABLES

IMPOSSIBLE_CODES = (
    "vaccination_before_campaign",
    "vaccination_before_birth",
    "vaccination_after_entry",
    "vaccination_in_future",
)
# A row that says nothing of a person is a dose by two of these.
_OF_DOSE = ("dose_record_id", "vaccination_date", "vaccine", "dose_number")


def _joined_rows(cells: Cells) -> str:
    """Return SQL: every row of typed cells beside the cleaned values of them."""
    plain = ", ".join(
        f"{free_text('s.' + c)} AS {c}" for c in ("dose_record_id", "lot_number", "facility_name", "reaction")
    )
    return f"""
      SELECT s.source_id, files.source_file, s.source_row, s.row_fault, s.extra_bits, {person_columns(_OF_DOSE)}, {plain},
        dose_numbers.dose_number, dose_numbers.doses_behind_series, products.vaccine,
        vaccination_dates.day AS vaccination_date, entry_dates.day AS entry_date,
        police_results.police_result, signatures.signature_status, s.facility_code AS facility_code_typed, homes.home AS file_home,
        dose_numbers.bits | products.bits | vaccination_dates.bits | entry_dates.bits AS dose_bits
      FROM {cells.table} AS s JOIN {cells.common("files")} AS files USING (source_id)
      JOIN {cells.common("conventions")} AS f USING (source_id)
      JOIN {cells.common("file_homes")} AS homes USING (source_id) {person_joins(cells)}
      LEFT JOIN {cells.name("products")} AS products ON products.t0 IS NOT DISTINCT FROM s.vaccine
      LEFT JOIN {cells.name("dose_numbers")} AS dose_numbers ON dose_numbers.t0 IS NOT DISTINCT FROM s.dose_number
      LEFT JOIN {cells.name("police_results")} AS police_results ON police_results.t0 IS NOT DISTINCT FROM s.police_result
      LEFT JOIN {cells.name("signatures")} AS signatures ON signatures.t0 IS NOT DISTINCT FROM s.signature_status
      LEFT JOIN {cells.name("vaccination_dates")} AS vaccination_dates
        ON vaccination_dates.t0 = f.vaccination_date_convention
        AND vaccination_dates.t1 IS NOT DISTINCT FROM s.vaccination_date
      LEFT JOIN {cells.name("entry_dates")} AS entry_dates ON entry_dates.t0 = f.entry_date_convention
        AND entry_dates.t1 IS NOT DISTINCT FROM s.entry_date"""


def unjudged_reads(cells: Cells) -> str:
    """Return the names of the tables that `unjudged_query` reads."""
    own = "products dose_numbers police_results signatures vaccination_dates entry_dates sites"
    return f"{person_reads(cells)} {cells.common('file_homes')} {cells.names(own)}"


def dose_reads(cells: Cells) -> str:
    """Return the names of the tables that `dose_query` reads."""
    return f"{unjudged_reads(cells)} {reason_reads()}"


def _date_bits(run: RunParameters) -> str:
    """Return SQL for the reason bits of a row's dates against each other and against as_of."""
    as_of, last = f"DATE '{run.as_of}'", f"DATE '{run.as_of + timedelta(days=DAYS_AFTER_AS_OF)}'"
    # A birth known to the year or month is after the dose only when all of that span is.
    before_birth = "birth_first_day > vaccination_date"
    approved = " ".join(f"WHEN '{p}' THEN DATE '{day:%Y-%m-%d}'" for p, day in APPROVED_ON.items())
    tests = {
        "vaccination_before_approval": f"vaccination_date >= DATE '{FIRST_DOSE_IN_COUNTRY}' "
        f"AND vaccination_date < CASE vaccine {approved} END",
        "vaccination_before_campaign": f"vaccination_date < DATE '{FIRST_DOSE_IN_COUNTRY}'",
        "vaccination_before_birth": before_birth,
        # The day of the dose typed for that of birth, its year with two digits (sources date-12).
        "birth_date_ambiguous": "birth_first_day = vaccination_date - INTERVAL 100 YEAR",
        "vaccination_after_entry": "vaccination_date > entry_date",
        "vaccination_in_future": f"vaccination_date > {last}",
        "after_as_of": f"vaccination_date > {as_of} OR entry_date > {as_of}",
    }
    return " | ".join(f"(CASE WHEN {test} THEN {bit_of(code)} ELSE 0 END)" for code, test in tests.items())


_NUMBERED = f"* REPLACE ({dose_number_sql('dose_number', 'doses_behind_series', 'vaccine')} AS dose_number)"
_VERDICT = ("reason_codes", "is_rejected", "is_counted")


def dose_query(run: RunParameters, cells: Cells) -> str:
    """Return SQL for dose records, with the columns of `doses`, over typed cells and their lookups."""
    rejecting = bit_of(*REJECTING_CODES)
    uncounted = rejecting | bit_of(*IMPOSSIBLE_CODES)
    as_of = f"DATE '{run.as_of}'"
    rows = f"""
      SELECT {_NUMBERED}, judged.bits & {rejecting} <> 0 AS is_rejected, {reason_codes_sql()} AS reason_codes,
        judged.bits & {uncounted} = 0 AND vaccination_date IS NOT NULL
          AND vaccination_date <= {as_of} AND (entry_date IS NULL OR entry_date <= {as_of}) AS is_counted
      FROM judged {reason_joins_sql()}"""
    return _typed_rows(run, cells, rows)


def unjudged_query(run: RunParameters, cells: Cells) -> str:
    """Return SQL for dose records without reasons and what follows from them, half as dear where these are not asked."""
    return _typed_rows(run, cells, f"SELECT {_NUMBERED} FROM judged", without=_VERDICT)


def _typed_rows(run: RunParameters, cells: Cells, rows: str, without: tuple[str, ...] = ()) -> str:
    kinds = {c: kind for c, kind in TABLES["doses"].columns.items() if c not in without}
    columns = ", ".join(f'CAST("{c}" AS {kind}) AS "{c}"' for c, kind in kinds.items())
    return f"SELECT {columns} FROM ({_with_judged(run, cells)} {rows} {_provinces_condition(run)})"


def _with_judged(run: RunParameters, cells: Cells) -> str:
    """Return SQL of `judged`: every row with all that its cells say, and the bits of its reasons."""
    return f"""
      WITH joined AS ({with_identity(_joined_rows(cells), run)}),
      found AS (
        SELECT j.*, sites.facility_code, sites.place_given_province_code, sites.place_given_district_code,
          sites.place_given_source,
          j.extra_bits | person_bits | dose_bits | {_date_bits(run)} AS found_bits
        FROM joined AS j LEFT JOIN {cells.name("sites")} AS sites ON sites.t0 IS NOT DISTINCT FROM j.facility_code_typed
          AND sites.t1 IS NOT DISTINCT FROM j.facility_name
          AND sites.t2 IS NOT DISTINCT FROM j.province_code AND sites.t3 IS NOT DISTINCT FROM j.district_code
          AND sites.t4 IS NOT DISTINCT FROM j.file_home),
      judged AS (SELECT *, {judged_bits("found_bits")} AS bits FROM found)"""


def _provinces_condition(run: RunParameters) -> str:
    """Return SQL leaving out doses that are known to be elsewhere's, by residence and by place given.

    What was rejected stays: it belongs to no province and must be accounted for.
    """
    if not run.provinces:
        return ""
    listed = ", ".join(f"'{code}'" for code in run.provinces)
    return (
        f"WHERE coalesce(province_code IN ({listed}), false) "
        f"OR coalesce(place_given_province_code IN ({listed}), false) "
        "OR (province_code IS NULL AND place_given_province_code IS NULL) "
        f"OR judged.bits & {bit_of(*REJECTING_CODES)} <> 0"
    )
