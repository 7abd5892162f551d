"""The rows that no rule linked: candidates compared, weighed, and decided between link and review.

The candidates of one row compete: the probability of each is its likelihood against those of the others
and against "none of them" (the registry lacks the person). Twins, or a father and a son of one name,
therefore share the probability and go to a person; so do rows that look like a relative's (LEFT_TO_PEOPLE).

Two passes keep the pairs few: narrow blocking rules settle what they are almost certain of, the wide ones
then search for the rest. Rows are taken in parts, so that memory does not grow with the country; no part
changes the result of another.
"""

from analysis.reconcile.comparisons import (
    BIRTH,
    DOSE,
    EDITS,
    NAME,
    NUMBER,
    PLACE,
    SEX,
    level_columns,
    levels_in,
)
from analysis.reconcile.linkage_model import NAME_SAME, LinkageModel
from analysis.reconcile.rules import given_accents_differ
from analysis.steps import Parts, Step

ADULT_YEARS = 18  # younger ones may have no number of their own and be listed under a parent's
PART_PAIRS = 2_000_000  # weighed at a time: some 400 MB

# A pair found by several rules is one pair; what a person ruled out is none. Rows are numbered file by file, so
# that a part is mostly one province.
CANDIDATE_PAIRS = f"""
SELECT row_no, citizen_id, {EDITS} AS edits
FROM (SELECT DISTINCT row_no, citizen_id FROM {{candidates}} ANTI JOIN ruled_out USING (row_no, citizen_id)
    WHERE row_no BETWEEN {{{{first}}}} AND {{{{last}}}}) AS pairs
JOIN {{rows}} AS s USING (row_no) JOIN {{candidate_people}} AS p USING (citizen_id)"""

_AT = dict(PLACE.levels)
WORDS = "length({0}.name_key) - length(replace({0}.name_key, ' ', ''))"
MORE_OR_LESS_WORDS = f"{WORDS.format('p')} != {WORDS.format('s')}"
COMPARED = f"""
SELECT row_no, citizen_id, s.dose_number, s.id_kind,
    NOT contains(' ' || p.name_key || ' ', ' ' || s.given_name || ' ') AS is_other_given,
    {given_accents_differ("s", "p")} AS is_other_accents, {MORE_OR_LESS_WORDS} AS has_other_words,
    CASE WHEN h.citizen_id IS NULL THEN 0 ELSE 1 END AS phone_level,
    CASE WHEN n.citizen_id IS NULL THEN 0 ELSE 1 END AS shown_number_level, {level_columns()},
    s.holder_communes IS NOT NULL AS number_is_held, year(s.vaccination_date) - s.birth_year >= {ADULT_YEARS} AS is_adult,
    CASE WHEN {_AT["missing"]} THEN NULL WHEN {_AT["same_commune"]} THEN s.commune_code
        WHEN {_AT["same_district"]} THEN s.district_code WHEN {_AT["same_province"]} THEN s.province_code END
        AS matched_unit
FROM {{candidate_pairs}} JOIN {{rows}} AS s USING (row_no)
JOIN {{candidate_people}} AS p USING (citizen_id)
LEFT JOIN phone_holders AS h USING (phone, citizen_id)
LEFT JOIN {{shown}} AS n USING (row_no, citizen_id)
LEFT JOIN (SELECT * FROM {{found_doses}} SEMI JOIN {{candidate_pairs}} USING (citizen_id)) AS g
    USING (citizen_id, dose_number)"""

# Beside each pair the shares that its weight needs.
WITH_SHARES = """{compared} AS compared CROSS JOIN all_people
JOIN {people_shares} USING (citizen_id)
LEFT JOIN unit_shares ON unit_shares.unit_code = matched_unit
LEFT JOIN {dose_shares} USING (dose_number)
LEFT JOIN carried_down USING (row_no)"""
SHARES = "all_people unit_shares carried_down"

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
# A number of the row's own that the registry does not know: perhaps a namesake's whom the extract lacks (sources link-9).
# One of another sex or birth year is a relative's, and says nothing against a citizen who agrees in all else
# (sources link-13).
AGREES_IN_ALL_ELSE = f"""({levels_in(NAME, "same_accented", "same_without_accents")} AND {levels_in(BIRTH, "same_day")}
    AND {levels_in(SEX, "same")} AND {levels_in(PLACE, "same_commune")})"""
