"""Doses allocated, received, given and discarded, as reported; and doses given across province borders."""

from analysis.coverage.rates import percent_sql
from analysis.steps import Plan, written

SUPPLY = f"""
SELECT u.unit_level, u.unit_code, w.reference_date, r.doses_allocated, r.doses_received,
       r.doses_administered, r.doses_discarded,
       {percent_sql("r.doses_administered", "r.doses_allocated")} AS used_pct, r.other_bodies_administered
FROM reported_totals AS r JOIN units AS u USING (unit_id) JOIN weeks AS w USING (week_index)"""

# Residence as typed; duplicates are one dose. Null: the place could not be read.
FLOWS = """
SELECT g.unit_code AS given_province_code, r.unit_code AS residence_province_code, count(*) AS doses
FROM counted_rows AS c
LEFT JOIN units AS g ON g.unit_id = c.given_province_id
LEFT JOIN units AS r ON r.unit_id = c.province_id
WHERE c.is_kept GROUP BY ALL"""


def supply_steps() -> Plan:
    """Return the steps to `supply` (reporting units only; empty without daily reports) and `dose_flows`."""
    return (
        written("supply", "reported_totals units weeks", SUPPLY),
        written("dose_flows", "counted_rows units", FLOWS),
    )
