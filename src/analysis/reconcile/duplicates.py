"""One dose counts once: records of the same person's same dose, and which of them is kept.

Two sites both enter a dose, or one retypes it a day later (Báo Lâm Đồng 2022: "nhiều cơ sở tiêm cùng cập
nhật"). No schedule gives two doses within DAYS_APART days, so records closer than that are one dose
whatever their numbers say. An undated record repeats the person's dated record of the same number, and so
does one with an impossible date that is the right day in a wrong year or with day and month exchanged, or that
has its product and lot.
"""

from datetime import date

from analysis.reference.product_facts import LEAST_INTERVAL_DAYS
from analysis.settings import FIRST_DOSE_IN_COUNTRY
from analysis.steps import Step

DAYS_APART = 3  # far below the shortest interval of any product (sources link-5)
# Sooner than the shortest interval nobody gets the same dose of a schedule again.
DAYS_OF_A_SERIES = min(LEAST_INTERVAL_DAYS.values())
DAYS_AHEAD = 7  # a date later than this after as_of is impossible (sources in-2)

# Only among records that do not count: the cleaning stage has the last word on what is possible.
IMPOSSIBLE = (
    f"NOT is_counted AND (vaccination_date IS NULL OR vaccination_date < DATE '{FIRST_DOSE_IN_COUNTRY}' "
    f"OR coalesce(vaccination_date > entry_date, false) OR vaccination_date > DATE '{{as_of}}' + {DAYS_AHEAD})"
)

# Two descriptions a row has of its person where it has no citizen. Relatives share numbers, so the given
# name goes with the number, and a number that many give describes nobody; people share names, so birth day,
# sex and commune go with the name.
UNLINKED = """
SELECT d.row_no, d.id_kind, d.id_number,
    CASE WHEN d.id_kind IN ('citizen_number', 'old_number') AND d.name_key IS NOT NULL
            AND NOT list_contains(d.reason_codes, 'id_shared')
        THEN d.id_number || ' ' || split_part(d.name_key, ' ', -1) END AS by_number,
    CASE WHEN d.birth_precision = 'day' AND d.name_key LIKE '% %' AND d.commune_code IS NOT NULL
        THEN concat_ws(' ', d.name_key, d.birth_date, d.sex, d.commune_code) END AS by_name
FROM dose_rows AS d ANTI JOIN linked USING (row_no)
WHERE NOT d.is_rejected"""

# Without a citizen, rows of one name description are one person unless they carry two numbers of a kind;
# rows of one number description are one person, called by the first such name. A linked row's person is its
# citizen, and no 12 digits are taken for a name or a number description.
PERSONS = """
WITH one_person AS (
    SELECT by_name FROM unlinked WHERE by_name IS NOT NULL GROUP BY by_name
    HAVING count(DISTINCT id_number) FILTER (id_kind = 'citizen_number') <= 1
       AND count(DISTINCT id_number) FILTER (id_kind = 'old_number') <= 1),
named AS (
    SELECT by_number, min(by_name) AS first_name FROM unlinked SEMI JOIN one_person USING (by_name)
    WHERE by_number IS NOT NULL GROUP BY by_number)
SELECT row_no, coalesce('name ' || n.first_name, 'number ' || u.by_number, 'name ' || o.by_name) AS person
FROM unlinked AS u
LEFT JOIN named AS n USING (by_number)
LEFT JOIN one_person AS o USING (by_name)
UNION ALL
SELECT row_no, citizen_id FROM linked"""

DOSE_PERSONS = f"""
SELECT row_no, person, vaccination_date, {IMPOSSIBLE} AS is_impossible
FROM dose_rows JOIN persons USING (row_no)
ANTI JOIN (SELECT row_no FROM decided WHERE decision = 'delete_dose') USING (row_no)
WHERE person IS NOT NULL AND NOT is_rejected"""


def exchanged(one: str, other: str) -> str:
    """Return the SQL of whether two dates differ by day and month exchanged: 05/08 and 08/05."""
    return f"(day({one}) = month({other}) AND month({one}) = day({other}) AND year({one}) = year({other}))"


# Most people's records stand far apart: only the others are looked at closely, with all that is known of them.
CROWDED = f"""
SELECT person, is_impossible, d.*
FROM (SELECT * FROM dose_persons SEMI JOIN (
    SELECT person FROM dose_persons GROUP BY person
    HAVING count(*) > 1 AND (count(*) > 2 OR bool_or(is_impossible)
        OR date_diff('day', min(vaccination_date), max(vaccination_date)) < {DAYS_OF_A_SERIES}
        OR {exchanged("min(vaccination_date)", "max(vaccination_date)")})) USING (person)) AS p
JOIN (
    SELECT row_no, source_file, source_row, vaccination_date, entry_date, dose_number, is_counted,
        signature_status, id_kind, vaccine, lot_number, place_given_district_code, dose_record_id
    FROM dose_rows) AS d USING (row_no)"""

# A new dose starts where the gap to the person's previous record is wide enough.
SAME_DOSES = f"""
WITH steps AS (
    SELECT *, date_diff('day', lag(vaccination_date) OVER earlier, vaccination_date) AS gap
    FROM crowded_doses WHERE NOT is_impossible
    WINDOW earlier AS (PARTITION BY person ORDER BY vaccination_date, row_no))
SELECT *, count(CASE WHEN gap > {DAYS_APART} THEN 1 END)
    OVER (PARTITION BY person ORDER BY vaccination_date, row_no) AS dose_no
FROM steps"""

