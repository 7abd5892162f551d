"""Which population a unit's coverage is set against: one source and date per unit and age group (sources count-10)."""

from analysis.clean.quality.shown_names import shown_sql
from analysis.coverage.membership import AGES
from analysis.engine import sql_text
from analysis.settings import RunParameters
from analysis.steps import Plan, Step

# The preferred source wins, else the latest reference date not after as_of; the source's name breaks ties.
DENOMINATORS = f"""
SELECT u.unit_id, a.age_id, p.population, p.source AS population_source,
       p.reference_date AS population_date
FROM population AS p
JOIN units AS u ON u.unit_code = p.unit_code
JOIN {AGES} USING (age_group)
WHERE p.population IS NOT NULL AND p.reference_date <= DATE '{{as_of}}'
QUALIFY row_number() OVER (PARTITION BY u.unit_id, a.age_id
    ORDER BY {{preference}}, p.reference_date DESC, p.source NULLS LAST, p.population) = 1"""


def denominator_steps(run: RunParameters) -> Plan:
    """Return the step that makes `denominators`.

    `settings.population_sources` gives the sources in order of preference; a unit that none of them
    covers takes the latest of the others. A unit without any has no row: nothing is added up or guessed.
    """
    preference = preference_sql(run.settings.population_sources)
    query = DENOMINATORS.format(as_of=run.as_of, preference=preference)
    shown = shown_sql(query, "text", ["population_source"])
    return (
        Step("denominators", "one unit and age group's population", "population units file_names", shown),
    )


def preference_sql(sources: tuple[str, ...]) -> str:
    """Return SQL that ranks `p.source` by the order of preference; all others come after, equal."""
    cases = " ".join(f"WHEN {sql_text(source)} THEN {rank}" for rank, source in enumerate(sources))
    return f"CASE p.source {cases} ELSE {len(sources)} END" if sources else "0"
