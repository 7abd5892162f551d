"""Every public table: what of the run's counts is published, to which level, and which rule each count follows."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.disclosure.policy import SMALLEST_SHOWN, Treatment
from analysis.disclosure.record_queries import (
    FIELDS_TO_CORRECT,
    ID_KINDS,
    PLAIN_COMPARISON,
    by_kind,
    records_by,
    with_files,
)

ADULTS = "18+"
LEVELS = ("country", "province", "district", "commune")
EXACT = dict.fromkeys(LEVELS, Treatment.EXACT)
COUNTED = {
    "country": Treatment.COUNTED,
    "province": Treatment.COUNTED,
    "district": Treatment.ROUNDED,
    "commune": Treatment.ROUNDED,
}
HEADLINE = COUNTED | {"country": Treatment.HEADLINE, "province": Treatment.HEADLINE}


@dataclass(frozen=True)
class Rule:
    """What becomes of a table's counts in the rows of an SQL condition, by level of the unit."""

    where: str
    treatments: Mapping[str, Treatment]


@dataclass(frozen=True)
class PublicTable:
    """One public table. A row is what the aggregate table's row is, folded as `query` says.

    `counts` are the columns that rules protect, `among` the SQL of the number of people they are of (null:
    none). The first rule whose condition holds counts; without rules nothing in the table is of people.
    `part` is the key whose values sum to the row where it is null. A `rate` is a percentage told from what
    is shown: column → (part, whole). `follows` are columns told only beside a count that is shown.
    `is_of_counts`: a row without its count says nothing and is left out. `sums`: a count → those of its row that
    are parts of it.
    """

    query: str
    keys: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    among: str = "NULL"
    part: str = ""
    rates: Mapping[str, tuple[str, str]] | None = None
    follows: tuple[str, ...] = ()
    source: str = ""
    is_of_counts: bool = False
    sums: Mapping[str, tuple[str, ...]] | None = None

    def made_from(self, name: str) -> str:
        """Return the aggregate table without which there is none of this name."""
        return self.source or name


TO_DISTRICTS = "unit_level IN ('country', 'province', 'district')"
TO_PROVINCES = "unit_level IN ('country', 'province')"
# Between how many people truth may lie is told where it is not a handful.
FEW_BETWEEN = "(people - people_low BETWEEN 1 AND 9 OR people_high - people BETWEEN 1 AND 9)"
BOUND = f"CASE WHEN {TO_PROVINCES} AND NOT {FEW_BETWEEN} THEN {{0}} END AS {{0}}"
# Residents are told to the ten below the province: how many of them are not vaccinated is as sensitive.
RESIDENTS = (
    f"CASE WHEN {TO_PROVINCES} THEN registry_population WHEN registry_population >= 10 "
    "THEN (registry_population + 5) // 10 * 10 END AS registry_population"
)
AMONG = "CASE basis WHEN 'recorded' THEN population WHEN 'reconciled' THEN registry_population END"
# Of fewer than twenty people any count, or its complement, would be too small: they are told with the unit above.
COVERAGE = f"""
SELECT * REPLACE ({BOUND.format("people_low")}, {BOUND.format("people_high")}, {RESIDENTS}),
    {AMONG} AS among
FROM coverage WHERE people IS NOT NULL AND coalesce({AMONG} >= {2 * SMALLEST_SHOWN}, true) AND (
    (age_group = '{ADULTS}' AND {TO_DISTRICTS})
    OR (basis <> 'reported' AND reference_date = (SELECT max(reference_date) FROM coverage)
        AND (age_group = '{ADULTS}' OR {TO_DISTRICTS})))"""

# Steps of 1 to 9 people are told with the rest, and while what they make up is itself so small, the next smallest too.
BRIDGE_ENDS = "('reported', 'reconciled')"
OWN = "PARTITION BY unit_level, unit_code, series_status"
BRIDGE = f"""
WITH steps AS (
    SELECT *, step IN {BRIDGE_ENDS} AS is_end FROM coverage_bridge WHERE {TO_PROVINCES}
    QUALIFY count(*) FILTER (step IN {BRIDGE_ENDS} AND people BETWEEN 1 AND 9) OVER ({OWN}) = 0),
sizes AS (
    SELECT *, row_number() OVER sizes AS place, sum(people) OVER sizes AS so_far FROM steps
    WHERE NOT is_end AND (people <> 0 OR step = 'remainder')
    WINDOW sizes AS ({OWN} ORDER BY step <> 'remainder', abs(people), step)),
folded AS (
    SELECT unit_level, unit_code, series_status,
        coalesce(min(place) FILTER (place >= small AND abs(so_far) NOT BETWEEN 1 AND 9), max(place)) AS up_to
    FROM (SELECT *, 1 + count(*) FILTER (step <> 'remainder' AND abs(people) BETWEEN 1 AND 9) OVER ({OWN}) AS small
          FROM sizes)
    GROUP BY ALL)
SELECT unit_level, unit_code, series_status, s.step, s.step_order,
    CASE WHEN s.step = 'remainder' THEN r.so_far WHEN z.place <= up_to THEN NULL ELSE s.people END::BIGINT AS people,
    coalesce(s.step <> 'remainder' AND z.place <= up_to, false) AS is_folded
FROM steps AS s LEFT JOIN folded USING (unit_level, unit_code, series_status)
LEFT JOIN sizes AS z USING (unit_level, unit_code, series_status, step)
LEFT JOIN (SELECT unit_level, unit_code, series_status, place AS up_to, so_far FROM sizes) AS r
    USING (unit_level, unit_code, series_status, up_to)"""


