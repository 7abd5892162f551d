"""How many adults are probably vaccinated when what the count leaves out is allowed for: an estimate beside it.

The count takes a row in review for nobody's, so it is low wherever rows wait for a decision. The estimate adds
the chance of each citizen to be the person of such a row (sources count-19), and citizens known by no other rows
than such without a usable day (sources count-21). Of rows for which nobody was found it adds the people whom an audit of
an earlier week found among them (sources count-20); where there was none, as many as simulated weeks lead to expect
(sources count-22), and then its range is no confidence interval. It never replaces the count.
"""

from analysis.audit.strata import NOT_FOUND, stratum_sql
from analysis.coverage.ages import ADULT_AGE, birth_day_sql, birthday_sql
from analysis.coverage.bases.undated import COMPLETES_ALONE, LACKING
from analysis.coverage.inputs import Weeks, by_unit_sql
from analysis.coverage.membership import ADULTS, COMPLETES_BY_NUMBER, SERIES_STATUSES, STATUS_IDS
from analysis.pipeline import audit_speaks_for, newest_audit
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written
from analysis.tables import empty_table

# People missed among rows without a number, for each whom the rows in review are expected to be: on simulated weeks of
# four hands .27 to .97, and none to half as many again as the most are allowed for (sources count-22).
MISSED_PER_REVIEWED, MISSED_AT_MOST = 0.6, 1.5
WITHOUT_NUMBER = tuple(name for name in NOT_FOUND if name != "not_found_numbered")

# The linkage model's own probabilities, of rows in review that would count if they were somebody's; and linked doses
# that count for nobody because their day cannot be used.
ROW_CHANCES = """
SELECT c.citizen_id, c.match_probability * coalesce(u.chance, 1) AS chance,
    coalesce(d.vaccine, 'unknown') AS vaccine, d.dose_number, true AS is_review
FROM clerical_candidates AS c
JOIN links AS l USING (source_file, source_row) JOIN doses AS d USING (source_file, source_row)
LEFT JOIN undated_rows AS u USING (source_file, source_row)
WHERE l.link_status = 'clerical_review' AND l.duplicate_of IS NULL AND (d.is_counted OR u.chance IS NOT NULL)
UNION ALL
SELECT citizen_id, chance, vaccine, dose_number, false FROM undated_doses"""

# A first dose by any of the rows. Rows of one person are right or wrong together, so the least likely of those needed
# for a series decides.
CITIZEN_CHANCES = f"""
SELECT citizen_id, province_id, district_id,
    CASE WHEN first_date IS NULL THEN 1 - product(1 - chance ORDER BY chance) ELSE 0 END AS at_least_one,
    CASE WHEN complete_date IS NULL THEN greatest(
        coalesce(max(chance) FILTER ({COMPLETES_ALONE}), 0),
        coalesce(list(chance ORDER BY chance DESC)[{LACKING}], 0)) ELSE 0 END AS primary_complete
FROM row_chances JOIN residents USING (citizen_id) LEFT JOIN series USING (citizen_id)
WHERE is_alive AND {{birthday}} <= DATE '{{as_of}}'
GROUP BY citizen_id, province_id, district_id, first_date, complete_date, is_all_three_dose, doses_known"""

# What the newest audit says of the rows for which nobody was found: how many people a hundred of them would add, and
# how many are of somebody in the registry, which completes a series where the row's number does.
AUDITED_SHARES = f"""
SELECT stratum, unit_code, {STATUS_IDS["at_least_one"]} AS status_id, estimate / 100 AS share,
    low / 100 AS share_low, high / 100 AS share_high
FROM newest_audit WHERE measure = 'new_people_pct'
UNION ALL
SELECT stratum, unit_code, {STATUS_IDS["primary_complete"]}, 1 - estimate / 100, 1 - high / 100, 1 - low / 100
FROM newest_audit SEMI JOIN (FROM newest_audit WHERE measure = 'new_people_pct') USING (stratum)
WHERE measure = 'right_pct'"""

# Those rows of this week, of adults or of unknown age; where no residence could be read, by the place given.
FOUND_NOBODY = f"""
WITH nobodys_rows AS (
    SELECT {stratum_sql(NOT_FOUND)} AS stratum, d.*
    FROM links AS l JOIN doses AS d USING (source_file, source_row)
    WHERE l.link_status IN ('not_in_registry', 'insufficient') AND l.link_method IS DISTINCT FROM 'decision'
        AND l.duplicate_of IS NULL AND d.is_counted),
placed AS (
    SELECT d.stratum, p.unit_id AS province_id, g.unit_id AS district_id, p.unit_code AS province_code,
        unnest([{STATUS_IDS["at_least_one"]}, CASE WHEN {COMPLETES_BY_NUMBER} THEN {STATUS_IDS["primary_complete"]} END])
            AS status_id
    FROM nobodys_rows AS d
    JOIN units AS p ON p.unit_level = 'province'
        AND p.unit_code = coalesce(d.province_code, d.place_given_province_code)
    LEFT JOIN units AS g ON g.unit_level = 'district' AND g.unit_code =
        CASE WHEN d.province_code IS NULL THEN d.place_given_district_code ELSE d.district_code END
    WHERE coalesce({{birthday}} <= DATE '{{as_of}}', true))
SELECT stratum, status_id, province_id, district_id, province_code, count(*) AS rows
FROM placed WHERE status_id IS NOT NULL GROUP BY ALL"""

