"""Doses allocated, received, given and discarded, as reported; and doses given across province borders."""

import duckdb

from analysis.coverage.rates import percent_sql
from analysis.settings import RunParameters
from analysis.tables import write_table

SUPPLY = """
SELECT u.unit_level, u.unit_code, w.reference_date, r.doses_allocated, r.doses_received,
       r.doses_administered, r.doses_discarded, {used_pct} AS used_pct, r.other_bodies_administered
FROM reported AS r JOIN units AS u USING (unit_id) JOIN weeks AS w USING (week_index)"""

# Residence as typed; duplicates are one dose. Null: the place could not be read.
FLOWS = """
SELECT g.unit_code AS given_province_code, r.unit_code AS residence_province_code, count(*) AS doses
FROM counted_rows AS c
LEFT JOIN units AS g ON g.unit_id = c.given_province_id
LEFT JOIN units AS r ON r.unit_id = c.province_id
WHERE c.is_kept GROUP BY ALL"""


def measure_supply(con: duckdb.DuckDBPyConnection, run: RunParameters) -> int:
    """Write `supply` (reporting units only; empty without daily reports) and return its number of rows."""
    used_pct = percent_sql("r.doses_administered", "r.doses_allocated")
    return write_table(con, "supply", SUPPLY.format(used_pct=used_pct), run)


def count_flows(con: duckdb.DuckDBPyConnection, run: RunParameters) -> int:
    """Write `dose_flows`, doses by province given and province of residence; return its number of rows."""
    return write_table(con, "dose_flows", FLOWS, run)
