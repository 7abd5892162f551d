"""What a reader should know of the people behind the figures: flags that change no count, as counts.

A too-short interval counts and a birth known to the year stands as 1 July, and both are to be said
(sources count-6, count-8): this table says them.
"""

from analysis.coverage.inputs import by_unit_sql
from analysis.steps import Plan, Step, written

# What is noted, and the column that tells it.
MOST_DOSES = 5  # the highest number the ministry ever reported: 116,791 fifth doses on 18/8/2022
PERSON_NOTES = {
    "too_many_doses": f"doses_known > {MOST_DOSES}",
    "interval_too_short": "has_short_interval",
    "mixed_products": "is_mixed",
    "unknown_product": "has_unknown_product",
    "dose_not_recorded": "has_unrecorded_dose",
}
BIRTH_NOTES = {"birth_year_only": "is_birth_year_only", "birth_date_missing": "birth_day IS NULL"}

# Counted by district once, then for each unit.
NOTED = """
SELECT province_id, district_id, {counts}, count(*) AS of_people
FROM {source} GROUP BY province_id, district_id"""

NOTES = """
SELECT u.unit_level, u.unit_code, basis, note, sum(people) AS people, sum(of_people) AS of_people
FROM ({by_unit})
JOIN units AS u USING (unit_id) JOIN units_with_files USING (unit_id) GROUP BY ALL"""

# Of each basis: the tables read, what of them is counted (platform rows, living residents with a dose, all living
# residents), and the notes.
SOURCES = {
    "recorded": ("counted_rows", "counted_rows", BIRTH_NOTES),
    "reconciled": (
        "residents series",
        "(SELECT * FROM residents JOIN series USING (citizen_id) WHERE is_alive)",
        PERSON_NOTES | BIRTH_NOTES,
    ),
    "registry": ("residents", "(SELECT * FROM residents WHERE is_alive)", BIRTH_NOTES),
}


def note_steps() -> Plan:
    """Return the steps to `series_notes`.

    Notes: `interval_too_short` (by `least_interval_days` of `vaccines.csv`), `mixed_products`, `unknown_product`,
    `dose_not_recorded` (a later number proves it), `birth_year_only`, `birth_date_missing`,
    `too_many_doses` (over MOST_DOSES different ones).
    """
    steps, parts = [], []
    for basis, (reads, source, notes) in SOURCES.items():
        counts = ", ".join(f'count(*) FILTER ({test}) AS "{note}"' for note, test in notes.items())
        query = NOTED.format(source=source, counts=counts)
        steps.append(
            Step(f"{basis}_notes", f"one district's counts of the {basis} basis by note", reads, query)
        )
        parts += [
            by_unit_sql(f"{basis}_notes", f"'{basis}' AS basis, '{n}' AS note, \"{n}\" AS people, of_people")
            for n in notes
        ]
    reads = " ".join([step.table for step in steps] + ["units", "units_with_files"])
    return (*steps, written("series_notes", reads, NOTES.format(by_unit=" UNION ALL ".join(parts))))