OWN_UNKNOWN_NUMBER = f"""(id_kind = 'citizen_number' AND ({levels_in(NUMBER, "fits_an_absent_person")}
    OR ({levels_in(NUMBER, "other_number")} AND NOT {AGREES_IN_ALL_ELSE})))"""
# No number, and a given name of other letters that people bear: a twin's. (What nobody bears is a slip.)
NO_NUMBER = levels_in(NUMBER, "missing")
NAME_NEAR = ("cut_short", "near", "same_family_near_given")
OTHER_GIVEN_NAME = f"({NO_NUMBER} AND is_other_given AND {levels_in(NAME, *NAME_NEAR)})"
# Who else a row with a number may be about: of its sex and called as it is, living where the number's holder does (or
# the row's person, where nobody holds the number), and his dose of its number not found yet. The holder himself may be
# among them. Called as the row is: but for a middle name more or less, or wholly.
OF_ROWS_SEX = "coalesce(s.sex = p.sex, true)"
NEAR_NAME = f"(p.name_key = s.name_key OR {MORE_OR_LESS_WORDS})"
NAMESAKES = f"""
WITH asked AS (
    SELECT DISTINCT row_no, id_number, dose_number, name_key, family_name, given_name, sex,
        unnest(coalesce(holder_communes, [commune_code])) AS commune_code
    FROM unsettled_people WHERE id_number IS NOT NULL OR damaged_number IS NOT NULL),
in_registry AS (
    SELECT row_no,
        count(DISTINCT CASE WHEN {OF_ROWS_SEX} THEN citizen_id END) AS namesakes,
        count(DISTINCT CASE WHEN {OF_ROWS_SEX} AND p.name_key = s.name_key THEN citizen_id END) AS whole_namesakes,
        count(DISTINCT CASE WHEN {OF_ROWS_SEX} AND {NEAR_NAME} THEN citizen_id END) AS near_namesakes,
        count(DISTINCT CASE WHEN {NEAR_NAME} THEN citizen_id END) AS near_namesakes_of_any_sex
    FROM asked AS s JOIN placed_people AS p USING (commune_code, family_name, given_name)
    ANTI JOIN found_doses USING (citizen_id, dose_number)
    GROUP BY row_no),
in_rows AS (
    SELECT DISTINCT s.row_no, true AS is_named_in_rows
    FROM asked AS s JOIN unsettled_people AS o USING (commune_code, name_key)
    WHERE o.row_no != s.row_no AND o.id_number IS DISTINCT FROM s.id_number)
SELECT * FROM in_registry FULL JOIN in_rows USING (row_no)"""
# The holder of the number, not of another sex than the row, whose dose of its number no other row gives him (his own
# line would, from which the number could be copied): where nobody else can be meant, another name (his birth date), or
# an adult's date of another generation (his name), is a slip in his own row (sources link-10). A child's date may be a
# child's, listed under that number.
NOT_FOUND = levels_in(DOSE, "not_found_yet")
ANY_OWN_NUMBER = (
    f"""({levels_in(NUMBER, "same_citizen_number", "same_old_number")} OR shown_number_level = 1)"""
)
AT_HOME = levels_in(PLACE, "same_commune", "same_district_no_commune")
OWN_DOSE = f"({ANY_OWN_NUMBER} AND {levels_in(SEX, 'same', 'missing')})"
# Nearly as sure as the whole date, by chance or in a family: u and kin below .0001.
SAME_DATE = levels_in(BIRTH, "same_day", "day_month_swapped", "next_day", "year_exchanged")
OTHER_NAME_SLIP = f"""({NOT_FOUND} AND {levels_in(SEX, "same")} AND ({SAME_DATE} OR {levels_in(BIRTH, "same_year_imprecise")})
    AND (({levels_in(NAME, "same_family")} AND coalesce(near_namesakes, 0) = 0)
        OR ({levels_in(NAME, "different")} AND {AT_HOME} AND coalesce(near_namesakes_of_any_sex, 0) = 0
            AND NOT coalesce(is_named_in_rows, false))))"""
