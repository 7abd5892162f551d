"""What the registry side should look at: found while linking, decided by the police, never by us (sources link-6)."""

from analysis.steps import Step, written

# A 9-digit number that two citizens hold: numbers were issued twice (271450001–271500000, sources id-4).
OLD_NUMBER_SHARED = """
SELECT 'old_number_shared' AS kind, citizen_id, old_number AS evidence
FROM old_numbers
SEMI JOIN (SELECT old_number FROM old_numbers GROUP BY old_number HAVING count(*) > 1) USING (old_number)"""

# One person under two citizen numbers: name, full birth date, sex and home commune all the same. Those whose
# description another has are found first, by its hash: to gather everybody is dear.
TWO_NUMBERS_ONE_PERSON = """
WITH described AS (
    SELECT citizen_id, hash(name_key_hash, birth_on, home_commune) AS description FROM people
    WHERE birth_on IS NOT NULL AND name_key LIKE '% %'),
alike AS (
    SELECT people.* FROM people JOIN (
        SELECT citizen_id FROM described
        SEMI JOIN (SELECT description FROM described GROUP BY 1 HAVING count(*) > 1) USING (description))
    USING (citizen_id))
SELECT 'two_numbers_one_person', one.citizen_id, other.citizen_id
FROM alike AS one JOIN alike AS other USING (name_accented, birth_on, home_commune)
WHERE one.citizen_id != other.citizen_id AND one.sex IS NOT DISTINCT FROM other.sex"""

DOSE_AFTER_DEATH = """
SELECT 'dose_after_death', l.citizen_id, d.source_file || ':' || d.source_row
FROM citizens AS r JOIN linked AS l USING (citizen_id) JOIN dose_rows AS d USING (row_no)
WHERE r.life_status = 'dead' AND d.is_counted AND d.vaccination_date > r.death_date"""

# The registry side once answered "đúng", or a person decided, yet the number is not in this extract.
CONFIRMED_BUT_ABSENT = """
WITH confirmed AS (
    SELECT d.row_no, d.id_number AS citizen_id FROM dose_rows AS d ANTI JOIN linked USING (row_no)
    WHERE NOT d.is_rejected AND d.police_result = 'đúng' AND d.id_kind = 'citizen_number'
    UNION ALL
    SELECT row_no, citizen_id FROM linked WHERE link_method = 'decision')
SELECT 'confirmed_but_absent', c.citizen_id, d.source_file || ':' || d.source_row
FROM (SELECT * FROM confirmed ANTI JOIN people USING (citizen_id)) AS c JOIN dose_rows AS d USING (row_no)
WHERE NOT d.is_rejected"""

# People answered that someone due for a dose has moved away or died; the evidence is the decision (sources due-4).
SAID_OF_THE_PERSON = """
SELECT DISTINCT 'said_' || x.ground, x.citizen_id, x.decision_id
FROM decisions AS x LEFT JOIN citizens AS r USING (citizen_id)
WHERE x.bound AND x.decision = 'do_not_invite'
  AND (x.ground = 'moved' OR (x.ground = 'deceased' AND r.life_status IS DISTINCT FROM 'dead'))"""

KINDS = (
    OLD_NUMBER_SHARED,
    TWO_NUMBERS_ONE_PERSON,
    DOSE_AFTER_DEATH,
    CONFIRMED_BUT_ABSENT,
    SAID_OF_THE_PERSON,
)
FINDINGS = "\nUNION ALL\n".join(f"({kind})" for kind in KINDS)


def findings_step(has_registry: bool) -> Step:
    """Return the step that writes `registry_findings`; without a registry there is nothing to look at."""
    query = FINDINGS if has_registry else f"{FINDINGS} LIMIT 0"
    return written("registry_findings", "citizens people old_numbers linked dose_rows decisions", query)