# Kept: what counts, what a site signed for, what carries a usable number, what came first. Then by what the
# records say, the lowest number and a known product first: the order of rows in a file must not matter.
PREFERENCE = """
    is_counted DESC, coalesce(signature_status = 'đã ký', false) DESC,
    id_kind IN ('citizen_number', 'old_number') DESC, entry_date NULLS LAST, dose_number NULLS LAST,
    coalesce(vaccine, 'unknown') = 'unknown', vaccine, vaccination_date, place_given_district_code NULLS LAST,
    dose_record_id NULLS LAST, row_no"""

KEPT = f"""
SELECT row_no, person, dose_number, vaccination_date, is_counted, vaccine, lot_number,
    first_value(row_no) OVER best AS kept_row,
    first_value(source_file || ':' || source_row) OVER best AS kept
FROM same_doses
WINDOW best AS (PARTITION BY person, dose_no ORDER BY {PREFERENCE})"""

# One lot of one product: no second dose of that number, whatever day was typed (sources link-12).
DATE_SLIP = f"""(undated.vaccination_date IS NULL
    OR abs(dayofyear(undated.vaccination_date) - dayofyear(dated.vaccination_date)) <= {DAYS_APART}
    OR (day(undated.vaccination_date) = month(dated.vaccination_date)
        AND month(undated.vaccination_date) = day(dated.vaccination_date))
    OR (undated.vaccine != 'unknown' AND undated.vaccine = dated.vaccine AND undated.lot_number = dated.lot_number))"""

# The same number of the same known product, and of the same lot where both have one, sooner than any schedule allows
# or on the day that exchanged figures make (sources link-8): one dose entered twice. Days are counted from the record that is kept, so
# that a row of such records does not swallow a true dose. An empty number or an unknown product equals nothing.
IS_ENTERED_AGAIN = f"""(date_diff('day', earlier.day, later[1].day) < {DAYS_OF_A_SERIES}
        OR {exchanged("earlier.day", "later[1].day")})
    AND (earlier.lot IS NULL OR later[1].lot IS NULL OR earlier.lot = later[1].lot)"""
ENTERED_AGAIN = f"""
WITH alike AS (
    SELECT person, dose_number, vaccine, list({{'day': vaccination_date, 'row_no': row_no, 'kept': kept, 'lot': lot_number}}
        ORDER BY vaccination_date, row_no) AS records
    FROM kept_doses
    WHERE row_no = kept_row AND is_counted AND dose_number IS NOT NULL AND coalesce(vaccine, 'unknown') != 'unknown'
    GROUP BY person, dose_number, vaccine HAVING count(*) > 1),
split AS (
    SELECT records, list_reduce(list_transform(records, lambda r: [r]), lambda kept, later:
        CASE WHEN len(list_filter(kept, lambda earlier: {IS_ENTERED_AGAIN})) > 0 THEN kept
        ELSE list_concat(kept, later) END) AS kept_records
    FROM alike)
SELECT later[1].row_no AS row_no, later[1].kept AS kept,
    list_filter(kept_records, lambda earlier: {IS_ENTERED_AGAIN})[1].kept AS kept_instead
FROM (SELECT kept_records, unnest(list_transform(records, lambda r: [r])) AS later FROM split)
WHERE NOT list_contains(list_transform(kept_records, lambda r: r.row_no), later[1].row_no)"""

DUPLICATES = f"""
WITH repeats AS (
    SELECT row_no, kept AS duplicate_of FROM kept_doses WHERE row_no != kept_row
    UNION ALL
    SELECT row_no, kept_instead FROM entered_again
    UNION ALL
    SELECT undated.row_no, min(dated.kept)
    FROM crowded_doses AS undated JOIN kept_doses AS dated USING (person, dose_number)
    WHERE undated.is_impossible AND dated.row_no = dated.kept_row AND {DATE_SLIP}
    GROUP BY undated.row_no)
SELECT repeats.row_no, coalesce(kept_instead, duplicate_of) AS duplicate_of
FROM repeats LEFT JOIN entered_again ON entered_again.kept = duplicate_of"""


def duplicate_steps(as_of: date) -> tuple[Step, ...]:
    """Return the steps that end in `duplicates`; what is possible depends on the run's day."""
    persons = DOSE_PERSONS.format(as_of=as_of)
    return (
        Step("unlinked", "one row without a citizen, described in two ways", "dose_rows linked", UNLINKED),
        Step("persons", "one row and its person", "unlinked linked", PERSONS),
        Step("dose_persons", "one dose record and its person", "dose_rows persons decided", persons),
        Step("crowded_doses", "one record close to another of its person", "dose_persons dose_rows", CROWDED),
        Step("same_doses", "one such record and the dose it is of", "crowded_doses", SAME_DOSES),
        Step("kept_doses", "one such record and the one that is kept", "same_doses", KEPT),
        Step("entered_again", "one kept record of a dose entered before", "kept_doses", ENTERED_AGAIN),
        Step(
            "duplicates",
            "one record that repeats another",
            "kept_doses crowded_doses entered_again",
            DUPLICATES,
        ),
    )
