"""First doses by product, unit and week: from them the trends stage knows when second doses fall due."""

import duckdb

from analysis.coverage.inputs import Inputs, by_unit_sql
from analysis.settings import RunParameters
from analysis.tables import write_table

PRODUCT_CELLS = """
CREATE TEMP TABLE product_cells AS
SELECT province_id, district_id, vaccine, {week} AS week_index, count(*) AS doses
FROM counted_rows WHERE dose_number = 1 GROUP BY ALL"""

PRODUCTS = """
SELECT u.unit_level, u.unit_code, w.reference_date, c.vaccine, sum(c.doses) AS doses
FROM ({by_unit}) AS c
JOIN units AS u USING (unit_id) JOIN units_with_files USING (unit_id) JOIN weeks AS w USING (week_index)
GROUP BY ALL"""


def count_products(con: duckdb.DuckDBPyConnection, run: RunParameters, inputs: Inputs) -> int:
    """Write `first_doses_by_product` and return its number of rows; needs `counted_rows`, units and weeks.

    A row is a unit of residence, the week up to a reference date, and a product: rows with number 1.
    """
    con.execute(PRODUCT_CELLS.format(week=inputs.weeks.index_sql("vaccination_date")))
    query = PRODUCTS.format(by_unit=by_unit_sql("product_cells", "vaccine, week_index, doses"))
    return write_table(con, "first_doses_by_product", query, run)
