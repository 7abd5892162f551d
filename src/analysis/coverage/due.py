"""Who is due for the next dose: residents by the registry, planned from their linked doses.

The list invites people by name, so its mistakes hurt: someone whose dose exists but is not linked must not
be called unvaccinated. Such people carry `check_first`; those a decision keeps from being invited are left
out and counted (sources due-3).
"""

from analysis.coverage.ages import ADULT_AGE, birthday_sql
from analysis.coverage.inputs import by_unit_sql
from analysis.engine import sql_text
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written

# Living residents of provinces with platform files whose primary series is not complete. Without files of
# the province nothing is known of its people, and nobody may be called unvaccinated.
UNFINISHED_RESIDENTS = """
SELECT r.citizen_id, r.commune_code, r.district_id, r.province_id,
       coalesce(s.doses_known, 0) + 1 AS next_dose, s.last_product AS previous_product,
       s.last_date AS previous_date, w.days_from IS NOT NULL AS has_window,
       CAST(s.last_date + w.days_from AS DATE) AS due_from,
       CAST(s.last_date + w.days_until AS DATE) AS due_until
FROM residents AS r
JOIN units AS p ON p.unit_id = r.province_id
JOIN file_provinces AS f ON f.province_code = p.unit_code
LEFT JOIN series AS s USING (citizen_id)
LEFT JOIN (VALUES {windows}) AS w(product, days_from, days_until) ON w.product = s.last_product
WHERE r.is_alive AND s.complete_date IS NULL
  AND (s.citizen_id IS NOT NULL OR {adult_from} <= DATE '{as_of}')"""

# Citizens a dose may belong to although it does not count for them: a candidate awaits a person's decision,
# or a linked dose, or one added on paper, lies after as_of or has no possible date.
UNSETTLED_CITIZENS = """
SELECT c.citizen_id FROM clerical_candidates AS c JOIN links AS l USING (source_file, source_row)
WHERE l.link_status = 'clerical_review'
UNION
SELECT l.citizen_id FROM links AS l JOIN doses AS d USING (source_file, source_row)
WHERE l.link_status IN ('verified', 'matched') AND NOT d.is_counted AND l.citizen_id IS NOT NULL
UNION
SELECT citizen_id FROM decisions
WHERE decision = 'add_dose' AND bound AND TRY_CAST(split_part(value, '|', 3) AS DATE) > DATE '{as_of}'"""

# Rows of nobody known, as far as they describe a person. A person's decision for a number that the extract lacks may
# be a slip of the pen: whoever the row describes is not invited unseen.
LOOSE_ROWS = """
SELECT DISTINCT d.name_key, list_sort(split(d.name_key, ' ')) AS syllables, d.birth_date,
       left(d.birth_date, 4) AS birth_year, d.sex, d.id_number, d.district_code, d.commune_code
FROM doses AS d JOIN links AS l USING (source_file, source_row)
LEFT JOIN (SELECT citizen_id AS known_id FROM citizens) AS r ON l.link_method = 'decision' AND known_id = l.citizen_id
WHERE NOT d.is_rejected AND l.duplicate_of IS NULL
  AND (l.link_status IN ('clerical_review', 'not_in_registry', 'insufficient')
    OR (l.link_method = 'decision' AND l.citizen_id IS NOT NULL AND known_id IS NULL))"""

DUE_CITIZENS = """
SELECT r.citizen_id, r.name_key, list_sort(split(r.name_key, ' ')) AS syllables, r.birth_date,
       left(r.birth_date, 4) AS birth_year, r.sex, r.old_id_numbers, h.commune_code, u.unit_code AS district_code
FROM citizens AS r JOIN unfinished_residents AS h USING (citizen_id)
LEFT JOIN units AS u ON u.unit_id = h.district_id"""

# Two numbers that differ in one digit (of one length: an edit apart) share their last six, or their first nine, or all
# but the middle three.
NUMBER_BLOCKS = ("right({}, 6)", "left({}, 9)", "left({0}, 6) || right({0}, 3)")
NEAR_PAIRS = " UNION ".join(
    "SELECT p.citizen_id, x.id_number FROM due_citizens AS p JOIN loose_rows AS x "
    f"ON {block.format('p.citizen_id')} = {block.format('x.id_number')} WHERE length(x.id_number) = 12 "
    "AND length(p.citizen_id) = 12"
    for block in NUMBER_BLOCKS
)
NEAR_NUMBERS = f"SELECT citizen_id FROM ({NEAR_PAIRS}) WHERE levenshtein(citizen_id, id_number) = 1"

