"""Columns, types, grain and zone of every table that crosses a stage; the one place that writes them."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import duckdb

from analysis.engine import Engine, sql_files
from analysis.errors import CheckError
from analysis.settings import RunParameters


class Zone(Enum):
    """Who may see a table: rows per person stay `restricted`, counts are `aggregate`."""

    RESTRICTED = "restricted"
    AGGREGATE = "aggregate"


@dataclass(frozen=True)
class Table:
    """One table: what a row is, the columns with their SQL types, and the columns that identify a row.

    Written in the order of its grain, unless `is_ordered` is False: then as the rows come.
    """

    name: str
    zone: Zone
    row: str
    columns: dict[str, str]
    grain: tuple[str, ...]
    is_ordered: bool = True
    compression: str = "zstd"

    def path(self, run: RunParameters) -> Path:
        """Return the table's file in a run."""
        return run.processed / self.zone.value / f"{self.name}.parquet"


def _columns(text: str, kind: str = "VARCHAR") -> dict[str, str]:
    return dict.fromkeys(text.split(), kind)


ROW_KEY = {"source_file": "VARCHAR", "source_row": "BIGINT"}
UNIT = _columns("unit_level unit_code")

# Cleaned fields (interfaces, platform/); `*_typed` keep what the cell said where a later stage needs it.
PERSON_FIELDS = _columns(
    "full_name birth_date sex phone id_number health_insurance_number nationality ethnicity"
) | _columns("priority_group workplace province_code district_code commune_code address")
DOSE_FIELDS = (
    {"dose_number": "INTEGER"}
    | _columns("vaccine lot_number")
    | {"vaccination_date": "DATE"}
    | _columns("facility_name facility_code")
    | {"entry_date": "DATE"}
    | _columns("police_result signature_status reaction note")
)
# name_key: unaccented, Đ mapped, lower case, single spaces. name_accented: canonical NFC lower case.
# id_kind: citizen_number (12 valid), old_number (9), passport, insurance, phone, malformed, missing.
DERIVED_PERSON_FIELDS = _columns(
    "full_name_typed id_number_typed birth_date_typed sex_typed "
    "name_key name_accented id_kind birth_precision"
)

TABLES: dict[str, Table] = {}


def _define(name: str, zone: Zone, row: str, columns: dict[str, str], grain: str) -> None:
    TABLES[name] = Table(name, zone, row, columns, tuple(grain.split()))


