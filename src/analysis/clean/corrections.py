"""Applying decisions to dose records: corrected cells are cleaned anew, deleted doses rejected."""

from analysis.clean.cells import BOUND_CELLS, Cells
from analysis.clean.decision_values import correctable_fields
from analysis.clean.dose_records import dose_query, dose_reads
from analysis.clean.fields.facilities import FacilityIndex
from analysis.clean.fields.sites import file_homes_step, listed_step, site_lookup
from analysis.clean.quality.reason_codes import bit_of
from analysis.clean.typed_values import date_lookups, dose_lookups, person_lookups
from analysis.settings import RunParameters
from analysis.steps import Plan, Step

DATE_COLUMNS = ("birth_date", "vaccination_date", "entry_date")
# What the cell said stays as it was: the plain comparison (sources link-1) is with the typed form.
_TYPED = ("full_name", "id_number", "birth_date", "sex")


def lookup_steps(run: RunParameters, cells: Cells, facilities: FacilityIndex) -> Plan:
    """Return all lookups of the cells of dose records."""
    dates = date_lookups(cells, run.as_of, DATE_COLUMNS)
    homes = () if cells.corrects else (file_homes_step(cells), listed_step(facilities))
    return (*person_lookups(cells), *dose_lookups(cells), *dates, *homes, site_lookup(cells, facilities))


def correction_steps(
    run: RunParameters,
    facilities: FacilityIndex,
    cells: Cells,
    newly_bound: str,
    bound: str,
) -> Plan:
    """Return one round of corrections: the rows that decisions were newly bound to, with all their decided values.

    `newly_bound` and `bound` are the bindings of this round and of all rounds so far. A commune given by its code
    brings its district and province with it.
    """
    decided = cells.name("decided_values")
    typed = ", ".join(f"s.{c} AS {c}_typed" for c in _TYPED)
    return (
        Step(
            decided,
            "one row that decisions correct or delete, with the decided values",
            f"{newly_bound} {bound} decisions_in_force files",
            _decided_values(newly_bound, bound),
        ),
        Step(
            cells.table,
            "one of these rows, the decided values as its cells",
            f"{BOUND_CELLS.table} {decided}",
            _corrected_cells(decided),
        ),
        *lookup_steps(run, cells, facilities),
        Step(
            cells.name("rows"),
            "one of these rows, cleaned anew",
            f"{dose_reads(cells)} {BOUND_CELLS.table}",
            f"SELECT c.* REPLACE ({typed}) FROM ({dose_query(run, cells)}) AS c JOIN files USING (source_file) "
            f"JOIN {BOUND_CELLS.table} AS s USING (source_id, source_row)",
        ),
    )


def _decided_values(newly_bound: str, bound: str) -> str:
    fields = correctable_fields()
    latest = "max_by(x.value, coalesce(x.decided_on, '') || x.decision_id)"
    values = ", ".join(
        f"{latest} FILTER (x.decision = 'correct_value' AND x.field = '{f}') AS {f}, "
        f"coalesce(bool_or(x.decision = 'correct_value' AND x.field = '{f}'), false) AS has_{f}"
        for f in fields
    )
    corrected, deleted = bit_of("corrected_by_decision"), bit_of("deleted_by_decision")
    listed = ", ".join(f"'{field}'" for field in fields)
    return f"""
        SELECT files.source_id, b.source_row, {values},
          max(CASE WHEN x.decision = 'delete_dose' THEN {deleted} ELSE 0 END)
            | max(CASE WHEN x.decision = 'correct_value' THEN {corrected} ELSE 0 END) AS extra_bits
        FROM {bound} AS b SEMI JOIN {newly_bound} AS n USING (source_file, source_row)
        JOIN decisions_in_force AS x USING (decision_id)
        JOIN files ON files.source_file = b.source_file
        WHERE x.decision = 'delete_dose' OR (x.decision = 'correct_value' AND x.field IN ({listed}))
        GROUP BY ALL"""


def _corrected_cells(decided: str) -> str:
    by_code = "(c.has_commune AND regexp_full_match(c.commune, '[0-9]{4,5}'))"
    cells = []
    for name in correctable_fields():
        cell = f"CASE WHEN c.has_{name} THEN nullif(c.{name}, '') ELSE s.{name} END"
        if name in ("province", "district"):
            cell = f"CASE WHEN {by_code} AND NOT c.has_{name} THEN NULL ELSE {cell} END"
        cells.append(f"{cell} AS {name}")
    for level in ("province", "district", "commune"):
        cells.append(
            f"CASE WHEN c.has_{level} OR {by_code} THEN NULL ELSE s.{level}_typed_code END "
            f"AS {level}_typed_code"
        )
    return (
        f"SELECT s.* REPLACE (s.extra_bits | c.extra_bits AS extra_bits, {', '.join(cells)}) "
        f"FROM {BOUND_CELLS.table} AS s JOIN {decided} AS c USING (source_id, source_row)"
    )