# A loose row may be this citizen's: the same number, or one with a single digit changed; the same name and
# full birth date anywhere; the same name and birth year in one district; the same syllables in another order
# and birth year in one commune; the same name in one commune where no birth date was typed.
POSSIBLE_DOSES = """
SELECT p.citizen_id FROM due_citizens AS p JOIN loose_rows AS x ON x.id_number = p.citizen_id
UNION
SELECT p.citizen_id FROM (SELECT citizen_id, unnest(old_id_numbers) AS old_number FROM due_citizens) AS p
JOIN loose_rows AS x ON x.id_number = p.old_number
UNION
SELECT citizen_id FROM near_numbers
UNION
SELECT p.citizen_id FROM due_citizens AS p
JOIN loose_rows AS x USING (commune_code, birth_year, syllables) WHERE coalesce(p.sex = x.sex, true)
UNION
SELECT p.citizen_id FROM due_citizens AS p JOIN loose_rows AS x USING (name_key, birth_date)
WHERE length(p.birth_date) = 10 AND coalesce(p.sex = x.sex, true)
UNION
SELECT p.citizen_id FROM due_citizens AS p JOIN loose_rows AS x USING (name_key, birth_year, district_code)
WHERE coalesce(p.sex = x.sex, true)
UNION
SELECT p.citizen_id FROM due_citizens AS p JOIN loose_rows AS x USING (name_key, commune_code)
WHERE x.birth_date IS NULL AND coalesce(p.sex = x.sex, true)"""

# The words of `due_counts.state`, the first that applies. `no_window`: the product has no planned interval.
DUE_STATES = """
SELECT c.*, k.citizen_id IS NOT NULL AS check_first,
       CASE WHEN n.citizen_id IS NOT NULL THEN 'do_not_invite'
            WHEN previous_date IS NOT NULL AND NOT has_window THEN 'no_window'
            WHEN due_from > DATE '{as_of}' THEN 'not_yet_due'
            WHEN k.citizen_id IS NOT NULL THEN 'check_first'
            WHEN due_until < DATE '{as_of}' THEN 'overdue' ELSE 'due' END AS state
FROM unfinished_residents AS c
LEFT JOIN (SELECT citizen_id FROM unsettled_citizens UNION SELECT citizen_id FROM possible_doses) AS k
     USING (citizen_id)
LEFT JOIN (SELECT DISTINCT coalesce(nullif(x.citizen_id, ''), l.citizen_id) AS citizen_id
           FROM decisions AS x LEFT JOIN links AS l USING (source_file, source_row)
           WHERE x.decision = 'do_not_invite') AS n USING (citizen_id)"""

DUE = """
SELECT citizen_id, commune_code, next_dose, previous_product, previous_date, due_from, due_until, check_first
FROM due_states WHERE state IN ('due', 'overdue', 'check_first')"""

DUE_COUNTS = f"""
SELECT u.unit_level, u.unit_code, previous_product, state, next_dose, count(*) AS people
FROM ({by_unit_sql("due_states", "previous_product, state, next_dose")})
JOIN units AS u USING (unit_id) JOIN units_with_files USING (unit_id) GROUP BY ALL"""


def due_steps(run: RunParameters) -> Plan:
    """Return the steps to `due` and `due_counts`; without a registry both are empty.

    An adult without any dose is due for a first one, without a window; under 18 nobody is (sources due-1).
    States of `due_counts`: `due`, `overdue`, `check_first`, `not_yet_due`, `no_window`, `do_not_invite`;
    they partition the living residents whose primary series is not complete. The country is there when
    all its provinces have files.
    """
    windows = run.settings.due_windows.items()
    unfinished = UNFINISHED_RESIDENTS.format(
        windows=", ".join(f"({sql_text(p)}, {low}, {high})" for p, (low, high) in sorted(windows)),
        adult_from=birthday_sql("r.birth_day", ADULT_AGE),
        as_of=run.as_of,
    )
    return (
        Step(
            "unfinished_residents",
            "one living resident whose primary series is not complete",
            "residents units file_provinces series",
            unfinished,
        ),
        Step(
            "unsettled_citizens",
            "one citizen who may have a dose that does not count",
            "clerical_candidates links doses decisions",
            UNSETTLED_CITIZENS.format(as_of=run.as_of),
        ),
        Step(
            "loose_rows",
            "one description of a person in rows of nobody known",
            "doses links citizens",
            LOOSE_ROWS,
        ),
        Step(
            "due_citizens",
            "one unfinished resident as the registry describes the person",
            "citizens unfinished_residents units",
            DUE_CITIZENS,
        ),
        Step("near_numbers", "one citizen a digit off a loose row", "due_citizens loose_rows", NEAR_NUMBERS),
        Step(
            "possible_doses",
            "one unfinished resident whom a loose row may describe",
            "due_citizens loose_rows near_numbers",
            POSSIBLE_DOSES,
        ),
        Step(
            "due_states",
            "one unfinished resident and the word of the person's state",
            "unfinished_residents unsettled_citizens possible_doses decisions links",
            DUE_STATES.format(as_of=run.as_of),
        ),
        written("due", "due_states", DUE),
        written("due_counts", "due_states units units_with_files", DUE_COUNTS),
    )
