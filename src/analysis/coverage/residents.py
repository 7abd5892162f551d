"""The registry's residents: where they live, when they reach an age, when they stop being counted."""

import pandas as pd

from analysis.coverage.ages import ADULT_AGE, NEVER, age_columns_sql, birth_day_sql, birthday_sql
from analysis.coverage.inputs import Weeks, by_unit_sql
from analysis.reference import read_provinces
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written

# An extract of one province holds people who have moved away, or were vaccinated here: a few residents of
# every other province. It covers those whose residents, against the census, are at least this share of the
# best covered province's, and those whose platform files are given with it.
LEAST_COVERED_SHARE = 10  # percent

# Current residence, else permanent (sources count-7). `stop_week` is the first week in which a person is no
# longer counted: the dead from the day of death, and altogether when that day is unknown.
RESIDENTS = """
SELECT citizen_id, c.unit_id AS commune_id, d.unit_id AS district_id, p.unit_id AS province_id, birth_day,
       is_birth_year_only, CASE WHEN NOT is_dead THEN {never}
                                WHEN death_date IS NULL THEN 0 ELSE {death_week} END AS stop_week,
       coalesce(NOT is_dead OR death_date > DATE '{as_of}', false) AS is_alive,
       c.unit_code AS commune_code
FROM (SELECT citizen_id, permanent_commune_code, death_date,
             coalesce(nullif(current_commune_code, ''), permanent_commune_code) AS residence_code,
             coalesce(life_status = 'dead', false) OR death_date IS NOT NULL AS is_dead,
             {birth_day} AS birth_day, length(birth_date) = 4 AS is_birth_year_only
      FROM citizens) AS r
LEFT JOIN units AS c ON c.unit_level = 'commune' AND c.unit_code = r.residence_code
LEFT JOIN units AS d ON d.unit_level = 'district' AND d.unit_code = c.district_code
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = c.province_code"""

# Everything in weeks: one row a resident, with the weeks of the statuses when a series is known.
RESIDENT_WEEKS = """
SELECT commune_id, district_id, province_id, stop_week, {ages}, {first} AS first_week,
       {complete} AS complete_week, {additional} AS additional_week, {booster} AS booster_week
FROM residents LEFT JOIN series USING (citizen_id)"""

COVERED_PROVINCES = f"""
WITH shares AS (
    SELECT province_id, province_code, count(*) * 1000000000 // c.census_2019 AS per_billion
    FROM residents JOIN units ON units.unit_id = province_id
    JOIN census AS c USING (province_code)
    WHERE is_alive GROUP BY province_id, province_code, c.census_2019)
SELECT province_id FROM shares
WHERE 100 * per_billion >= {LEAST_COVERED_SHARE} * (SELECT max(per_billion) FROM shares)
   OR province_code IN (SELECT province_code FROM file_provinces)"""


def resident_steps(run: RunParameters, weeks: Weeks) -> Plan:
    """Return the steps from the registry's citizens to where and when they are counted."""
    week = weeks.index_sql
    birth_day = birth_day_sql("birth_date", run.settings.birth_year_only_month_day)
    residents = RESIDENTS.format(
        never=NEVER, as_of=run.as_of, birth_day=birth_day, death_week=week("death_date")
    )
    resident_weeks = RESIDENT_WEEKS.format(
        ages=age_columns_sql(weeks, "birth_day"),
        **{status: week(f"{status}_date") for status in ("first", "complete", "additional", "booster")},
    )
    return (
        Step("residents", "one citizen by residence, alive or dead", "citizens units", residents),
        Step("resident_weeks", "one citizen, all dates as weeks", "residents series", resident_weeks),
        Step("census", "one province's people in the census of 2019", frame=_read_census),
        Step(
            "registry_provinces",
            "one province whose residents the extract covers",
            "residents units census file_provinces",
            COVERED_PROVINCES,
        ),
    )


# Adults alone: by sex a coverage of children would be of a few in every district. The total, without a sex, is theirs
# whom the registry gives none as well; it is the reconciled coverage of the unit.
ADULTS_BY_SEX = """
SELECT sex, province_id, district_id, count(*) AS registry_population,
       count(*) FILTER (first_date <= DATE '{as_of}') AS at_least_one,
       count(*) FILTER (complete_date <= DATE '{as_of}') AS primary_complete
FROM residents JOIN citizens USING (citizen_id) LEFT JOIN series USING (citizen_id)
WHERE is_alive AND {birthday} <= DATE '{as_of}' GROUP BY ALL"""
BY_SEX = """
SELECT u.unit_level, u.unit_code, sex, series_status, sum(people) AS people,
       sum(registry_population) AS registry_population
FROM ({by_unit}) JOIN units AS u USING (unit_id)
JOIN units_with_files USING (unit_id) JOIN units_with_residents USING (unit_id)
GROUP BY GROUPING SETS ((u.unit_level, u.unit_code, sex, series_status), (u.unit_level, u.unit_code, series_status))
HAVING grouping(sex) = 1 OR sex IS NOT NULL"""


def sex_steps(run: RunParameters) -> Plan:
    """Return the steps to the adults of each sex who are reconciled as vaccinated at as_of."""
    adults = ADULTS_BY_SEX.format(as_of=run.as_of, birthday=birthday_sql("birth_day", ADULT_AGE))
    counted = " UNION ALL ".join(
        by_unit_sql(
            "adults_by_sex", f"sex, '{status}' AS series_status, {status} AS people, registry_population"
        )
        for status in ("at_least_one", "primary_complete")
    )
    reads = "adults_by_sex units units_with_files units_with_residents"
    return (
        Step("adults_by_sex", "one district's adults of a sex", "residents citizens series", adults),
        written("coverage_by_sex", reads, BY_SEX.format(by_unit=counted)),
    )


# Every adult is to hold a card with a number that never changes; an extract that names no day of issue at all
# says nothing of anybody (sources count-17).
CARDLESS_ADULTS = """
SELECT province_id, district_id, count(*) AS registry_population,
       count(*) FILTER (id_card_issued_on IS NULL) AS without_card
FROM residents JOIN citizens USING (citizen_id)
WHERE is_alive AND {birthday} <= DATE '{as_of}'
  AND EXISTS (FROM citizens WHERE id_card_issued_on IS NOT NULL) GROUP BY ALL"""
CARDS = f"""
SELECT u.unit_level, u.unit_code, sum(registry_population) AS registry_population,
       sum(without_card) AS without_card
FROM ({by_unit_sql("cardless_adults", "registry_population, without_card")}) JOIN units AS u USING (unit_id)
JOIN units_with_files USING (unit_id) JOIN units_with_residents USING (unit_id) GROUP BY ALL"""


def card_steps(run: RunParameters) -> Plan:
    """Return the steps to `citizen_cards`: living adult residents, and those of them without a citizen card."""
    adults = CARDLESS_ADULTS.format(as_of=run.as_of, birthday=birthday_sql("birth_day", ADULT_AGE))
    return (
        Step(
            "cardless_adults", "one district's adults and those without a card", "residents citizens", adults
        ),
        written("citizen_cards", "cardless_adults units units_with_files units_with_residents", CARDS),
    )


def _read_census() -> pd.DataFrame:
    return read_provinces()[["province_code", "census_2019"]]
