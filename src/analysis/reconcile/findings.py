"""What the registry side should look at: found while linking, decided by the police, never by us."""

# A 9-digit number that two citizens hold: numbers were issued twice (271450001–271500000, domain.md C2).
OLD_NUMBER_SHARED = """
SELECT 'old_number_shared' AS kind, citizen_id, old_number AS evidence
FROM old_numbers QUALIFY count(*) OVER (PARTITION BY old_number) > 1"""

# One person under two citizen numbers: name, full birth date, sex and home commune all the same.
TWO_NUMBERS_ONE_PERSON = """
SELECT 'two_numbers_one_person', citizen_id, other
FROM (SELECT unnest(numbers) AS citizen_id, numbers FROM (
    SELECT list(citizen_id) AS numbers FROM people
    WHERE birth_on IS NOT NULL AND name_key LIKE '% %' AND home_commune IS NOT NULL
    GROUP BY name_accented, birth_on, sex, home_commune HAVING count(*) > 1)) AS one,
    LATERAL (SELECT unnest(one.numbers) AS other)
WHERE other != citizen_id"""

DOSE_AFTER_DEATH = """
SELECT DISTINCT 'dose_after_death', l.citizen_id, l.source_file || ':' || l.source_row
FROM links AS l JOIN doses AS d USING (source_file, source_row) JOIN people AS p USING (citizen_id)
WHERE d.is_counted AND p.life_status = 'dead' AND d.vaccination_date > p.death_date"""

# The registry side once answered "đúng", or a person decided, yet the number is not in this extract.
CONFIRMED_BUT_ABSENT = """
SELECT 'confirmed_but_absent', coalesce(l.citizen_id, d.id_number), l.source_file || ':' || l.source_row
FROM links AS l JOIN doses AS d USING (source_file, source_row)
LEFT JOIN people AS p ON p.citizen_id = coalesce(l.citizen_id, d.id_number)
WHERE p.citizen_id IS NULL AND NOT d.is_rejected
  AND (l.citizen_id IS NOT NULL OR (d.police_result = 'đúng' AND d.id_kind = 'citizen_number'))"""


def findings_query() -> str:
    """Return the query of the table `registry_findings`; it reads the written `links` and `doses`."""
    kinds = (OLD_NUMBER_SHARED, TWO_NUMBERS_ONE_PERSON, DOSE_AFTER_DEATH, CONFIRMED_BUT_ABSENT)
    return "\nUNION ALL\n".join(f"({kind})" for kind in kinds)
