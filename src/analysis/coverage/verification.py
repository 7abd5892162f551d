"""Counts by state of verification, of roster checks, of findings about the registry and of confirmations."""

from analysis.coverage.ages import AGE_GROUPS, birth_day_sql, birthday_sql
from analysis.coverage.inputs import COUNTRY_ID, by_unit_sql
from analysis.engine import sql_text
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written

# Every record of the exports, rejected ones too, by residence as typed, because dispatch 2262/BYT-CNTT has
# each commune list the wrong records of its own people. A record with more than one field to correct is
# `several`, so that rows add up. States and persons travel as 64-bit hashes: counting distinct text of a
# million people is most of the work otherwise.
RECORD_STATES = """
SELECT p.unit_id AS province_id, d.unit_id AS district_id, r.id_kind, l.link_status,
       if(len(l.differing_fields) > 1, 'several', l.differing_fields[1]) AS differing_field,
       l.four_field_match, r.police_result, r.signature_status,
       CASE WHEN l.citizen_id IS NOT NULL THEN hash(l.citizen_id)
            WHEN r.id_number IS NOT NULL THEN hash(r.id_number)
            ELSE hash(r.name_key, r.birth_date, r.sex, r.district_code, r.commune_code) END AS person
FROM doses AS r
LEFT JOIN links AS l USING (source_file, source_row)
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = r.province_code
LEFT JOIN units AS d ON d.unit_level = 'district' AND d.unit_code = r.district_code"""

STATE = "id_kind, link_status, differing_field, four_field_match, police_result, signature_status"
STATE_PERSONS = f"""
SELECT province_id, district_id, hash({STATE}) AS state_id, person, count(*) AS records
FROM record_states GROUP BY ALL"""

STATE_COUNTS = " UNION ALL ".join(
    f"SELECT {unit_id} AS unit_id, state_id, sum(records) AS rows, count(DISTINCT person) AS people "
    f"FROM state_persons WHERE {unit_id} IS NOT NULL GROUP BY ALL"
    for unit_id in (COUNTRY_ID, "province_id", "district_id")
)
VERIFICATION = f"""
SELECT u.unit_level, u.unit_code, {STATE}, c.rows, c.people
FROM ({STATE_COUNTS}) AS c
JOIN units AS u USING (unit_id)
JOIN (SELECT DISTINCT {STATE}, hash({STATE}) AS state_id FROM record_states) AS s USING (state_id)"""

# What people must decide, by the age that was typed; one of unknown age is in `all` alone.
REVIEW_ROWS = """
SELECT p.unit_id AS province_id, {birth_day} AS birth_day
FROM links AS l JOIN doses AS d USING (source_file, source_row)
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = d.province_code
WHERE l.link_status = 'clerical_review'"""
REVIEW_BY_AGE = """
SELECT coalesce(code, 'VN') AS unit_code, age_group, rows
FROM (SELECT code, age_group, sum(rows) AS rows, grouping(code) AS is_country
      FROM (SELECT u.unit_code AS code, age_group, rows
            FROM review_groups LEFT JOIN units AS u ON u.unit_id = province_id)
      GROUP BY GROUPING SETS ((code, age_group), (age_group)))
WHERE is_country = 1 OR code IS NOT NULL"""

PLACED_ROSTERS = """
SELECT p.unit_id AS province_id, d.unit_id AS district_id, c.link_status
FROM roster_checks AS c
LEFT JOIN roster_rows AS r USING (source_file, source_row)
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = r.province_code
LEFT JOIN units AS d ON d.unit_level = 'district' AND d.unit_code = r.district_code"""

ROSTERS = f"""
SELECT u.unit_level, u.unit_code, link_status, count(*) AS rows
FROM ({by_unit_sql("placed_rosters", "link_status")}) JOIN units AS u USING (unit_id) GROUP BY ALL"""

PLACED_FINDINGS = """
SELECT r.province_id, r.district_id, f.kind
FROM registry_findings AS f LEFT JOIN residents AS r USING (citizen_id)"""

FINDINGS = f"""
SELECT u.unit_level, u.unit_code, kind, count(*) AS findings
FROM ({by_unit_sql("placed_findings", "kind")}) JOIN units AS u USING (unit_id) GROUP BY ALL"""

# What a decision rests on is typed freely; the first of these words that it holds is its kind (sources count-18).
GROUND_WORDS = (
    ("household_book", "ho khau"),
    ("citizen_card", "cccd|can cuoc|cmnd|chung minh"),
    ("station_record", "so tiem|ho so|so theo doi|tram y te|co so tiem|phieu sang loc"),
    ("paper_kept", "giay|phieu|so suc khoe"),
    ("witness", "nhan chung|lam chung|nguoi biet|nguoi nha"),
    ("hamlet_visit", "thon|to dan pho|\\bap\\b|tai nha|ho gia dinh"),
    ("feedback", "phan anh"),
    ("worklist", "danh sach"),
)
PLACED_CONFIRMATIONS = """
SELECT coalesce(p.unit_id, h.province_id) AS province_id, coalesce(d.unit_id, h.district_id) AS district_id,
       CASE WHEN typed = '' THEN 'none' {words} ELSE 'other' END AS ground_kind
FROM (SELECT *, replace(strip_accents(lower(coalesce(ground, ''))), 'đ', 'd') AS typed FROM decisions
      WHERE bound AND decision NOT IN ('do_not_invite', 'withdrawn')) AS x
LEFT JOIN doses AS r USING (source_file, source_row)
LEFT JOIN residents AS h ON h.citizen_id = x.citizen_id
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = r.province_code
LEFT JOIN units AS d ON d.unit_level = 'district' AND d.unit_code = r.district_code"""

