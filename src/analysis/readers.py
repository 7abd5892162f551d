"""Readers for analysts: one province's published counts as DataFrames, ready to slice and plot.

    from analysis.readers import open_counts, read_coverage
    run = open_counts("2021-11-07")
    frame = read_coverage(run, province_code="02", basis="reported")

Every reader takes the run and `province_code` (two digits as text, "02"). With a province its own row, its
districts and (where the table has them) its communes come back; without one the country and the 63
provinces. Every frame begins with `unit_level, unit_code, unit_name, district_name, province_name` and is
sorted by unit; percentages are floats with two decimals, a figure that is not known is missing (NaN), and
days are timestamps. Only `aggregate/` is opened: no reader can show a person.
"""

from collections.abc import Mapping

import duckdb
import pandas as pd

from analysis.engine import sql_path
from analysis.errors import RequestError
from analysis.reference import LEVELS, read_units
from analysis.settings import RunParameters, open_run, parse_provinces
from analysis.tables import TABLES, Zone

COUNTRY_NAME = "Cả nước"
UNIT_COLUMNS = ("unit_level", "unit_code", "unit_name", "district_name", "province_name")

# Named units of a province (or the country and its provinces) beside the rows of one table.
ROWS = """
SELECT u.unit_level, u.unit_code, u.unit_name, u.district_name, u.province_name,
       t.* EXCLUDE (unit_level, unit_code)
FROM read_parquet({path}) AS t JOIN unit_names AS u USING (unit_level, unit_code)
WHERE {where}
ORDER BY u.level_order, u.unit_code, {order}"""


def open_counts(as_of: str, processed: str = "") -> RunParameters:
    """Name the run whose counts are read; `processed` is its folder when not `data/processed/<as-of>`.

    Raises RequestError for a date that is not written YYYY-MM-DD.
    """
    return open_run(as_of, processed=processed)


def name_units() -> pd.DataFrame:
    """Return the units of November 2021 with their names, one row a unit.

    Columns: level_order (0 country … 3 commune), unit_level, unit_code, unit_name, district_name (a
    district's own too), province_code, province_name (a province's own too); missing where there is none.
    """
    units = read_units()
    names = [pd.DataFrame({"unit_level": ["country"], "unit_code": ["VN"], "unit_name": [COUNTRY_NAME]})]
    for position, level in enumerate(LEVELS):
        known = units[units[f"{level}_code"] != ""].drop_duplicates(f"{level}_code")
        above = known[["province_code", *(f"{name}_name" for name in LEVELS[: min(position, 1) + 1])]]
        names.append(
            above.assign(unit_level=level, unit_code=known[f"{level}_code"], unit_name=known[f"{level}_name"])
        )
    order = {level: i for i, level in enumerate(("country", *LEVELS))}
    joined = pd.concat(names, ignore_index=True)
    return joined.assign(level_order=joined["unit_level"].map(order))


