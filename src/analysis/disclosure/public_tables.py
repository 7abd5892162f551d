"""Every public table: what of the run's counts is published, to which level, and which rule each count follows."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.disclosure.coverage_queries import (
    ADULTS,
    BRIDGE,
    COVERAGE,
    ESTIMATE,
    RESIDENTS,
    TO_DISTRICTS,
    TO_PROVINCES,
)
from analysis.disclosure.policy import SMALLEST_SHOWN, Treatment
from analysis.disclosure.record_queries import (
    FIELDS_TO_CORRECT,
    ID_KINDS,
    PLAIN_COMPARISON,
    QUALITY,
    REVIEW,
    VERDICT,
    by_kind,
    records_by,
    told_whole,
)

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
    is shown: column → (part, whole). `follows` are columns told only beside a count that is shown whole.
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


# By product second doses alone: of those the stock of each is to be counted. The row without product is the total.
OF_SECOND = "next_dose = 2 AND state IN ('due', 'overdue')"
DUE = (
    "SELECT unit_level, unit_code, next_dose, state, NULL AS previous_product, sum(people)::BIGINT AS people "
    f"FROM due_counts WHERE {TO_PROVINCES} OR ({TO_DISTRICTS} AND {OF_SECOND}) GROUP BY ALL "
    "UNION ALL SELECT unit_level, unit_code, next_dose, state, coalesce(previous_product, 'unknown'), "
    f"sum(people)::BIGINT FROM due_counts WHERE {TO_PROVINCES} AND {OF_SECOND} GROUP BY ALL"
)
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
    "coverage_estimate": PublicTable(
        ESTIMATE,
        ("series_status",),
        ("people",),
        (Rule("true", HEADLINE),),
        among="among",
        follows=("people_low", "people_high"),
        is_of_counts=True,
    ),
    # Among the residents with a dose whom the note could be about.
    "series_notes": PublicTable(
        "SELECT unit_level, unit_code, note, people, of_people AS among FROM series_notes "
        f"WHERE basis = 'reconciled' AND note = 'dose_not_recorded' AND {TO_PROVINCES} "
        f"AND of_people >= {2 * SMALLEST_SHOWN}",
        ("note",),
        ("people",),
        OF_PEOPLE,
        among="among",
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
        records_by("link_status", VERDICT), ("link_status",), ("rows",), OF_PEOPLE, part="link_status"
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
        follows=PLAN_NUMBERS,
    ),
    "nowcast": PublicTable(
        f"SELECT * FROM nowcast WHERE {TO_PROVINCES} AND age_group = '{ADULTS}' AND {told_whole('nowcast', 'reference_date')}"
    ),
    "forecast": PublicTable(f"SELECT * FROM forecast WHERE {TO_PROVINCES} AND age_group = '{ADULTS}'"),
    "past_forecasts": PublicTable(
        f"SELECT * FROM past_forecasts WHERE {TO_PROVINCES} AND age_group = '{ADULTS}' "
        f"AND {told_whole('past_forecasts', 'target_date')}"
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
    "quality": PublicTable(QUALITY),
}