# A dose entered twice has the holder's own date beside it: then no namesake at all may lack the dose.
OTHER_DATE_SLIP = f"""(coalesce(is_adult, false) AND (
    ({levels_in(NAME, *NAME_SAME)} AND ({NOT_FOUND} AND coalesce(whole_namesakes, 0) <= 1
        OR {levels_in(DOSE, "recorded_twice")} AND coalesce(whole_namesakes, 0) = 0))
    OR ({levels_in(NAME, "same_family_and_given")} AND has_other_words AND {NOT_FOUND} AND {AT_HOME} AND coalesce(namesakes, 0) <= 1)))"""
# A slip in the number as well: nobody else's number is so near. Namesakes are then sought in the row's commune.
NEAR_NUMBER = levels_in(NUMBER, "one_slip", "one_slip_old", "damaged")
NEAR_NUMBER_SLIP = f"""({NEAR_NUMBER} AND {levels_in(SEX, "same")} AND {levels_in(PLACE, "same_commune")} AND coalesce(is_adult, false)
    AND {levels_in(NAME, *NAME_SAME)} AND {NOT_FOUND} AND coalesce(whole_namesakes, 0) <= 1)"""
OWN_SLIP = f"(({OWN_DOSE} AND ({OTHER_NAME_SLIP} OR {OTHER_DATE_SLIP})) OR {NEAR_NUMBER_SLIP})"
LEFT_TO_PEOPLE = f"""(({SAME_NAME} AND {levels_in(BIRTH, "generation_apart")} AND NOT {BIRTH_CARRIED_DOWN})
    OR ({levels_in(NAME, "same_family", "different")} AND NOT {NAME_CARRIED_DOWN})
    OR ({levels_in(NAME, "spelt_by_ear")} AND {levels_in(BIRTH, "generation_apart", "different")})
    OR ({levels_in(NAME, "same_family_and_given")} AND {levels_in(BIRTH, "different")} AND NOT {RENAMED_OFTEN})
    OR {OWN_UNKNOWN_NUMBER} OR {OTHER_GIVEN_NAME})"""
# Of two citizens near the row, born on its day in its commune, accents that are neither's choose none.
BY_LETTERS_ALONE = f"({NO_NUMBER} AND is_other_accents)"
IS_NEAR = f"""({levels_in(NAME, *NAME_SAME, *NAME_NEAR, "spelt_by_ear", "slip", "near_same_given", "same_family_and_given")}
    AND {levels_in(BIRTH, "same_day")} AND {levels_in(PLACE, "same_commune")})"""

WEIGHED = f"""
SELECT row_no, citizen_id, number_is_held, {LEFT_TO_PEOPLE} AND NOT {{own_slip}} AS left_to_people,
    {BY_LETTERS_ALONE} AS by_letters_alone, {IS_NEAR} AS is_near,
    {{match}} AS match_weight, {{kin}} AS kin_weight
FROM {WITH_SHARES} {{beside}}"""

# Against each candidate stand the others, and "none of them": a person the registry lacks, who may be a
# relative of a candidate and share place, family name, telephone or even the number.
POSTERIORS = """
SELECT row_no, citizen_id,
    left_to_people OR (by_letters_alone AND count_if(is_near) OVER same_row > 1) AS left_to_people, round(pow(2, match_weight) / (
    sum(pow(2, match_weight)) OVER same_row
    + (1 - {share}) * (CASE WHEN number_is_held THEN {stranger} ELSE 1 END + sum(pow(2, kin_weight)) OVER same_row)
    ), 6) AS match_probability
FROM {weighed}
WINDOW same_row AS (PARTITION BY row_no)"""

LINKS = """
SELECT row_no, citizen_id, 'probabilistic' AS link_method, match_probability FROM {posteriors}
WHERE match_probability >= {link_from} AND NOT left_to_people"""

REVIEW = """
SELECT row_no, citizen_id, match_probability FROM posteriors ANTI JOIN best_links USING (row_no)
QUALIFY round(sum(match_probability) OVER (PARTITION BY row_no), 9) >= {review_from}"""

