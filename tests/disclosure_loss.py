"""Prints what each way of telling districts' counts would lose of a finished run: the table of docs/disclosure.md.

python tests/disclosure_loss.py data/processed/<as-of>
"""

import sys
from pathlib import Path

import duckdb

from interface_pages import markdown_table

# One row a count above zero of a district, recorded or reconciled: as counted, as told, and that of a week before.
COUNTS = """
CREATE VIEW counts AS
SELECT c.*, p.people AS told, c.people - lag(c.people) OVER (
    PARTITION BY c.unit_code, c.basis, c.series_status ORDER BY c.reference_date) AS step,
    coalesce(c.people >= 10 AND among - c.people NOT BETWEEN 1 AND 9, c.people >= 10) AS is_large,
    c.reference_date = max(c.reference_date) OVER () AS is_last
FROM (SELECT *, if(basis = 'recorded', population, registry_population) AS among FROM '{folder}/aggregate/coverage.parquet'
      WHERE unit_level = 'district' AND age_group = '18+' AND basis <> 'reported' AND people > 0) AS c
LEFT JOIN '{folder}/public/coverage.parquet' AS p
    USING (unit_level, unit_code, reference_date, age_group, series_status, basis)"""
LOSS = """
SELECT count(*), 100 * avg(is_large::INTEGER), 100 * avg((is_large AND is_last)::INTEGER),
    100 * avg((told IS NOT NULL)::INTEGER), count(told),
    avg(abs((people + 2) // 5 * 5 - people)) FILTER (is_large),
    avg(abs((people + 5) // 10 * 10 - people)) FILTER (is_large), avg(abs(told - people)),
    count(*) FILTER (step BETWEEN 1 AND 9)
FROM counts"""
PAIRS = """
SELECT count(*), count(*) FILTER (abs(r.people - c.people) BETWEEN 1 AND 9)
FROM counts AS r JOIN counts AS c USING (unit_code, series_status, reference_date)
WHERE r.basis = 'recorded' AND c.basis = 'reconciled' AND r.is_last
    AND series_status IN ('at_least_one', 'primary_complete')"""

HEAD = [
    *("way", "counts above zero that are told", "mean error of a told count"),
    *("pairs recorded − reconciled that differ by 1 to 9 people", "weekly steps of 1 to 9"),
]


def loss_table(folder: Path) -> str:
    """Return the table of ways and what each loses, as Markdown."""
    with duckdb.connect() as con:
        con.execute(COUNTS.format(folder=folder.as_posix()))
        (loss,), (pair,) = con.execute(LOSS).fetchall(), con.execute(PAIRS).fetchall()
    counts, large, last, told, shown, by_5, by_10, chosen, steps = loss
    exact, many = f"exact: {pair[1]:,} of {pair[0]:,}", f"{large:.0f} %"
    left_out = "the same, and days of which more than a fifth would be withheld left out (chosen)"
    nine, nineteen = ["known to 9 values"] * 2, ["known to 19 values"] * 2
    rows = [
        HEAD,
        ["withheld below 10, else exact", f"{many} of {counts:,}", "0", exact, f"exact: {steps:,}"],
        ["the same, rounded to 5", many, f"{by_5:.2f} people", *nine],
        ["the same, rounded to 10", many, f"{by_10:.2f} people", *nineteen],
        [left_out, f"{told:.0f} % ({shown:,})", f"{chosen:.2f} people", *nineteen],
        ["at the last day only, exact", f"{last:.0f} %", "0", exact, "none"],
    ]
    return markdown_table(rows)


if __name__ == "__main__":
    sys.stdout.write(loss_table(Path(sys.argv[1])))
