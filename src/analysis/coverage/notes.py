"""What a reader should know of the people behind the figures: flags that change no count, as counts.

Contract 3.2 lets a too-short interval count and a birth known to the year stand as 1 July, and asks that
both be said: this table says them.
"""

import duckdb

from analysis.coverage.inputs import Inputs, by_unit_sql
from analysis.settings import RunParameters
from analysis.tables import write_table

# What is noted, and the column that tells it. People are living residents with at least one dose.
MOST_DOSES = 5  # the highest number the ministry ever reported: 116,791 fifth doses on 18/8/2022
PERSON_NOTES = {
    "too_many_doses": f"doses_known > {MOST_DOSES}",
    "interval_too_short": "has_short_interval",
    "mixed_products": "is_mixed",
    "unknown_product": "has_unknown_product",
    "dose_not_recorded": "has_unrecorded_dose",
}
BIRTH_NOTES = {"birth_year_only": "is_birth_year_only", "birth_date_missing": "birth_day IS NULL"}

# Counted by district once, then for each unit.
NOTED = """
CREATE TEMP TABLE {basis}_notes AS
SELECT province_id, district_id, {counts}, count(*) AS of_people
FROM {source} GROUP BY province_id, district_id"""

NOTES = """
SELECT u.unit_level, u.unit_code, basis, note, sum(people) AS people, sum(of_people) AS of_people
FROM ({by_unit})
JOIN units AS u USING (unit_id) JOIN units_with_files USING (unit_id) GROUP BY ALL"""

VACCINATED = "(SELECT * FROM residents JOIN series USING (citizen_id) WHERE is_alive)"
LIVING = "(SELECT * FROM residents WHERE is_alive)"


def count_notes(con: duckdb.DuckDBPyConnection, run: RunParameters, inputs: Inputs) -> int:
    """Write `series_notes` by unit at as_of and return its number of rows.

    Bases: `reconciled` (living residents with a dose, all ages), `registry` (living residents; births
    only), `recorded` (platform rows; births only). Notes: `interval_too_short` (by LEAST_INTERVAL_DAYS),
    `mixed_products`, `unknown_product`, `dose_not_recorded` (a later number proves it), `birth_year_only`,
    `birth_date_missing`, `too_many_doses` (over MOST_DOSES different ones).
    """
    sources = {"recorded": ("counted_rows", BIRTH_NOTES)}
    if inputs.has_registry:
        sources["reconciled"] = (VACCINATED, PERSON_NOTES | BIRTH_NOTES)
        sources["registry"] = (LIVING, BIRTH_NOTES)
    parts = []
    for basis, (source, notes) in sources.items():
        counts = ", ".join(f'count(*) FILTER ({test}) AS "{note}"' for note, test in notes.items())
        con.execute(NOTED.format(basis=basis, source=source, counts=counts))
        parts += [
            by_unit_sql(f"{basis}_notes", f"'{basis}' AS basis, '{n}' AS note, \"{n}\" AS people, of_people")
            for n in notes
        ]
    return write_table(con, "series_notes", NOTES.format(by_unit=" UNION ALL ".join(parts)), run)