_define(
    "doses",
    Zone.RESTRICTED,
    "one dose record of an export, rejected ones too (`is_rejected`)",
    ROW_KEY
    | _columns("dose_record_id")
    | PERSON_FIELDS
    | DOSE_FIELDS
    | _columns("place_given_province_code place_given_district_code place_given_source")
    | {"reason_codes": "VARCHAR[]", "is_rejected": "BOOLEAN", "is_foreigner": "BOOLEAN"}
    # is_counted: not rejected, vaccination date possible and both dates on or before as_of.
    | {"is_counted": "BOOLEAN"}
    | DERIVED_PERSON_FIELDS,
    "source_file source_row",
)
_define(
    "place_counts",
    Zone.AGGREGATE,
    "dose records not rejected, by province of residence as typed (found, missing, unresolved)",
    _columns("province_code place_state") | {"rows": "BIGINT"},
    "province_code place_state",
)
_define(
    "unmapped_places",
    Zone.RESTRICTED,
    "one typed residence that leads to no unit at a level, with the units found above it",
    # candidates: codes of at most five units that the text may mean, nearest first (clean/fields/place_candidates.py).
    _columns("unit_level province_code district_code typed") | {"rows": "BIGINT", "candidates": "VARCHAR[]"},
    "unit_level province_code district_code typed",
)
_define(
    "roster_rows",
    Zone.RESTRICTED,
    "one person listed before vaccination",
    ROW_KEY
    | PERSON_FIELDS
    | {"reason_codes": "VARCHAR[]", "is_rejected": "BOOLEAN", "is_foreigner": "BOOLEAN"}
    | DERIVED_PERSON_FIELDS,
    "source_file source_row",
)
# A country is dear to sort and nothing published depends on its order: as the extract has it.
TABLES["citizens"] = Table(
    "citizens",
    Zone.RESTRICTED,
    "one citizen of the population registry's extract, cleaned",
    _columns("citizen_id")
    | {"old_id_numbers": "VARCHAR[]"}
    | _columns("full_name birth_date birth_precision sex ethnicity_code")
    | _columns("permanent_commune_code current_commune_code life_status")
    | {"death_date": "DATE", "id_card_issued_on": "DATE"}
    | _columns("name_key name_accented"),
    ("citizen_id",),
    is_ordered=False,
    compression="lz4",
)
_define(
    "decisions",
    Zone.RESTRICTED,
    "one decision in force (or withdrawn, or unbound), with the row it binds to",
    _columns("decision_id")
    | {"bound": "BOOLEAN"}
    | ROW_KEY
    | _columns("decision citizen_id field value ground decided_by")
    | {"decided_on": "DATE"}
    # content_key: hash of the cleaned fields of the row, so that a later week finds it without record id.
    | _columns("dose_record_id content_key"),
    "decision_id",
)
_define(
    "daily_reports",
    Zone.RESTRICTED,
    "one reporting unit's counts of one day (intake, typed; no person, but internal)",
    {"report_date": "DATE"}
    | _columns("province_code district_code reporting_body")
    | _columns(
        "doses_allocated doses_received doses_administered dose_1 dose_2 dose_3_plus doses_discarded",
        "BIGINT",
    ),
    "report_date province_code district_code reporting_body",
)
_define(
    "population",
    Zone.RESTRICTED,
    "one denominator of the intake (typed)",
    _columns("unit_code age_group")
    | {"population": "BIGINT"}
    | _columns("source")
    | {"reference_date": "DATE"},
    "unit_code age_group source reference_date",
)
_define(
    "feedback_items",
    Zone.RESTRICTED,
    "one citizen's feedback (typed)",
    _columns("feedback_id")
    | {"received_at": "TIMESTAMP"}
    | _columns("province_code district_code commune_code facility_code kind status refusal_ground")
    | {"closed_at": "TIMESTAMP"},
    "feedback_id",
)
_define(
    "file_names",
    Zone.RESTRICTED,
    "one name of the intake that is shown as `kind:number` outside the restricted zone",
    # kind: file (also a sheet or an archive member), header, text (a facility, a population's source).
    {"kind": "VARCHAR", "number": "BIGINT", "name": "VARCHAR"},
    "kind number",
)
_define(
    "links",
    Zone.RESTRICTED,
    "the verdict on one dose record",
    ROW_KEY
    | _columns("dose_record_id citizen_id link_status link_method")
    | {"match_probability": "DOUBLE", "differing_fields": "VARCHAR[]", "four_field_match": "BOOLEAN"}
    | _columns("duplicate_of"),
    "source_file source_row",
)
_define(
    "clerical_candidates",
    Zone.RESTRICTED,
    "one citizen a person must compare with one dose record",
    ROW_KEY | _columns("citizen_id") | {"match_probability": "DOUBLE"},
    "source_file source_row citizen_id",
)
_define(
    "roster_checks",
    Zone.RESTRICTED,
    "the verdict on one roster row",
    ROW_KEY
    | _columns("citizen_id link_status")
    | {"differing_fields": "VARCHAR[]", "doses_found": "INTEGER"},
    "source_file source_row",
)
_define(
    "due",
    Zone.RESTRICTED,
    "one registry citizen due or overdue",
    _columns("citizen_id commune_code")
    | {"next_dose": "INTEGER"}
    | _columns("previous_product")
    | {"previous_date": "DATE", "due_from": "DATE", "due_until": "DATE", "check_first": "BOOLEAN"},
    "citizen_id",
)
_define(
    "registry_findings",
    Zone.RESTRICTED,
    "one thing the registry side should look at",
    _columns("kind citizen_id evidence"),
    "kind citizen_id evidence",
)
_define(
    "coverage",
    Zone.AGGREGATE,
    "one unit, day, age group, series status and basis",
    UNIT
    | {"reference_date": "DATE"}
    | _columns("age_group series_status basis")
    | {"people": "BIGINT", "population": "BIGINT", "coverage_pct": "DECIMAL(9,2)"}
    | {"population_source": "VARCHAR", "population_date": "DATE"}
    | {"people_low": "BIGINT", "people_high": "BIGINT", "registry_population": "BIGINT"}
    | {"coverage_registry_pct": "DECIMAL(9,2)"},
    "unit_level unit_code reference_date age_group series_status basis",
)
_define(
    "series_notes",
    Zone.AGGREGATE,
    "one thing to know of the people (or rows) behind a unit's figures at as_of",
    UNIT | _columns("basis note") | _columns("people of_people", "BIGINT"),
    "unit_level unit_code basis note",
)
_define(
    "coverage_by_sex",
    Zone.AGGREGATE,
    "one unit's adults of a sex (null: all of them) who are reconciled as vaccinated at as_of",
    UNIT | _columns("sex series_status") | _columns("people registry_population", "BIGINT"),
    "unit_level unit_code sex series_status",
)
_define(
    "coverage_bridge",
    Zone.AGGREGATE,
    "one step from the reported to the reconciled count of adults",
    UNIT | _columns("series_status step") | {"people": "BIGINT", "step_order": "INTEGER"},
    "unit_level unit_code series_status step",
)
_define(
    "entry_progress",
    Zone.AGGREGATE,
    "one unit of place given and day",
    UNIT
    | {"reference_date": "DATE", "doses_recorded": "BIGINT", "doses_administered": "BIGINT"}
    | {"entry_pct": "DECIMAL(9,2)", "backlog": "BIGINT", "median_entry_days": "DECIMAL(9,1)"}
    | {"doses_entered_last_7_days": "BIGINT", "duplicate_doses": "BIGINT"},
    "unit_level unit_code reference_date",
)
_define(
    "entry_plan",
    Zone.AGGREGATE,
    "one unit's way out of a backlog: doses to enter, or records to verify",
    UNIT
    | _columns("task")
    | {"backlog": "BIGINT", "done_per_day": "DECIMAL(12,1)", "fall_per_day": "DECIMAL(12,1)"}
    | {"cleared_on": "DATE"}
    | _columns("needed_per_day people_needed plan_days", "BIGINT"),
    "unit_level unit_code task",
)
DELAY_COLUMNS = {
    "doses": "BIGINT",
    "within_1_day_pct": "DECIMAL(9,2)",
    "within_7_days_pct": "DECIMAL(9,2)",
    "median_days": "INTEGER",
    "days_90_pct": "INTEGER",
}
_define(
    "entry_delays",
    Zone.AGGREGATE,
    "how late the doses given in one unit reached the platform",
    UNIT | DELAY_COLUMNS,
    "unit_level unit_code",
)
_define(
    "facility_delays",
    Zone.AGGREGATE,
    "how late the doses of one facility reached the platform (ten doses or more)",
    _columns("province_code district_code facility_code facility_name") | DELAY_COLUMNS,
    "province_code district_code facility_code facility_name",
)
_define(
    "reporting_triangle",
    Zone.AGGREGATE,
    "doses of one unit of residence, status and day given that were entered in the week up to a date",
    UNIT | _columns("series_status") | _columns("vaccination_date entered_by", "DATE") | {"doses": "BIGINT"},
    "unit_level unit_code series_status vaccination_date entered_by",
)
_define(
    "first_doses_by_product",
    Zone.AGGREGATE,
    "first doses of one unit of residence, product and week",
    UNIT | {"reference_date": "DATE"} | _columns("vaccine") | {"doses": "BIGINT"},
    "unit_level unit_code reference_date vaccine",
)
_define(
    "rates_above_100",
    Zone.AGGREGATE,
    "one unit whose people outnumber its denominator, with what explains it",
    UNIT
    | _columns("series_status basis")
    | _columns("people population", "BIGINT")
    | {"coverage_pct": "DECIMAL(9,2)"}
    | _columns("people_above given_to_others duplicates denominator_gap", "BIGINT")
    | _columns("main_cause"),
    "unit_level unit_code series_status basis",
)
_define(
    "rankings",
    Zone.AGGREGATE,
    "one unit's place among its like, by use of allocation or by coverage",
    UNIT | _columns("ranking") | {"value_pct": "DECIMAL(9,2)", "rank": "INTEGER", "of_units": "INTEGER"},
    "unit_level unit_code ranking",
)
_define(
    "supply",
    Zone.AGGREGATE,
    "one reporting unit and day: doses allocated, received, used (province body; others beside)",
    UNIT
    | {"reference_date": "DATE"}
    | _columns("doses_allocated doses_received doses_administered doses_discarded", "BIGINT")
    | {"used_pct": "DECIMAL(9,2)", "other_bodies_administered": "BIGINT"},
    "unit_level unit_code reference_date",
)
_define(
    "dose_flows",
    Zone.AGGREGATE,
    "doses given in one province to residents of one province",
    _columns("given_province_code residence_province_code") | {"doses": "BIGINT"},
    "given_province_code residence_province_code",
)
_define(
    "verification",
    Zone.AGGREGATE,
    "rows and people by state of verification",
    UNIT
    | _columns("id_kind link_status differing_field")
    | {"four_field_match": "BOOLEAN"}
    | _columns("police_result signature_status")
    | {"rows": "BIGINT", "people": "BIGINT"},
    "unit_level unit_code id_kind link_status differing_field four_field_match "
    "police_result signature_status",
)
_define(
    "quality",
    Zone.AGGREGATE,
    "one file's totals (reason_code null) or one reason in one file",
    _columns("source_file reason_code")
    | _columns("rows_in rows_kept rows_rejected", "BIGINT")
    # detail: a column, a place in the file, how it was read; never a value of a record. folder: of the intake.
    | _columns("status detail folder"),
    "source_file reason_code",
)
_define(
    "suspicious_days",
    Zone.AGGREGATE,
    "one unit and day with a reported count that cannot be that day's (its own row, or that of a unit in it)",
    UNIT
    | _columns("of_unit_code")
    | {"report_date": "DATE"}
    | _columns("measure")
    | _columns("reported usual", "BIGINT")
    | _columns("reason_code"),
    "unit_level unit_code of_unit_code report_date measure",
)
SCORE_COLUMNS = _columns("dimension measure") | _columns("rows_of rows_good", "BIGINT")
_define(
    "quality_scores",
    Zone.AGGREGATE,
    "one measure of data quality of the doses given in one unit (country: of all files)",
    UNIT | SCORE_COLUMNS,
    "unit_level unit_code dimension measure",
)
_define(
    "facility_scores",
    Zone.AGGREGATE,
    "one measure of data quality of one facility (ten doses or more)",
    _columns("province_code district_code facility_code facility_name") | SCORE_COLUMNS,
    "province_code district_code facility_code facility_name dimension measure",
)
_define(
    "feedback",
    Zone.AGGREGATE,
    "citizens' feedback of one unit at as_of",
    UNIT
    | _columns("received received_due closed_in_time open_late approved refused needs_information", "BIGINT")
    | {"in_time_pct": "DECIMAL(9,2)"},
    "unit_level unit_code",
)
_define(
    "due_counts",
    Zone.AGGREGATE,
    "residents due or overdue, by unit, product and state",
    UNIT | _columns("previous_product state") | {"next_dose": "INTEGER", "people": "BIGINT"},
    "unit_level unit_code previous_product state next_dose",
)
_define(
    "rosters",
    Zone.AGGREGATE,
    "roster rows by unit and verdict",
    UNIT | _columns("link_status") | {"rows": "BIGINT"},
    "unit_level unit_code link_status",
)
_define(
    "registry_findings_counts",
    Zone.AGGREGATE,
    "registry findings by unit and kind",
    UNIT | _columns("kind") | {"findings": "BIGINT"},
    "unit_level unit_code kind",
)
_define(
    "citizen_cards",
    Zone.AGGREGATE,
    "one unit's living adult residents, and those without a citizen card",
    UNIT | _columns("registry_population without_card", "BIGINT"),
    "unit_level unit_code",
)
_define(
    "new_entries",
    Zone.AGGREGATE,
    "one unit of place given: last week's doses, and how many were entered at once",
    UNIT | _columns("doses_administered doses_recorded entered_same_day entered_within_1_day", "BIGINT"),
    "unit_level unit_code",
)
_define(
    "confirmations",
    Zone.AGGREGATE,
    "decisions in force about records and doses, by what they rest on",
    UNIT | _columns("ground_kind") | {"confirmations": "BIGINT"},
    "unit_level unit_code ground_kind",
)
_define(
    "nowcast",
    Zone.AGGREGATE,
    "one unit's people at as_of as entered, and as thought when late entries are in, with a 95 % interval",
    UNIT
    | _columns("basis age_group series_status")
    | {"reference_date": "DATE"}
    | _columns("people people_nowcast people_nowcast_low people_nowcast_high population", "BIGINT")
    | {"coverage_nowcast_pct": "DECIMAL(9,2)"},
    "unit_level unit_code basis age_group series_status reference_date",
)
_define(
    "forecast",
    Zone.AGGREGATE,
    "one quantile of a unit's coverage (percent) on a future day",
    UNIT
    | _columns("basis age_group series_status")
    | {"as_of": "DATE", "target_date": "DATE", "quantile": "DECIMAL(4,3)", "value": "DECIMAL(9,4)"},
    "unit_level unit_code basis age_group series_status as_of target_date quantile",
)
_define(
    "past_forecasts",
    Zone.AGGREGATE,
    "what the previous run forecast for this as_of (median and 95 % interval, percent), and what happened",
    UNIT
    | _columns("basis age_group series_status")
    | {"made_on": "DATE", "target_date": "DATE"}
    | _columns("value_low value value_high happened", "DECIMAL(9,4)"),
    "unit_level unit_code basis age_group series_status",
)
_define(
    "targets",
    Zone.AGGREGATE,
    "one unit's way to one target",
    UNIT
    | _columns("target_code basis")
    | {"target_pct": "DECIMAL(9,2)", "due_date": "DATE", "reached_on": "DATE", "probability": "DECIMAL(5,4)"}
    | _columns("expected_date not_before not_after", "DATE")
    | {"in_doubt_since": "DATE"}
    | {"doses_per_day_needed": "BIGINT", "pace_multiple": "DECIMAL(9,2)", "supply_sufficient": "BOOLEAN"},
    "unit_level unit_code target_code basis",
)
_define(
    "first_dose_deadlines",
    Zone.AGGREGATE,
    "the last day on which a first dose of a product can still be completed when a target is due",
    _columns("target_code vaccine")
    | {"due_date": "DATE", "series_days": "BIGINT", "last_first_dose_date": "DATE", "days_left": "BIGINT"},
    "target_code vaccine",
)
_define(
    "confidence",
    Zone.AGGREGATE,
    "how far one unit's figures can be trusted, and what lowers that",
    UNIT | _columns("grade reasons"),
    "unit_level unit_code",
)
_define(
    "tasks",
    Zone.AGGREGATE,
    "one task of one unit, province or country",
    _columns("unit_code task") | {"figure": "BIGINT"} | _columns("where lead") | {"due": "DATE"},
    "unit_code task",
)


