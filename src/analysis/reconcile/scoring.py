"""The rows that no rule linked: candidates compared, weighed, and decided between link and review.

The candidates of one row compete: the probability of each is its likelihood against those of the others
and against "none of them" (the registry lacks the person). Twins, or a father and a son of one name,
therefore share the probability and go to a person; so do rows that look like a relative's (LEFT_TO_PEOPLE).

Two passes keep the pairs few: narrow blocking rules settle what they are almost certain of, the wide ones
then search for the rest. Rows are taken in parts, so that memory does not grow with the country; no part
changes the result of another.
"""

from dataclasses import replace

import duckdb

from analysis.engine import drop_tables
from analysis.reconcile.blocking import (
    NARROW_RULES,
    WIDE_RULES,
    find_candidates,
    make_candidates,
)
from analysis.reconcile.comparisons import BIRTH, NAME, NUMBER, PLACE, level_columns, levels_in
from analysis.reconcile.habits import count_found_doses, count_habits, share_in_registry
from analysis.reconcile.linkage_model import NAME_SAME, LinkageModel, read_model
from analysis.reconcile.open_people import make_open_people

PART_ROWS = 250_000  # open rows scored at a time: about 2 million pairs, some 400 MB

COMPARED = """
CREATE OR REPLACE TEMP TABLE compared AS
SELECT row_no, citizen_id, p.home_province, p.home_commune, p.family_name AS citizen_family,
    p.sex AS citizen_sex, p.birth_year AS citizen_birth_year, s.dose_number,
    s.name_key, s.family_name, s.given_name,
    CASE WHEN h.citizen_id IS NULL THEN 0 ELSE 1 END AS phone_level, {levels},
    s.holder_communes IS NOT NULL AS number_is_held,
    CASE WHEN place_level = 0 THEN NULL WHEN place_level = {same_commune} THEN s.commune_code
        WHEN place_level <= {same_district} THEN s.district_code
        WHEN place_level <= {same_province} THEN s.province_code END AS matched_unit
FROM candidate_pairs JOIN open_people AS s USING (row_no)
JOIN candidate_people AS p USING (citizen_id)
LEFT JOIN phone_holders AS h USING (phone, citizen_id)
LEFT JOIN found_doses AS g USING (citizen_id, dose_number)"""

# Beside each pair the shares that its weight needs.
WITH_SHARES = """compared CROSS JOIN all_people
LEFT JOIN name_shares USING (home_province, name_key)
LEFT JOIN family_given_shares USING (home_province, family_name, given_name)
LEFT JOIN unit_shares ON unit_shares.unit_code = matched_unit
LEFT JOIN (SELECT unit_code, unit_share AS neighbour_share FROM unit_shares) AS neighbours
    ON neighbours.unit_code = compared.home_commune
LEFT JOIN family_shares ON family_shares.home_commune = compared.home_commune
    AND family_shares.family_name = citizen_family
LEFT JOIN renamed_shares ON renamed_shares.home_province = compared.home_province
    AND renamed_shares.family_name = citizen_family AND renamed_shares.citizen_sex = compared.citizen_sex
LEFT JOIN birth_year_ratios USING (citizen_birth_year)
LEFT JOIN dose_shares USING (dose_number)
LEFT JOIN carried_down USING (row_no)"""

WEIGHED = f"""
CREATE OR REPLACE TEMP TABLE weighed AS
SELECT row_no, citizen_id, number_is_held, {{left_to_people}} AS left_to_people,
    {{match}} AS match_weight, {{kin}} AS kin_weight
FROM {WITH_SHARES}"""

# Relatives share numbers, addresses and telephones, so no such agreement may tell them apart: a father and a
# son of one name, twins and brothers of another given name, brothers of one given name. A person decides.
SAME_NAME = levels_in(NAME, *NAME_SAME, "same_family_and_given")
# Where a family's men are renamed as often as Mông men, another middle name is no other name.
RENAMED_OFTEN = "coalesce(renamed_share, 0) >= 0.1"
# The holder of the number himself, but for what was carried down from the line above.
OWN_NUMBER = levels_in(NUMBER, "same_citizen_number")
BIRTH_CARRIED_DOWN = f"({OWN_NUMBER} AND coalesce(birth_carried_down, false))"
NAME_CARRIED_DOWN = (
    f"({OWN_NUMBER} AND {levels_in(BIRTH, 'same_day')} AND coalesce(name_carried_down, false))"
)
LEFT_TO_PEOPLE = f"""(({SAME_NAME} AND {levels_in(BIRTH, "generation_apart")} AND NOT {BIRTH_CARRIED_DOWN})
    OR ({levels_in(NAME, "same_family", "different")} AND NOT {NAME_CARRIED_DOWN})
    OR ({levels_in(NAME, "spelt_by_ear")} AND {levels_in(BIRTH, "generation_apart", "different")})
    OR ({levels_in(NAME, "same_family_and_given")} AND {levels_in(BIRTH, "different")} AND NOT {RENAMED_OFTEN}))"""