# People without any counted row whom rows in review are expected to be. Decided rows were in review once: were they left
# out, fewer people would seem to be missed the more are decided.
REVIEWED = """
WITH decided_people AS (
    SELECT citizen_id FROM links JOIN doses USING (source_file, source_row)
    WHERE is_counted AND citizen_id IS NOT NULL GROUP BY citizen_id HAVING bool_and(link_method = 'decision')),
reviewed AS (
    SELECT r.province_id, r.birth_day, r.is_alive, 1 - product(1 - c.chance ORDER BY c.chance) AS chance
    FROM row_chances AS c JOIN residents AS r USING (citizen_id) ANTI JOIN series USING (citizen_id)
    WHERE c.is_review GROUP BY citizen_id, r.province_id, r.birth_day, r.is_alive
    UNION ALL
    SELECT province_id, birth_day, is_alive, 1 FROM decided_people JOIN residents USING (citizen_id))
SELECT province_id, sum(round(1e6 * chance)::BIGINT) / 1e6 AS people
FROM reviewed WHERE is_alive AND {birthday} <= DATE '{as_of}' GROUP BY province_id"""

# Without an audit of people with a first dose alone: how many complete their series is not known so.
MISSED_ROWS = f"""
WITH audited AS (
    SELECT f.*, s.share, s.share_low, s.share_high
    FROM found_nobody AS f JOIN audited_shares AS s USING (stratum, status_id)
    WHERE {audit_speaks_for("f.province_code")}),
others AS (
    SELECT f.*, r.people / CAST(sum(f.rows) OVER (PARTITION BY f.province_id) AS BIGINT) AS share
    FROM found_nobody AS f JOIN reviewed_people AS r USING (province_id)
    WHERE f.status_id = {STATUS_IDS["at_least_one"]} AND f.stratum IN {WITHOUT_NUMBER} AND NOT EXISTS (
        FROM audited_shares AS s WHERE {audit_speaks_for("f.province_code")}))
SELECT stratum, status_id, province_id, district_id, rows, share, share_low, share_high FROM audited
UNION ALL
SELECT 'not_audited', status_id, province_id, district_id, CAST(sum(rows) AS BIGINT),
    least(1.0, {MISSED_PER_REVIEWED} * any_value(share)), 0.0, least(1.0, {MISSED_AT_MOST} * any_value(share))
FROM others GROUP BY status_id, province_id, district_id"""

# Whole millionths of a person, so that sums are the same in any order.
STATUSES = ("at_least_one", "primary_complete")
OF_CITIZENS = " UNION ALL ".join(
    f"""
SELECT {STATUS_IDS[status]} AS status_id, province_id, district_id,
    round(1e6 * {status})::BIGINT AS expected, round(1e6 * {status} * (1 - {status}))::BIGINT AS variance
FROM citizen_chances"""
    for status in STATUSES
)
EXPECTED_BY_DISTRICT = f"""
SELECT status_id, province_id, district_id, sum(expected)::BIGINT AS expected, sum(variance)::BIGINT AS variance
FROM ({OF_CITIZENS} UNION ALL
    SELECT status_id, province_id, district_id, round(1e6 * rows * share)::BIGINT,
        round(1e6 * rows * share * (1 - share))::BIGINT FROM missed_rows)
GROUP BY ALL"""

# Whole people, so given out that districts sum to their province and provinces to the country: what a district's
# rounding leaves goes to the next.
WHOLE_PEOPLE = """
SELECT status_id, province_id, district_id, variance, so_far - lag(so_far, 1, 0) OVER places AS expected
FROM (SELECT *, ((sum(expected) OVER places + 500000) // 1000000)::BIGINT AS so_far FROM expected_by_district
      WINDOW places AS (PARTITION BY status_id ORDER BY province_id, district_id ROWS UNBOUNDED PRECEDING))
WINDOW places AS (PARTITION BY status_id ORDER BY province_id, district_id)"""