CONFIRMATIONS = f"""
SELECT u.unit_level, u.unit_code, ground_kind, count(*) AS confirmations
FROM ({by_unit_sql("placed_confirmations", "ground_kind")}) JOIN units AS u USING (unit_id) GROUP BY ALL"""

# What the list of updates of the week before asked for: there now, not yet, or the record is no longer found. A
# record that was to be deleted has arrived when it is gone.
PLACED_UPDATES = """
SELECT coalesce(p.unit_id, h.province_id) AS province_id, coalesce(d.unit_id, h.district_id) AS district_id,
       CASE WHEN x.arrived OR (x.decision = 'delete_dose' AND NOT x.bound) THEN 'arrived'
            WHEN x.bound THEN 'open' ELSE 'not_found' END AS update_state
FROM decisions AS x LEFT JOIN residents AS h ON h.citizen_id = x.citizen_id
LEFT JOIN (SELECT DISTINCT district_code, province_code FROM unit_reference) AS u
    ON u.district_code = x.place_given_district_code
LEFT JOIN units AS p ON p.unit_level = 'province' AND p.unit_code = u.province_code
LEFT JOIN units AS d ON d.unit_level = 'district' AND d.unit_code = x.place_given_district_code
WHERE x.was_open"""

UPDATES = f"""
SELECT u.unit_level, u.unit_code, update_state, count(*) AS updates
FROM ({by_unit_sql("placed_updates", "update_state")}) JOIN units AS u USING (unit_id) GROUP BY ALL"""


def verification_steps() -> Plan:
    """Return the steps to `verification` (country, provinces, districts).

    `people` are distinct within one row of the table: by citizen, else by the number typed, else by name,
    birth, sex and place; so they do not add up over rows.
    """
    return (
        Step("record_states", "one record of the exports and its state", "doses links units", RECORD_STATES),
        Step("state_persons", "one district, state and person (hashes)", "record_states", STATE_PERSONS),
        written("verification", "state_persons units record_states", VERIFICATION),
    )


def review_steps(run: RunParameters) -> Plan:
    """Return the steps to `review_by_age`: records left to people, of the country and of provinces of residence.

    Age is completed years at as_of, in the groups of `coverage`.
    """
    birth_day = birth_day_sql("d.birth_date", run.settings.birth_year_only_month_day)
    groups = " UNION ALL ".join(
        f"SELECT province_id, '{group}' AS age_group, count(*) AS rows FROM review_rows "
        f"WHERE {_is_of_age_sql(group, run.as_of.isoformat())} GROUP BY ALL"
        for group in AGE_GROUPS
    )
    return (
        Step(
            "review_rows",
            "one record left to people",
            "links doses units",
            REVIEW_ROWS.format(birth_day=birth_day),
        ),
        Step("review_groups", "one province of residence and age group", "review_rows", groups),
        written("review_by_age", "review_groups units", REVIEW_BY_AGE),
    )


def _is_of_age_sql(group: str, as_of: str) -> str:
    youngest, too_old = AGE_GROUPS[group]
    reached = f"{birthday_sql('birth_day', youngest)} <= DATE '{as_of}'" if youngest else "true"
    return reached + (f" AND {birthday_sql('birth_day', too_old)} > DATE '{as_of}'" if too_old else "")


def check_steps() -> Plan:
    """Return the steps to `rosters` (by residence as typed), `registry_findings_counts` and `confirmations`.

    A confirmation is a decision in force about a record or a dose, at the record's residence as typed, else the
    citizen's. Why a person is not invited is none.
    """
    words = " ".join(
        f"WHEN regexp_matches(typed, {sql_text(words)}) THEN {sql_text(kind)}" for kind, words in GROUND_WORDS
    )
    return (
        Step("placed_rosters", "one checked roster row", "roster_checks roster_rows units", PLACED_ROSTERS),
        written("rosters", "placed_rosters units", ROSTERS),
        Step("placed_findings", "one finding by residence", "registry_findings residents", PLACED_FINDINGS),
        written("registry_findings_counts", "placed_findings units", FINDINGS),
        Step(
            "placed_confirmations",
            "one decision in force by residence",
            "decisions doses residents units",
            PLACED_CONFIRMATIONS.format(words=words),
        ),
        written("confirmations", "placed_confirmations units", CONFIRMATIONS),
    )


def update_steps() -> Plan:
    """Return the steps to `updates_arrived`: where the dose was given, by the district of its facility, else at home.

    A decision that was withdrawn, or that a later one took the place of, is `not_found` or `open` for one week.
    """
    return (
        Step(
            "placed_updates",
            "one correction that was asked for the week before",
            "decisions residents units unit_reference",
            PLACED_UPDATES,
        ),
        written("updates_arrived", "placed_updates units", UPDATES),
    )
