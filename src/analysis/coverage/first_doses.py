"""First doses by product, unit and week: from them the trends stage knows when second doses fall due."""

from analysis.coverage.inputs import Weeks, by_unit_sql
from analysis.steps import Plan, Step, written

PRODUCT_CELLS = """
SELECT province_id, district_id, vaccine, {week} AS week_index, count(*) AS doses
FROM counted_rows WHERE dose_number = 1 GROUP BY ALL"""

PRODUCTS = f"""
SELECT u.unit_level, u.unit_code, w.reference_date, c.vaccine, sum(c.doses) AS doses
FROM ({by_unit_sql("product_cells", "vaccine, week_index, doses")}) AS c
JOIN units AS u USING (unit_id) JOIN units_with_files USING (unit_id) JOIN weeks AS w USING (week_index)
GROUP BY ALL"""


def product_steps(weeks: Weeks) -> Plan:
    """Return the steps to `first_doses_by_product`: rows with number 1 by residence, week and product."""
    cells = PRODUCT_CELLS.format(week=weeks.index_sql("vaccination_date"))
    return (
        Step("product_cells", "one residence, product and week of first doses", "counted_rows", cells),
        written("first_doses_by_product", "product_cells units units_with_files weeks", PRODUCTS),
    )
