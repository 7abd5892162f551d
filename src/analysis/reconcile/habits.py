"""What the run itself teaches about its people: whose names change, who is vaccinated, who has which dose.

Counted anew in every run from the rows that are linked already, so that the model need not guess the habits
of a province or the stage of a campaign. Few rows teach little: each share starts from an assumed one that
weighs as much as so many rows or people.
"""

from analysis.reconcile.comparisons import SAME_FAMILY, SAME_GIVEN
from analysis.reconcile.duplicates import DAYS_APART
from analysis.reconcile.linkage_model import LinkageModel
from analysis.steps import Step

# Mông men take another middle name after their first child (sources name-6), and family names nearly tell the
# people. Counted on rows whose own number, birth date and sex prove the person without his name.
RENAMED_ROWS = 200
RENAMED_SHARES = f"""
WITH renamed AS (
    SELECT p.home_province, p.family_name, p.sex, count(*) AS renamed
    FROM open_rows AS s JOIN people AS p ON p.citizen_id = s.id_number
    WHERE s.birth_on = p.birth_on AND s.sex = p.sex AND {SAME_FAMILY} AND {SAME_GIVEN}
      AND s.name_key != p.name_key
    GROUP BY ALL),
proved AS (
    SELECT home_province, family_name, sex, count(*) AS proved
    FROM rule_links JOIN people USING (citizen_id) WHERE link_method = 'same_citizen_number' GROUP BY ALL)
SELECT home_province, family_name, sex,
    (coalesce(renamed, 0) + {{assumed}} * {RENAMED_ROWS}) / (coalesce(renamed, 0) + proved + {RENAMED_ROWS})
        AS renamed_share
FROM proved LEFT JOIN renamed USING (home_province, family_name, sex)"""

# How much more often than others the citizens born in a year are found: hardly ever those under age.
BIRTH_YEAR_ROWS = 20
BIRTH_YEAR_RATIOS = f"""
WITH found AS (
    SELECT birth_year, count(*) AS found FROM rule_links JOIN people USING (citizen_id) GROUP BY 1),
born AS (SELECT birth_year, count(*) AS people FROM people GROUP BY 1),
counted AS (
    SELECT birth_year, coalesce(found, 0) AS found,
        people * sum(found) OVER () / sum(people) OVER () AS expected
    FROM born LEFT JOIN found USING (birth_year))
SELECT birth_year,
    (found + {BIRTH_YEAR_ROWS}) / (coalesce(expected, 0) + {BIRTH_YEAR_ROWS}) AS birth_year_ratio
FROM counted"""

# A citizen whose first dose is there already is hardly the person of another first dose.
FOUND_DOSES = """
SELECT l.citizen_id, s.dose_number, min(s.vaccination_date) AS first_on, max(s.vaccination_date) AS last_on
FROM {links} AS l JOIN searched AS s USING (row_no)
WHERE s.dose_number IS NOT NULL AND s.vaccination_date IS NOT NULL
GROUP BY ALL"""

DOSE_PEOPLE = 1000
FOUND_SHARE = 0.3  # of citizens, those whose dose of one number is found; assumed beside what is counted
MOST_FOUND = 0.99  # people may have decided for more citizens than a short extract holds
TWICE_SHARE = 0.01  # of people with a dose, those whose dose of one number is recorded on two days; likewise
DOSE_SHARES = f"""
SELECT dose_number,
    least((count(*) + {FOUND_SHARE} * {DOSE_PEOPLE}) / (any_value(registry) + {DOSE_PEOPLE}), {MOST_FOUND})
        AS found_share,
    (count(*) FILTER (last_on > first_on + {DAYS_APART}) + {TWICE_SHARE} * {DOSE_PEOPLE})
        / (count(*) + {DOSE_PEOPLE}) AS twice_share
FROM {{found_doses}}, (SELECT count(*) AS registry FROM people) GROUP BY 1"""

# The registry lacks many old numbers. One that stands in a linked row of somebody leads to him from another row, where
# all rows that have it and are linked are one citizen's (sources link-15).
SHOWN_NUMBERS = """
SELECT o.row_no, any_value(l.citizen_id) AS citizen_id
FROM unsettled_people AS o JOIN searched AS s USING (id_number) JOIN settled_links AS l ON l.row_no = s.row_no
WHERE o.id_kind = 'old_number' AND o.holder_communes IS NULL
GROUP BY o.row_no HAVING count(DISTINCT l.citizen_id) = 1"""

# No more rows can lack their citizen than are unlinked. The model's own share is the least, because a short
# list of rows, or the registry of another province, says nothing about it.
MOST_IN_REGISTRY = 0.99  # an extract that lacks nobody would make any resemblance proof
REGISTRY_SHARE = f"""
SELECT greatest({{least}}::DOUBLE, least(coalesce(linked / nullif(rows, 0), 0), {MOST_IN_REGISTRY}::DOUBLE)) AS share
FROM (SELECT count(*) AS rows FROM searched),
    (SELECT count(*) AS linked FROM searched SEMI JOIN settled_links USING (row_no))"""


def habit_steps(model: LinkageModel) -> tuple[Step, ...]:
    """Return what the rules' links teach of names and years; the model's share of renamed ones is assumed."""
    renamed = RENAMED_SHARES.format(assumed=model.renamed_share)
    return (
        Step("renamed_shares", "one family's share renamed", "open_rows people rule_links", renamed),
        Step("birth_year_ratios", "one year's people found", "rule_links people", BIRTH_YEAR_RATIOS),
    )


def found_steps(links: str, prefix: str = "") -> tuple[Step, Step]:
    """Return what links teach of doses: those found of a citizen, and how many have found theirs."""
    doses = f"{prefix}found_doses"
    shares = DOSE_SHARES.format(found_doses=doses)
    return (
        Step(doses, "one citizen's dose of one number", f"{links} searched", FOUND_DOSES.format(links=links)),
        Step(f"{prefix}dose_shares", "one dose number, how often found", f"{doses} people", shares),
    )


def shown_step() -> Step:
    """Return the step of the citizens whose linked rows show an open row's number that the registry lacks."""
    return Step(
        "shown_numbers",
        "one open row and the citizen whose other row has its number",
        "unsettled_people searched settled_links",
        SHOWN_NUMBERS,
    )


def share_step(model: LinkageModel) -> Step:
    """Return the step of the share of rows whose person the registry has."""
    query = REGISTRY_SHARE.format(least=model.share_in_registry)
    return Step(
        "registry_share",
        "one number: the share of rows whose person is known",
        "searched settled_links",
        query,
    )
