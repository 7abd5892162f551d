"""The deterministic rules, strongest first. Each links rows to exactly one citizen or leaves them open.

A full agreement of name, birth date, sex and place links before any ID that only some fields confirm: a
relative's number typed by mistake must not win. Everything weaker is scored
(sources link-4).
"""

from analysis.reconcile.comparisons import YEAR_ONLY
from analysis.reconcile.search_tables import IN_PARTS
from analysis.steps import Step

SAME_BIRTH = f"(s.birth_on = p.birth_on OR (s.birth_year = p.birth_year AND {YEAR_ONLY}))"
AGREE = f"s.name_key = p.name_key AND {SAME_BIRTH} AND (s.sex = p.sex OR s.sex IS NULL)"

# A row has one kind of number, so that neither of the two rules of numbers can take a row from the other.
UNDECIDED_ROWS = "SELECT * FROM searched ANTI JOIN decided USING (row_no)"

# An ID never links by itself: name and birth date confirm it, and the sex does not contradict.
CITIZEN_NUMBER_LINKS = f"""
SELECT s.row_no, p.citizen_id
FROM undecided_rows AS s JOIN people AS p ON p.citizen_id = s.id_number
ANTI JOIN ruled_out AS r ON r.row_no = s.row_no AND r.citizen_id = p.citizen_id
WHERE s.id_kind = 'citizen_number' AND {AGREE}"""

# Numbers were issued twice in the past: only one agreeing holder may remain.
OLD_NUMBER_LINKS = f"""
SELECT s.row_no, p.citizen_id
FROM undecided_rows AS s JOIN old_numbers AS o ON o.old_number = s.id_number
JOIN people AS p ON p.citizen_id = o.citizen_id
ANTI JOIN ruled_out AS r ON r.row_no = s.row_no AND r.citizen_id = p.citizen_id
WHERE s.id_kind = 'old_number' AND {AGREE}
QUALIFY count(*) OVER (PARTITION BY s.row_no) = 1"""

# Few enough to be copied: what follows reads them many times.
NUMBERLESS = f"""
{IN_PARTS} (SELECT * FROM searched_whole
    ANTI JOIN citizen_number_links USING (row_no) ANTI JOIN old_number_links USING (row_no)
    ANTI JOIN decided USING (row_no))"""

PERSON_KEY = "name_key, birth_on, sex, commune_code"


def given_accents_differ(row: str, citizen: str) -> str:
    """Return the SQL of whether the given name is another one of the same letters, in a name typed with accents.

    "Vàng Thị May" beside "Mây": a slip, or a twin. A name typed without any accent contradicts nothing.
    """
    given, other = (f"split_part({side}.name_accented, ' ', -1)" for side in (row, citizen))
    return (
        f"CASE WHEN {row}.name_key = {citizen}.name_key AND {row}.name_accented != {citizen}.name_accented "
        f"THEN {given} != {other} AND {row}.name_accented != {row}.name_key ELSE false END"
    )


# Unique on both sides: one citizen of the commune has this name, birth date and sex, and the rows that
# share them name at most one ID between them.
UNIQUE_ROWS = f"""
SELECT {PERSON_KEY} FROM searched SEMI JOIN numberless USING (name_key, commune_code)
WHERE name_key LIKE '% %' AND birth_on IS NOT NULL AND sex IS NOT NULL AND commune_code IS NOT NULL
  AND NOT (birth_month = 1 AND birth_day = 1)
GROUP BY ALL HAVING count(DISTINCT id_number) <= 1"""

UNIQUE_PEOPLE = f"""
SELECT {PERSON_KEY}, any_value(citizen_id) AS citizen_id, any_value(name_accented) AS name_accented
FROM placed_people
SEMI JOIN numberless USING (name_key, birth_on)
GROUP BY ALL HAVING count(DISTINCT citizen_id) = 1"""

# A number that nobody holds may be the right one of a person the registry lacks, and one that a namesake holds
# may be the row's own, under a date that is not: such rows are scored. So are those whose given name is typed with
# other accents than the citizen's: "May" may be the twin of "Mây" whom the registry lacks.
UNIQUE_LINKS = f"""
SELECT row_no, citizen_id
FROM numberless AS s JOIN unique_rows USING ({PERSON_KEY}) JOIN unique_people AS p USING ({PERSON_KEY})
ANTI JOIN ruled_out USING (row_no, citizen_id)
WHERE (s.id_number IS NULL AND NOT {given_accents_differ("s", "p")})
    OR EXISTS (FROM people AS holder WHERE holder.citizen_id = s.id_number AND holder.name_key != s.name_key)"""

RULES = {
    "decision": "decided_links",
    "same_citizen_number": "citizen_number_links",
    "same_old_number": "old_number_links",
    "name_birth_date_sex_place": "unique_links",
}
# A table: of a union the engine takes the first part's statistics for the whole, and orders joins by them.
RULE_LINKS = "\nUNION ALL\n".join(
    f"SELECT row_no, citizen_id, '{rule}' AS link_method, 1::DOUBLE AS match_probability FROM {table}"
    for rule, table in RULES.items()
)

OPEN_ROWS = "SELECT * FROM numberless ANTI JOIN unique_links USING (row_no)"

_NUMBERS = "undecided_rows people ruled_out"
_LEFT = "searched_whole citizen_number_links old_number_links decided"
_UNIQUE = "numberless unique_rows unique_people ruled_out people"
STEPS = (
    Step("undecided_rows", "one row nobody decided on", "searched decided", UNDECIDED_ROWS, is_view=True),
    Step("citizen_number_links", "one row linked by citizen number", _NUMBERS, CITIZEN_NUMBER_LINKS),
    Step("old_number_links", "one row linked by old number", f"{_NUMBERS} old_numbers", OLD_NUMBER_LINKS),
    Step("numberless", "one row that no number links, in parts", _LEFT, NUMBERLESS),
    Step("unique_rows", "one description of a person in rows", "searched numberless", UNIQUE_ROWS),
    Step("unique_people", "one description of one citizen alone", "placed_people numberless", UNIQUE_PEOPLE),
    Step("unique_links", "one row linked by a description that is one citizen's", _UNIQUE, UNIQUE_LINKS),
    Step("rule_links", "one row linked by a rule", " ".join(RULES.values()), RULE_LINKS),
    Step("open_rows", "one row that no rule links", "numberless unique_links", OPEN_ROWS, is_view=True),
)