# Against each candidate stand the others, and "none of them": a person the registry lacks, who may be a
# relative of a candidate and share place, family name, telephone or even the number.
POSTERIORS = """
CREATE OR REPLACE TEMP TABLE posteriors AS
SELECT row_no, citizen_id, left_to_people, round(pow(2, match_weight) / (
    sum(pow(2, match_weight)) OVER same_row
    + {absent} * (CASE WHEN number_is_held THEN {stranger} ELSE 1 END + sum(pow(2, kin_weight)) OVER same_row)
    ), 6) AS match_probability
FROM weighed
WINDOW same_row AS (PARTITION BY row_no)"""

LINK_BEST = """
INSERT INTO linked
SELECT row_no, citizen_id, 'probabilistic', match_probability FROM posteriors
WHERE match_probability >= {link_from} AND NOT left_to_people"""

REVIEW = """
INSERT INTO review
SELECT row_no, citizen_id, match_probability FROM posteriors ANTI JOIN linked USING (row_no)
WHERE match_probability >= {show_from}
QUALIFY sum(match_probability) OVER (PARTITION BY row_no) >= {review_from}"""

MAKE_REVIEW = """
CREATE OR REPLACE TEMP TABLE review (row_no BIGINT, citizen_id VARCHAR, match_probability DOUBLE)"""

# A pair found by several rules is one pair; what a person ruled out is none. Rows are numbered file by file, so
# that a part is mostly one province.
CANDIDATE_PAIRS = """
CREATE OR REPLACE TEMP TABLE candidate_pairs AS
SELECT DISTINCT row_no, citizen_id FROM candidates ANTI JOIN ruled_out USING (row_no, citizen_id)
WHERE row_no BETWEEN {first} AND {last}"""

PARTS = """
SELECT min(row_no), max(row_no) FROM (
    SELECT row_no, (row_number() OVER (ORDER BY row_no) - 1) // {rows} AS part FROM open_people)
GROUP BY part ORDER BY part"""

UNSETTLED = "CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {table} ANTI JOIN linked USING (row_no)"
ALL_ROWS = (0, 2**62)
SCORING_TABLES = (
    "open_people candidates candidate_pairs candidate_people compared weighed posteriors sought block_citizens blocks "
    "carried_down phone_holders name_shares family_given_shares family_shares"
)


def score_open_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Link the open rows whose best candidate is sure enough, and fill `review` with the doubtful ones.

    Adds to `linked`, makes `review` (row_no, citizen_id, match_probability) and `block_counts`.
    """
    con.execute(MAKE_REVIEW)
    make_candidates(con)
    make_open_people(con)
    model = read_model()
    find_candidates(con, NARROW_RULES)
    count_habits(con, model.renamed_share)
    _score_in_parts(con, model, model.sure_from)
    count_found_doses(con)
    model = replace(model, share_in_registry=share_in_registry(con, model.share_in_registry))
    for table in ("open_people", "candidates"):
        con.execute(UNSETTLED.format(table=table))
    find_candidates(con, WIDE_RULES)
    _score_in_parts(con, model, model.link_from, fill_review=True)
    drop_tables(con, SCORING_TABLES)


def _score_in_parts(
    con: duckdb.DuckDBPyConnection, model: LinkageModel, link_from: float, fill_review: bool = False
) -> None:
    for first, last in con.execute(PARTS.format(rows=PART_ROWS)).fetchall():
        weigh_candidates(con, model, (first, last))
        con.execute(LINK_BEST.format(link_from=link_from))
        if fill_review:
            con.execute(REVIEW.format(show_from=model.show_from, review_from=model.review_from))


def weigh_candidates(
    con: duckdb.DuckDBPyConnection, model: LinkageModel, rows: tuple[int, int] = ALL_ROWS
) -> None:
    """Make `compared`, `weighed` and `posteriors` (row_no, citizen_id, match_probability).

    They hold the candidates of the open rows from the first to the last of `rows`.
    """
    con.execute(CANDIDATE_PAIRS.format(first=rows[0], last=rows[1]))
    places = {level: PLACE.at(level) for level in ("same_commune", "same_district", "same_province")}
    con.execute(COMPARED.format(levels=level_columns(), **places))
    con.execute(
        WEIGHED.format(
            match=model.match_sql(),
            kin=model.kin_sql(),
            left_to_people=LEFT_TO_PEOPLE,
        )
    )
    con.execute(POSTERIORS.format(absent=1 - model.share_in_registry, stranger=model.number_of_stranger))
