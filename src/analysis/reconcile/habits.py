"""What the run itself teaches about its people: whose names change, who is vaccinated, who has which dose.

Counted anew in every run from the rows that are linked already, so that the model need not guess the habits
of a province or the stage of a campaign. Few rows teach little: each share starts from an assumed one that
weighs as much as so many rows or people.
"""

import duckdb

from analysis.reconcile.comparisons import SAME_FAMILY, SAME_GIVEN
from analysis.reconcile.duplicates import DAYS_APART

# Mông men take another middle name after their first child (domain.md I), and family names nearly tell the
# people. Counted on rows whose own number, birth date and sex prove the person without his name.
RENAMED_SHARES = f"""
CREATE OR REPLACE TEMP TABLE renamed_shares AS
WITH renamed AS (
    SELECT p.home_province, p.family_name, p.sex, count(*) AS renamed
    FROM open_rows AS s JOIN people AS p ON p.citizen_id = s.id_number
    WHERE s.birth_on = p.birth_on AND s.sex = p.sex AND {SAME_FAMILY} AND {SAME_GIVEN}
      AND s.name_key != p.name_key
    GROUP BY ALL),
proved AS (
    SELECT home_province, family_name, sex, count(*) AS proved
    FROM linked JOIN people USING (citizen_id) WHERE link_method = 'same_citizen_number' GROUP BY ALL)
SELECT home_province, family_name, sex AS citizen_sex,
    (coalesce(renamed, 0) + {{assumed}} * {{rows}}) / (coalesce(renamed, 0) + proved + {{rows}}) AS renamed_share
FROM proved LEFT JOIN renamed USING (home_province, family_name, sex)"""
RENAMED_ROWS = 200

# How much more often than others the citizens born in a year are found: hardly ever those under age.
BIRTH_YEAR_RATIOS = """
CREATE OR REPLACE TEMP TABLE birth_year_ratios AS
WITH found AS (
    SELECT birth_year, count(*) AS found FROM linked JOIN people USING (citizen_id) GROUP BY 1),
born AS (SELECT birth_year, count(*) AS people FROM people GROUP BY 1),
counted AS (
    SELECT birth_year, coalesce(found, 0) AS found,
        people * sum(found) OVER () / sum(people) OVER () AS expected
    FROM born LEFT JOIN found USING (birth_year))
SELECT birth_year AS citizen_birth_year,
    (found + {rows}) / (coalesce(expected, 0) + {rows}) AS birth_year_ratio
FROM counted"""
BIRTH_YEAR_ROWS = 20

# A citizen whose first dose is there already is hardly the person of another first dose.
FOUND_DOSES = """
CREATE OR REPLACE TEMP TABLE found_doses AS
SELECT l.citizen_id, s.dose_number, min(s.vaccination_date) AS first_on, max(s.vaccination_date) AS last_on
FROM linked AS l JOIN searched AS s USING (row_no)
WHERE s.dose_number IS NOT NULL AND s.vaccination_date IS NOT NULL
GROUP BY ALL"""

DOSE_SHARES = """
CREATE OR REPLACE TEMP TABLE dose_shares AS
SELECT dose_number,
    least((count(*) + {found} * {people}) / (any_value(registry) + {people}), {most_found}) AS found_share,
    (count(*) FILTER (last_on > first_on + {days_apart}) + {twice} * {people}) / (count(*) + {people})
        AS twice_share
FROM found_doses, (SELECT count(*) AS registry FROM people) GROUP BY 1"""
DOSE_PEOPLE = 1000
FOUND_SHARE = 0.3  # of citizens, those whose dose of one number is found; assumed beside what is counted
MOST_FOUND = 0.99  # people may have decided for more citizens than a short extract holds
TWICE_SHARE = 0.01  # of people with a dose, those whose dose of one number is recorded on two days; likewise
MOST_IN_REGISTRY = 0.99  # an extract that lacks nobody would make any resemblance proof


def count_habits(con: duckdb.DuckDBPyConnection, renamed_share: float) -> None:
    """Make `renamed_shares`, `birth_year_ratios` and the found doses from `linked` and `open_rows`.

    `renamed_share` is the model's m of a name that agrees but for its middle.
    """
    con.execute(RENAMED_SHARES.format(assumed=renamed_share, rows=RENAMED_ROWS))
    con.execute(BIRTH_YEAR_RATIOS.format(rows=BIRTH_YEAR_ROWS))
    count_found_doses(con)


def count_found_doses(con: duckdb.DuckDBPyConnection) -> None:
    """Make `found_doses` (citizen, dose number, first and last day) of linked rows, and `dose_shares`."""
    con.execute(FOUND_DOSES)
    con.execute(
        DOSE_SHARES.format(
            found=FOUND_SHARE,
            most_found=MOST_FOUND,
            twice=TWICE_SHARE,
            people=DOSE_PEOPLE,
            days_apart=DAYS_APART,
        )
    )


def share_in_registry(con: duckdb.DuckDBPyConnection, least: float) -> float:
    """Return the share of rows whose person the registry has, given what is linked so far.

    No more rows can lack their citizen than are unlinked. The model's own share is the least, because a short
    list of rows, or the registry of another province, says nothing about it.
    """
    linked = "SELECT (SELECT count(*) FROM searched SEMI JOIN linked USING (row_no)) / count(*) FROM searched"
    share = con.execute(linked).fetchall()[0][0] or 0
    return max(least, min(float(share), MOST_IN_REGISTRY))
