"""The rows to score, and what must be known about names, places and telephones to weigh them.

They are those that no rule linked (`scored_rows`); an explanation puts the rows that an analyst chose there.
"""

from analysis.intake.syllables import is_plain_syllable
from analysis.reconcile.search_tables import CLAN_LAST
from analysis.steps import Step

# A syllable that no more than this share of citizens bears is taken for a slip of the keyboard; in a small
# extract, where many names happen to be missing, only what cannot be a Vietnamese syllable is.
RARE_SHARE = 2e-6
LARGE_REGISTRY = 50_000

# An extract is part of a country: these strangers are assumed beside the people it holds, so that a short
# list does not make every agreement look like proof.
UNSEEN_IN_COMMUNE = 50
UNSEEN_IN_FAMILY = 5
UNSEEN_NAMES = 2_000
SMALLEST_COUNTRY = 1_000_000

RARE_SYLLABLES = f"""
WITH syllables AS (
    SELECT syllable, count(*) AS people
    FROM (SELECT unnest(split(name_key, ' ')) AS syllable FROM people) GROUP BY syllable),
typed AS (SELECT DISTINCT unnest(split(name_key, ' ')) AS syllable FROM
    (SELECT DISTINCT name_key FROM scored_rows))
SELECT syllable FROM typed LEFT JOIN syllables USING (syllable)
WHERE coalesce(people, 0) <= (SELECT count(*) FROM people) * {RARE_SHARE}"""
ODD_SYLLABLES = f"""
SELECT t0 AS syllable FROM rare_syllables
WHERE NOT is_plain OR (SELECT count(*) FROM people) >= {LARGE_REGISTRY}"""

# What a row shows beside the citizen: an odd syllable, initials instead of a name, and where the holders
# of the typed number live (null: nobody holds it).
BEHIND_Y = f"CASE WHEN {CLAN_LAST} THEN substr(name_key, 3) ELSE name_key END"  # no initial, this one
OPEN_PEOPLE = f"""
WITH open AS (SELECT * FROM scored_rows),
odd AS (
    SELECT DISTINCT name_key FROM (
        SELECT name_key, unnest(split(name_key, ' ')) AS syllable FROM (SELECT DISTINCT name_key FROM open))
    SEMI JOIN odd_syllables USING (syllable)),
typed AS (SELECT DISTINCT id_number FROM open WHERE id_number IS NOT NULL),
numbers AS (
    SELECT id_number, id_number AS citizen_id FROM typed
    UNION ALL SELECT old_number, citizen_id FROM old_numbers JOIN typed ON id_number = old_number),
held AS (
    SELECT id_number, flatten(list([home_commune, stay_commune])) AS holder_communes,
        flatten(list([home_commune || ' ' || family_name, stay_commune || ' ' || family_name]))
            AS holder_families
    FROM numbers JOIN people USING (citizen_id) GROUP BY id_number)
SELECT open.*, replace(open.name_key, ' ', '') AS compact_name, odd.name_key IS NOT NULL AS has_odd_syllable,
    coalesce(regexp_matches({BEHIND_Y}, '(^| )[a-z]($| )'), false) AS has_initials,
    holder_communes, holder_families
FROM open LEFT JOIN odd USING (name_key) LEFT JOIN held USING (id_number)"""

# What was carried down from the line above, which is another person's: a birth date, or a name beside a number
# and a date of its own. (The line of one's other dose has one's own name.)
CARRIED_DOWN = """
SELECT o.row_no, a.birth_date = o.birth_date AND a.name_key != o.name_key AS birth_carried_down,
    a.name_key = o.name_key AND a.birth_date != o.birth_date
        AND a.dose_number IS NOT DISTINCT FROM o.dose_number AS name_carried_down
FROM open_people AS o JOIN searched_whole AS a ON a.row_no = o.row_no - 1 AND a.source_file = o.source_file
WHERE a.id_number != o.id_number AND length(o.birth_date) = 10
    AND (a.birth_date = o.birth_date OR a.name_key = o.name_key)"""

# Telephones of citizens whose rows a rule linked: households share them, so they only lead to candidates.
PHONE_HOLDERS = """
SELECT DISTINCT s.phone, l.citizen_id
FROM rule_links AS l JOIN searched AS s USING (row_no)
SEMI JOIN (SELECT DISTINCT phone FROM open_people) AS o ON o.phone = s.phone
WHERE s.phone IS NOT NULL"""

# Shares where the citizen lives: a lineage's name is rare in the country and common in its valley. One
# more bearer than the registry has is assumed, so that a share is never zero.
SHARES = """
WITH sizes AS (SELECT home_province, count(*) AS people FROM people GROUP BY 1),
counted AS (
    SELECT home_province, {columns}, count(*) AS bearers FROM people
    SEMI JOIN (SELECT DISTINCT {columns} FROM open_people) USING ({columns})
    GROUP BY ALL)
SELECT home_province, {columns}, (bearers + 1)::DOUBLE / (people + {unseen}) AS {name}_share
FROM counted JOIN sizes USING (home_province)"""

ALL_PEOPLE = f"""
SELECT greatest(count(*), {SMALLEST_COUNTRY})::DOUBLE AS all_people FROM people"""

UNIT_SHARES = f"""
SELECT unit_code, (people + {UNSEEN_IN_COMMUNE}) / all_people AS unit_share FROM all_people, (
    SELECT home_commune AS unit_code, count(*) AS people FROM people GROUP BY 1
    UNION ALL SELECT home_district, count(*) FROM people GROUP BY 1
    UNION ALL SELECT home_province, count(*) FROM people GROUP BY 1)
WHERE unit_code IS NOT NULL"""

# Share of all citizens who live in one commune under one family name: among them relatives are found.
FAMILY_SHARES = f"""
SELECT home_commune, family_name, (count(*) + {UNSEEN_IN_FAMILY}) / any_value(all_people) AS family_share
FROM people CROSS JOIN all_people
GROUP BY 1, 2"""


def _shares(name: str, columns: str, row: str) -> Step:
    query = SHARES.format(name=name, columns=columns, unseen=UNSEEN_NAMES)
    return Step(f"{name}_shares", f"the share of {row} in one province", "people open_people", query)


STEPS = (
    Step("scored_rows", "one row to score", "open_rows", "SELECT * FROM open_rows", is_view=True),
    Step(
        "rare_syllables",
        "one syllable of rows' names that hardly a citizen bears",
        "people scored_rows",
        RARE_SYLLABLES,
        columns={"is_plain": "BOOLEAN"},
        clean=lambda syllable: (is_plain_syllable(syllable),),
    ),
    Step("odd_syllables", "one syllable taken for a slip", "rare_syllables people", ODD_SYLLABLES),
    Step("open_people", "one row to score", "scored_rows odd_syllables old_numbers people", OPEN_PEOPLE),
    Step("carried_down", "one row that repeats the one above", "open_people searched_whole", CARRIED_DOWN),
    Step("phone_holders", "one telephone of one citizen", "rule_links searched open_people", PHONE_HOLDERS),
    Step("all_people", "one number: the people of the country", "people", ALL_PEOPLE),
    _shares("name", "name_key", "one name"),
    _shares("family_given", "family_name, given_name", "one family and given name"),
    Step("unit_shares", "the share of all people at home in one unit", "all_people people", UNIT_SHARES),
    Step("family_shares", "one family's share in one commune", "people all_people", FAMILY_SHARES),
)