# 1.96 standard deviations of a sum of independent people, together with the audit's own limits: of what is added up
# the squared distances to the limits add up (Zou and Donner 2008). A stratum's limits hold for all places alike, and so
# do those of places that were not audited. To the next whole person outwards: of few people, rounded limits would leave
# too many out. Never outside what the count itself allows.
OUTWARDS = 0.499999
ESTIMATE = f"""
WITH expected_here AS (
    SELECT unit_id, status_id, sum(expected) AS added, 1.96 * 1.96 * sum(variance) / 1e6 AS square
    FROM ({by_unit_sql("expected_people", "status_id, expected, variance")}) GROUP BY ALL),
audited_here AS (
    SELECT unit_id, status_id, sum(pow(below, 2)) AS below, sum(pow(above, 2)) AS above
    FROM (SELECT unit_id, status_id, stratum, sum(rows * (share - share_low)) AS below,
              sum(rows * (share_high - share)) AS above
          FROM ({by_unit_sql("missed_rows", "status_id, stratum, rows, share, share_low, share_high")}) GROUP BY ALL)
    GROUP BY ALL),
counts AS (
    SELECT unit_level, unit_code, series_status, people, people + open_rows AS most,
        people + coalesce(added, 0) AS estimate, sqrt(coalesce(square, 0) + coalesce(below, 0)) AS below,
        sqrt(coalesce(square, 0) + coalesce(above, 0)) AS above
    FROM figures JOIN units USING (unit_id) JOIN {SERIES_STATUSES} USING (status_id)
    LEFT JOIN expected_here USING (unit_id, status_id) LEFT JOIN audited_here USING (unit_id, status_id)
    WHERE week_index = {{last}} AND age_id = {ADULTS} AND basis = 'reconciled' AND people IS NOT NULL
        AND unit_level <> 'commune' AND series_status IN {STATUSES})
SELECT unit_level, unit_code, series_status, least(most, estimate) AS people,
    least(most, greatest(people, round(estimate - below - {OUTWARDS}))) AS people_low,
    least(most, round(estimate + above + {OUTWARDS})) AS people_high
FROM counts"""


def estimate_steps(run: RunParameters, weeks: Weeks) -> Plan:
    """Return the steps to `coverage_estimate`: reconciled adults at as_of, with what the count leaves out allowed for.

    That is rows in review, doses without a usable day, and links that are missed: as an audit of an earlier week found
    them, else as simulated weeks lead to expect.
    """
    born = birth_day_sql("d.birth_date", run.settings.birth_year_only_month_day)
    of_rows = {"as_of": run.as_of, "birthday": birthday_sql(f"({born})", ADULT_AGE)}
    of_citizens = {"as_of": run.as_of, "birthday": birthday_sql("birth_day", ADULT_AGE)}
    return (
        Step(
            "row_chances",
            "one citizen whom one row in review, or one dose without a usable day, may add to the count",
            "clerical_candidates links doses undated_rows undated_doses",
            ROW_CHANCES,
        ),
        Step(
            "citizen_chances",
            "one adult resident whom such rows may add to the count, and how likely",
            "row_chances residents series",
            CITIZEN_CHANCES.format(**of_citizens),
        ),
        *_missed_steps(run, FOUND_NOBODY.format(**of_rows), REVIEWED.format(**of_citizens)),
        Step(
            "expected_by_district",
            "one district's expected additional people of a status, in millionths",
            "citizen_chances missed_rows",
            EXPECTED_BY_DISTRICT,
        ),
        Step(
            "expected_people",
            "one district's expected additional people of a status, whole",
            "expected_by_district",
            WHOLE_PEOPLE,
        ),
        written(
            "coverage_estimate",
            "figures units expected_people missed_rows",
            ESTIMATE.format(last=weeks.last_index),
        ),
    )


def _missed_steps(run: RunParameters, found_nobody: str, reviewed: str) -> Plan:
    """Return the steps to `missed_rows`: what rows for which nobody was found add, by an audit or for want of one."""
    audit = newest_audit(run)
    return (
        Step(
            "newest_audit",
            "one measure of the newest audit of an earlier week",
            query="" if audit else empty_table("link_audit"),
            files=(audit,) if audit else (),
            is_view=True,
        ),
        Step("audited_shares", "one stratum's share of people missed", "newest_audit", AUDITED_SHARES),
        Step(
            "found_nobody",
            "one district's rows of one stratum for which nobody was found, of adults",
            "links doses units",
            found_nobody,
        ),
        Step(
            "reviewed_people",
            "one province's adults whom rows in review are expected to add, or decided ones added",
            "row_chances links doses residents series",
            reviewed,
        ),
        Step(
            "missed_rows",
            "one district's rows of one stratum for which nobody was found, and what share of them is missed",
            "found_nobody audited_shares reviewed_people",
            MISSED_ROWS,
        ),
    )