def read_coverage(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    age_group: str | None = None,
    series_status: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read coverage, one row a unit, reference date, age group, series status and basis.

    Columns: reference_date (weekly to districts, as_of for communes), age_group (`all, 5-11, 12-17, 18+,
    50+, 65+`), series_status (`at_least_one, primary_complete, additional, booster`), basis (`reported,
    recorded, reconciled`), people, population with population_source and population_date, coverage_pct
    (percent, never capped), people_low and people_high (reconciled: without and with rows of nobody
    known), registry_population (living registry residents), coverage_registry_pct.
    """
    chosen = {"basis": basis, "age_group": age_group, "series_status": series_status}
    return _read(run, "coverage", province_code, chosen | {"unit_level": unit_level})


def read_bridge(
    run: RunParameters, province_code: str | None = None, series_status: str | None = None
) -> pd.DataFrame:
    """Read the bridge from reported to reconciled adults at as_of, one row a unit, status and step.

    Columns: series_status, step, people (signed: `reported` plus the steps between is `reconciled`),
    step_order (0 … 7). A unit without one of the two ends has no bridge.
    """
    return _read(run, "coverage_bridge", province_code, {"series_status": series_status})


def read_entry_progress(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read entry progress by place given, one row a unit and reference date.

    Columns: doses_recorded, doses_administered, entry_pct, backlog (doses administered but not entered;
    negative when more were entered), median_entry_days (from dose to entry), doses_entered_last_7_days,
    duplicate_doses (counted in doses_recorded).
    """
    return _read(run, "entry_progress", province_code)


def read_supply(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read reported supply, one row a reporting unit and reference date, cumulative doses.

    Columns: doses_allocated, doses_received, doses_administered, doses_discarded, used_pct (administered
    of allocated), other_bodies_administered (army, police and others, not in the columns before).
    """
    return _read(run, "supply", province_code)


def read_verification(
    run: RunParameters, province_code: str | None = None, link_status: str | None = None
) -> pd.DataFrame:
    """Read platform rows by state of verification, one row a unit and combination of states.

    Columns: id_kind, link_status, differing_field (what to correct; `several`: more than one),
    four_field_match, police_result, signature_status, rows, people (distinct in the row: no sums).
    """
    return _read(run, "verification", province_code, {"link_status": link_status})


def read_feedback(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read citizens' feedback at as_of, one row a unit.

    Columns: received, received_due (at least the service hours ago), closed_in_time, open_late, approved,
    refused, needs_information, in_time_pct (closed in time of received_due).
    """
    return _read(run, "feedback", province_code)


def read_due_counts(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read people whose series is not complete, one row a unit, previous product, state and next dose.

    Columns: previous_product (missing: no dose yet), state (`due, overdue, check_first, not_yet_due,
    no_window, do_not_invite`), next_dose, people.
    """
    return _read(run, "due_counts", province_code)


def read_entry_plan(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read what clearing a backlog takes, one row a unit and task (`enter` doses, `verify` records).

    Columns: task, backlog, done_per_day (entries a day), fall_per_day (of the backlog), cleared_on (at that
    pace; missing: never, or unknown), needed_per_day and people_needed to clear it in plan_days.
    """
    return _read(run, "entry_plan", province_code)


def read_entry_delays(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read how late doses given 4 to 12 weeks ago were entered, one row a unit of place given.

    Columns: doses, within_1_day_pct, within_7_days_pct, median_days, days_90_pct (nine of ten by then).
    """
    return _read(run, "entry_delays", province_code)


def read_rates_above_100(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read units with more people than their denominator, one row a unit, status and basis (adults).

    Columns: series_status, basis, people, population, coverage_pct, people_above, given_to_others,
    duplicates, denominator_gap (residents beyond the denominator), main_cause (the largest of the three).
    """
    return _read(run, "rates_above_100", province_code)


def read_rankings(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read places among provinces, or among a province's districts, one row a unit and ranking.

    Columns: ranking (`allocation_used, at_least_one, primary_complete`), value_pct, rank, of_units.
    """
    return _read(run, "rankings", province_code)


def read_series_notes(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read what the figures rest on, one row a unit, basis and note.

    Columns: basis, note (`interval_too_short, mixed_products, unknown_product, dose_not_recorded, too_many_doses,
    birth_year_only, birth_date_missing`), people, of_people.
    """
    return _read(run, "series_notes", province_code)


def read_forecast(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    series_status: str | None = None,
) -> pd.DataFrame:
    """Read forecast coverage, one row a unit, basis, age group, status, future day and quantile.

    Columns: basis, age_group, series_status, as_of, target_date, quantile (0.01 … 0.99), value (percent).
    """
    return _read(run, "forecast", province_code, {"basis": basis, "series_status": series_status})


def read_nowcast(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read people at `as_of` once late entries are in, one row a unit, basis, age group and status.

    Columns: basis (recorded, reconciled), age_group, series_status, reference_date, people (as entered),
    people_nowcast with its 95 % interval people_nowcast_low, people_nowcast_high, population,
    coverage_nowcast_pct.
    """
    return _read(run, "nowcast", province_code)


def read_targets(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read the way to each target, one row a unit, target and basis.

    Columns: target_code, basis, target_pct, due_date, reached_on, probability, expected_date, not_before,
    not_after, doses_per_day_needed, pace_multiple, supply_sufficient.
    """
    return _read(run, "targets", province_code)


def read_flows(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read doses by province given and province of residence (as typed), one row a pair.

    Columns: given_province_code, given_province_name, residence_province_code, residence_province_name,
    doses. With a province: the pairs in which it is either. A place that could not be read is missing.
    """
    flows = _query(run, "dose_flows", "SELECT * FROM read_parquet({path}) ORDER BY ALL", [])
    if province_code is not None:
        code = _checked(province_code)
        flows = flows[(flows["given_province_code"] == code) | (flows["residence_province_code"] == code)]
    names = name_units().query("unit_level == 'province'").set_index("unit_code")["unit_name"]
    return pd.DataFrame(
        {
            "given_province_code": flows["given_province_code"],
            "given_province_name": flows["given_province_code"].map(names),
            "residence_province_code": flows["residence_province_code"],
            "residence_province_name": flows["residence_province_code"].map(names),
            "doses": flows["doses"],
        }
    ).reset_index(drop=True)


def read_quality_scores(
    run: RunParameters, province_code: str | None = None, dimension: str | None = None
) -> pd.DataFrame:
    """Read the quality scorecard by place given, one row a unit, dimension and measure.

    Columns: dimension (`completeness, validity, consistency, timeliness, uniqueness`), measure, rows_of
    (records the measure is about), rows_good, score_pct (their share). Definitions: docs/cleaning-rules.md.
    """
    frame = _read(run, "quality_scores", province_code, {"dimension": dimension})
    return frame.assign(score_pct=(100 * frame["rows_good"] / frame["rows_of"]).round(2))


def _checked(province_code: str) -> str:
    """Return the code of one province; raises RequestError naming the valid ones."""
    return parse_provinces((province_code,))[0]


def _read(
    run: RunParameters,
    name: str,
    province_code: str | None,
    chosen: Mapping[str, str | None] | None = None,
) -> pd.DataFrame:
    """Read one table of the aggregate zone for a province (or country and provinces), with unit names."""
    if province_code is None:
        where, values = ["u.unit_level IN ('country', 'province')"], []
    else:
        where, values = ["u.province_code = ?"], [_checked(province_code)]
    for column, value in (chosen or {}).items():
        if value is not None:
            where.append(f"u.{column} = ?" if column in UNIT_COLUMNS else f"t.{column} = ?")
            values.append(value)
    grain = [c for c in TABLES[name].grain if c not in UNIT_COLUMNS]
    grain = ["series_status", "step_order"] if name == "coverage_bridge" else grain
    order = ", ".join(f"t.{c} NULLS FIRST" for c in grain) or "u.unit_code"
    return _query(run, name, ROWS.format(path="{path}", where=" AND ".join(where), order=order), values)


def _query(run: RunParameters, name: str, sql: str, values: list[str]) -> pd.DataFrame:
    """Run SQL on one aggregate table; raises RequestError when the run has not written it."""
    table = TABLES[name]
    path = table.path(run)
    if table.zone is not Zone.AGGREGATE:
        raise RequestError(f"the table '{name}' holds rows of persons; readers open counts only")
    if not path.is_file():
        raise RequestError(f"the run of {run.as_of} has no table '{name}' yet; run `baophu run` first")
    with duckdb.connect() as con:
        con.register("unit_names", name_units())
        frame: pd.DataFrame = con.execute(sql.format(path=sql_path(path)), values).df()
    return frame