# By product second doses alone: of those the stock of each is to be counted. The row without product is the total.
OF_SECOND = "next_dose = 2 AND state IN ('due', 'overdue')"
DUE = (
    "SELECT unit_level, unit_code, next_dose, state, NULL AS previous_product, sum(people)::BIGINT AS people "
    f"FROM due_counts WHERE {TO_PROVINCES} OR ({TO_DISTRICTS} AND {OF_SECOND}) GROUP BY ALL "
    "UNION ALL SELECT unit_level, unit_code, next_dose, state, coalesce(previous_product, 'unknown'), "
    f"sum(people)::BIGINT FROM due_counts WHERE {TO_PROVINCES} AND {OF_SECOND} GROUP BY ALL"
)
# Among all records left to people of the unit (`verification`): of fewer than twenty none is told.
REVIEW = f"""
WITH placed_reviews AS (
    SELECT if(unit_code = 'VN', 'country', 'province') AS unit_level, * FROM review_by_age),
counted AS (
    SELECT unit_level, unit_code, age_group, sum(rows)::BIGINT AS rows
    FROM {with_files("placed_reviews")} GROUP BY ALL)
SELECT g.*, a.rows AS among
FROM counted AS g JOIN counted AS a USING (unit_level, unit_code)
WHERE g.age_group <> 'all' AND a.age_group = 'all' AND a.rows >= {2 * SMALLEST_SHOWN}"""
# Doses at places are exact, and so are all of a unit (`entry_progress`); of a product a few would be a few people's,
# and weeks and numbers fewer still.
PRODUCTS = (
    f"SELECT unit_level, unit_code, product, sum(doses)::BIGINT AS doses FROM doses_by_product WHERE {TO_PROVINCES} "
    "GROUP BY ALL UNION ALL "
    f"SELECT unit_level, unit_code, NULL, sum(doses)::BIGINT FROM doses_by_product WHERE {TO_PROVINCES} GROUP BY ALL"
)
# What is needed a day follows from the records to verify: below the province, where those are rounded, it is not told.
PLAN_NUMBERS = ("done_per_day", "fall_per_day", "cleared_on", "needed_per_day", "people_needed")
OF_ROUNDED = ", ".join(
    f"CASE WHEN {TO_PROVINCES} OR task = 'enter' THEN {column} END AS {column}" for column in PLAN_NUMBERS
)
ENTRY_PLAN = f"SELECT * REPLACE ({OF_ROUNDED}) FROM entry_plan WHERE {TO_DISTRICTS}"
# How many is told of what is told exactly elsewhere; the other tasks are told without their number, for a sum
# of counts one of which is withheld would give that one away.
TASKS = (
    """SELECT * REPLACE (CASE WHEN task IN ('first_doses', 'enter') THEN figure END AS figure) FROM tasks"""
)
FEEDBACK = (
    "received",
    "received_due",
    "closed_in_time",
    "open_late",
    "approved",
    "refused",
    "needs_information",
)
OF_PEOPLE = (Rule("true", COUNTED),)