def select_table(name: str, query: str) -> str:
    """Return the SELECT of the query's rows as the table `name` holds them: cast, and ordered by its grain."""
    table = TABLES[name]
    columns = ", ".join(f'CAST("{c}" AS {kind}) AS "{c}"' for c, kind in table.columns.items())
    order = ", ".join(f'"{c}" NULLS FIRST' for c in table.grain)
    return f"SELECT {columns} FROM ({query})" + (f" ORDER BY {order}" if table.is_ordered else "")


def write_table(con: duckdb.DuckDBPyConnection, name: str, query: str, run: RunParameters) -> int:
    """Write the query's result as the table `name` (see `select_table`), replaced in one step.

    Returns the number of rows. The file appears whole or not at all, and the same rows give the same
    bytes. Raises CheckError when two rows share the grain.
    """
    table = TABLES[name]
    target = table.path(run)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    engine = Engine(con)
    rows = engine.write_table(part, select_table(name, query), table.compression)
    _check_grain(engine, table, part, rows)
    part.replace(target)
    return rows


def _check_grain(engine: Engine, table: Table, path: Path, rows: int) -> None:
    """Raise CheckError when the grain of a written table does not hold."""
    keys = ", ".join(f'"{c}"' for c in table.grain)
    distinct = engine.fetch(f"SELECT count(*) FROM (SELECT DISTINCT {keys} FROM {sql_files([path])})")[0][0]
    if rows != distinct:
        path.unlink()
        raise CheckError(
            f"table '{table.name}': {rows - distinct} rows repeat its key ({', '.join(table.grain)}); "
            "this is a defect, keep the intake and report it"
        )


def view_table(con: duckdb.DuckDBPyConnection, name: str, run: RunParameters) -> None:
    """Make the table `name` of a run readable in SQL under its own name (a view on its file)."""
    Engine(con).view_table(name, [TABLES[name].path(run)])


def view_empty(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make an empty table `name` with the declared columns, for stages whose input does not exist."""
    Engine(con).create_view(name, empty_table(name))


def empty_table(name: str) -> str:
    """Return the SELECT of the table `name` without rows, for what an intake does not have."""
    columns = ", ".join(f'CAST(NULL AS {kind}) AS "{c}"' for c, kind in TABLES[name].columns.items())
    return f"SELECT {columns} WHERE false"
