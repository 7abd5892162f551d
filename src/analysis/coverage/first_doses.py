"""Doses by product, unit and week, and the first ones apart: from these the trends stage knows when second doses
fall due."""

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

# By place given, duplicates included, so that a unit's weeks, products and numbers sum to its recorded doses.
GIVEN_CELLS = """
SELECT given_province_id AS province_id, given_district_id AS district_id, vaccine AS product, dose_number,
       {week} AS week_index, count(*) AS doses
FROM counted_rows GROUP BY ALL"""

GIVEN = f"""
SELECT u.unit_level, u.unit_code, w.reference_date AS week, c.product, c.dose_number, sum(c.doses) AS doses
FROM ({by_unit_sql("given_cells", "product, dose_number, week_index, doses")}) AS c
JOIN units AS u USING (unit_id) JOIN units_with_files USING (unit_id) JOIN weeks AS w USING (week_index)
GROUP BY ALL"""


def product_steps(weeks: Weeks) -> Plan:
    """Return the steps to `first_doses_by_product` and `doses_by_product`.

    The former are rows with number 1 by residence, week and product; the latter all rows that count, by place
    given, week, product and number (null: not known).
    """
    week = weeks.index_sql("vaccination_date")
    return (
        Step(
            "product_cells",
            "one residence, product and week of first doses",
            "counted_rows",
            PRODUCT_CELLS.format(week=week),
        ),
        written("first_doses_by_product", "product_cells units units_with_files weeks", PRODUCTS),
        Step(
            "given_cells",
            "one place given, product, number and week of doses",
            "counted_rows",
            GIVEN_CELLS.format(week=week),
        ),
        written("doses_by_product", "given_cells units units_with_files weeks", GIVEN),
    )
