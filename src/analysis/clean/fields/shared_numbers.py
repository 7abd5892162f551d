"""Numbers that several people give: a nurse's own typed for everybody, a household's, a form's example.

In 2007 some 50,000 old numbers were found issued twice (sources id-4), and children give a parent's: two
people under one number are ordinary. From three on the number says nothing about who a row is of (sources fault-21).
"""

from analysis.clean.cells import Cells
from analysis.steps import Step

SHARED_BY_PEOPLE = 3  # different names and different birth dates under one number

# Lost zeros do not make another number. Least and greatest are cheap: few numbers remain to be counted.
SHARED_NUMBERS = f"""
WITH doubtful AS (
  SELECT ltrim(id_number, '0') AS number FROM {{cells}} WHERE id_number IS NOT NULL GROUP BY ALL
  HAVING count(*) >= {SHARED_BY_PEOPLE} AND min(full_name) <> max(full_name)
    AND min(birth_date) <> max(birth_date))
SELECT number FROM (
  SELECT ltrim(s.id_number, '0') AS number, n.name_key, births.value
  FROM {{cells}} AS s SEMI JOIN doubtful ON doubtful.number = ltrim(s.id_number, '0')
  JOIN {{conventions}} AS f USING (source_id)
  JOIN {{names}} AS n ON n.t0 = s.full_name
  JOIN {{birth_dates}} AS births ON births.t0 = f.birth_date_convention AND births.t1 = s.birth_date)
GROUP BY number
HAVING count(DISTINCT name_key) >= {SHARED_BY_PEOPLE} AND count(DISTINCT value) >= {SHARED_BY_PEOPLE}"""


def shared_numbers_step(cells: Cells) -> Step:
    """Return the step of the numbers that several people give, without leading zeros."""
    tables = {name: cells.name(name) for name in ("conventions", "names", "birth_dates")}
    return Step(
        cells.name("shared_numbers"),
        "one number that three people or more give",
        " ".join([cells.table, *tables.values()]),
        SHARED_NUMBERS.format(cells=cells.table, **tables),
    )