# By pairs, not by rows: a row of a crowded district has ten times the candidates of others, and what every part reads
# whole grows with the country.
PARTS = """
SELECT min(row_no), max(row_no) FROM (
    SELECT row_no, (sum(pairs) OVER (ORDER BY row_no) - 1) // {part_pairs} AS part
    FROM (SELECT row_no, count(*) AS pairs FROM {candidates} GROUP BY row_no))
GROUP BY part ORDER BY part"""

COUNTED_SHARE = "(SELECT share FROM registry_share)"


def sure_step(model: LinkageModel) -> Step:
    """Return the step that links what the narrow search makes almost certain, on the model's own share."""
    share = f"{model.share_in_registry}::DOUBLE"
    posteriors = f"({_posteriors(model, share, 'narrow_weighed')})"
    query = LINKS.format(posteriors=posteriors, link_from=model.sure_from)
    parts = _parts(model, "open_people", share, "narrow_")
    return Step("sure_links", "one row linked by the narrow search", "narrow_weighed", query, parts=parts)


def score_steps(model: LinkageModel) -> tuple[Step, ...]:
    """Return the steps that decide between link and review on all that was found, and on what the run taught."""
    posteriors = _posteriors(model, COUNTED_SHARE, "weighed")
    shown = f"SELECT * FROM ({posteriors}) WHERE match_probability >= {model.show_from}"
    best = LINKS.format(posteriors="posteriors", link_from=model.link_from)
    review = REVIEW.format(review_from=model.review_from)
    parts = _parts(model, "unsettled_people", COUNTED_SHARE)
    return (
        Step(
            "namesakes",
            "one row whom others may be meant by",
            "unsettled_people placed_people found_doses",
            NAMESAKES,
        ),
        Step("posteriors", "one probable pair", "weighed registry_share", shown, parts=parts),
        Step("best_links", "one row linked by its best candidate", "posteriors", best),
        Step("review", "one row and one citizen for people to compare", "posteriors best_links", review),
    )


def _posteriors(model: LinkageModel, share: str, weighed: str) -> str:
    return POSTERIORS.format(share=share, stranger=model.number_of_stranger, weighed=weighed)


OF_A_SEARCH = (
    *("candidates", "candidate_pairs", "candidate_people", "found_doses", "dose_shares"),
    *("people_shares", "compared", "weighed"),
)


def _parts(model: LinkageModel, rows: str, share: str, prefix: str = "") -> Parts:
    """Return the steps from a search's candidates to their weights, part by part of the table `rows`."""
    names = {name: f"{prefix}{name}" for name in OF_A_SEARCH} | {"rows": rows}
    candidates, pairs, people, found, dose_shares, people_shares, compared, weighed, _ = names.values()
    match, kin = (model.weight_sql(hypothesis, share) for hypothesis in ("m", "kin"))
    is_last = share == COUNTED_SHARE
    levels = f"{pairs} {rows} {people} phone_holders {found}" + (" shown_numbers" if is_last else "")
    shown = "shown_numbers" if is_last else f"(SELECT row_no, citizen_id FROM {pairs} WHERE false)"
    shares = f"{compared} {SHARES} {dose_shares} {people_shares}" + (
        " registry_share namesakes" if is_last else ""
    )
    # Only what is settled tells whose dose is found: the narrow search cannot know yet.
    own_slip, beside = (OWN_SLIP, "LEFT JOIN namesakes USING (row_no)") if is_last else ("false", "")
    weighed_query = WEIGHED.format(match=match, kin=kin, own_slip=own_slip, beside=beside, **names)
    body = (
        Step(
            pairs,
            "one row and one citizen, and the edits between their names",
            f"{candidates} ruled_out {rows} {people}",
            CANDIDATE_PAIRS.format(**names),
        ),
        Step(compared, "one pair, level by level", levels, COMPARED.format(shown=shown, **names)),
        Step(weighed, "one pair and its weights", shares, weighed_query),
    )
    return Parts(PARTS.format(candidates=candidates, part_pairs=PART_PAIRS), body)