PUBLIC_TABLES: dict[str, PublicTable] = {
    "coverage": PublicTable(
        COVERAGE,
        ("reference_date", "age_group", "series_status", "basis"),
        ("people",),
        (
            Rule("basis = 'reported'", EXACT),
            Rule(
                f"age_group = '{ADULTS}' AND series_status IN ('at_least_one', 'primary_complete')", HEADLINE
            ),
            Rule("true", COUNTED),
        ),
        among="among",
        rates={
            "coverage_pct": ("people", "population"),
            "coverage_registry_pct": ("people", "registry_population"),
        },
        follows=("people_low", "people_high"),
        is_of_counts=True,
    ),
    "coverage_by_sex": PublicTable(
        f"SELECT * REPLACE ({RESIDENTS}), registry_population AS among FROM coverage_by_sex "
        f"WHERE registry_population >= {2 * SMALLEST_SHOWN}",
        ("sex", "series_status"),
        ("people",),
        (Rule("sex IS NULL", HEADLINE), Rule("true", COUNTED)),
        among="among",
        part="sex",
        is_of_counts=True,
    ),
    "coverage_bridge": PublicTable(BRIDGE, ("series_status", "step")),
    "entry_progress": PublicTable(
        f"SELECT * FROM entry_progress WHERE {TO_DISTRICTS}",
        ("reference_date",),
        ("duplicate_doses",),
        OF_PEOPLE,
    ),
    "supply": PublicTable(f"SELECT * FROM supply WHERE {TO_DISTRICTS}", ("reference_date",)),
    "verification": PublicTable(
        records_by("link_status"), ("link_status",), ("rows",), OF_PEOPLE, part="link_status"
    ),
    "police_results": PublicTable(
        records_by("police_result"),
        ("police_result",),
        ("rows",),
        OF_PEOPLE,
        part="police_result",
        source="verification",
    ),
    "signatures": PublicTable(
        records_by("signature_status"),
        ("signature_status",),
        ("rows",),
        OF_PEOPLE,
        part="signature_status",
        source="verification",
    ),
    "fields_to_correct": PublicTable(
        FIELDS_TO_CORRECT,
        ("differing_field",),
        ("rows",),
        OF_PEOPLE,
        part="differing_field",
        source="verification",
    ),
    "plain_comparison": PublicTable(
        PLAIN_COMPARISON, (), ("four_field_rows",), OF_PEOPLE, source="verification"
    ),
    "review_by_age": PublicTable(REVIEW, ("age_group",), ("rows",), OF_PEOPLE, among="among"),
    "doses_by_product": PublicTable(
        PRODUCTS,
        ("product",),
        ("doses",),
        (Rule("product IS NULL", EXACT), Rule("true", COUNTED)),
        part="product",
    ),
    "feedback": PublicTable(
        f"SELECT * FROM feedback WHERE {TO_DISTRICTS}",
        (),
        FEEDBACK,
        OF_PEOPLE,
        rates={"in_time_pct": ("closed_in_time", "received_due")},
        sums={
            "received": ("approved", "refused", "needs_information"),
            "received_due": ("closed_in_time", "open_late"),
        },
    ),
    "due_counts": PublicTable(
        DUE,
        ("next_dose", "state", "previous_product"),
        ("people",),
        OF_PEOPLE,
        part="previous_product",
    ),
    **{
        name: PublicTable(by_kind(name, kind, count), (kind,), (count,), OF_PEOPLE, part=kind)
        for name, kind, count in (
            ("rosters", "link_status", "rows"),
            ("registry_findings_counts", "kind", "findings"),
            ("confirmations", "ground_kind", "confirmations"),
            ("updates_arrived", "update_state", "updates"),
        )
    },
    "citizen_cards": PublicTable(
        f"SELECT * REPLACE ({RESIDENTS}), registry_population AS among FROM citizen_cards "
        f"WHERE {TO_DISTRICTS} AND registry_population >= {2 * SMALLEST_SHOWN}",
        (),
        ("without_card",),
        OF_PEOPLE,
        among="among",
    ),
    "id_kinds": PublicTable(
        ID_KINDS, ("id_kind",), ("rows",), OF_PEOPLE, part="id_kind", source="verification"
    ),
    "new_entries": PublicTable(f"SELECT * FROM new_entries WHERE {TO_DISTRICTS}"),
    "entry_plan": PublicTable(
        ENTRY_PLAN,
        ("task",),
        ("backlog",),
        (Rule("task = 'enter'", EXACT), Rule("true", COUNTED)),
        follows=(
            *PLAN_NUMBERS,
            "plan_days",
        ),
    ),
    "nowcast": PublicTable(f"SELECT * FROM nowcast WHERE {TO_PROVINCES} AND age_group = '{ADULTS}'"),
    "forecast": PublicTable(f"SELECT * FROM forecast WHERE {TO_PROVINCES} AND age_group = '{ADULTS}'"),
    "past_forecasts": PublicTable(
        f"SELECT * FROM past_forecasts WHERE {TO_PROVINCES} AND age_group = '{ADULTS}'"
    ),
    "targets": PublicTable(f"SELECT * FROM targets WHERE {TO_PROVINCES}"),
    "first_dose_deadlines": PublicTable("SELECT * FROM first_dose_deadlines"),
    "rates_above_100": PublicTable(
        f"SELECT unit_level, unit_code, basis, series_status, main_cause FROM rates_above_100 WHERE {TO_DISTRICTS}"
    ),
    "confidence": PublicTable(f"SELECT * FROM confidence WHERE {TO_DISTRICTS}"),
    "tasks": PublicTable(TASKS),
    # A sample's estimates: of rows, of a country or provinces, never of a person.
    "link_audit": PublicTable("SELECT * FROM link_audit WHERE stratum = 'all'"),
    "suspicious_days": PublicTable("SELECT * FROM suspicious_days"),
    "quality": PublicTable("SELECT * FROM quality"),
}
