"""Readers for analysts: one province's published counts as DataFrames, ready to slice and plot.

    from analysis.readers import open_counts, read_coverage
    run = open_counts("2021-11-07")
    frame = read_coverage(run, province_code="02", basis="reported")

Every reader takes the run and `province_code` (two digits as text, "02"). With a province its own row, its
districts and (where the table has them) its communes come back; without one the country and the 63
provinces. Every frame begins with `unit_level, unit_code, unit_name, district_name, province_name` and is
sorted by unit; percentages are floats with two decimals, a figure that is not known is missing (NaN), and
days are timestamps. Only `aggregate/` is opened: no reader can show a person.

`help(read_coverage)` lists its columns, from the descriptions that docs/interfaces.md shows too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from analysis.columns import Reader, lists_columns
from analysis.disclosure.protected import open_protected
from analysis.engine import sql_path
from analysis.errors import RequestError
from analysis.reference import LEVELS, read_units
from analysis.settings import RunParameters, open_run, parse_provinces
from analysis.tables import TABLES, Zone

COUNTRY_NAME = "Cả nước"
UNIT_COLUMNS = ("unit_level", "unit_code", "unit_name", "district_name", "province_name")
FLOW_COLUMNS = (
    *("given_province_code", "given_province_name", "residence_province_code", "residence_province_name"),
    "doses",
)

# Named units of a province (or the country and its provinces) beside the rows of one table.
ROWS = """
SELECT u.unit_level, u.unit_code, u.unit_name, u.district_name, u.province_name,
       t.* EXCLUDE (unit_level, unit_code)
FROM read_parquet({path}) AS t JOIN unit_names AS u USING (unit_level, unit_code)
WHERE {where}
ORDER BY u.level_order, u.unit_code, {order}"""


@dataclass(frozen=True)
class PublicCounts(RunParameters):
    """A run of which readers open what may leave alone: its protected tables."""


def open_counts(as_of: str, processed: str = "", public: bool = False) -> RunParameters:
    """Name the run whose counts are read; `processed` is its folder when not `data/processed/<as-of>`.

    With `public`, readers show what may be published: small counts and what gives them away are missing, counts
    of districts and communes rounded (docs/disclosure.md), and beside each such count stands `<count>_status`. A
    table that is not published is refused. Raises RequestError for a date that is not written YYYY-MM-DD.
    """
    run = open_run(as_of, processed=processed)
    return PublicCounts(**vars(run)) if public else run


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


def _gives(table: str, *added: str) -> Callable[[Reader], Reader]:
    """Return a decorator that lists in a reader's docstring the columns of its frame: units, table, added."""
    own = [column for column in TABLES[table].columns if column not in UNIT_COLUMNS]
    return lists_columns(table, (*UNIT_COLUMNS, *own, *added))


@_gives("coverage")
def read_coverage(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    age_group: str | None = None,
    series_status: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read coverage, one row a unit, reference date, age group, series status and basis.

    Weekly down to districts, at as_of for communes.
    """
    chosen = {"basis": basis, "age_group": age_group, "series_status": series_status}
    return _read(run, "coverage", province_code, chosen | {"unit_level": unit_level})


@_gives("coverage_bridge")
def read_bridge(
    run: RunParameters, province_code: str | None = None, series_status: str | None = None
) -> pd.DataFrame:
    """Read the bridge from reported to reconciled adults at as_of, one row a unit, status and step.

    A unit without one of the two ends has no bridge.
    """
    return _read(run, "coverage_bridge", province_code, {"series_status": series_status})


@_gives("entry_progress")
def read_entry_progress(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read entry progress by place given, one row a unit and reference date."""
    return _read(run, "entry_progress", province_code)


@_gives("supply")
def read_supply(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read reported supply, one row a reporting unit and reference date, cumulative doses."""
    return _read(run, "supply", province_code)


@_gives("verification")
def read_verification(
    run: RunParameters, province_code: str | None = None, link_status: str | None = None
) -> pd.DataFrame:
    """Read platform rows by state of verification, one row a unit and combination of states."""
    return _read(run, "verification", province_code, {"link_status": link_status})


@_gives("feedback")
def read_feedback(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read citizens' feedback at as_of, one row a unit."""
    return _read(run, "feedback", province_code)


@_gives("due_counts")
def read_due_counts(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read people whose series is not complete, one row a unit, previous product, state and next dose."""
    return _read(run, "due_counts", province_code)


@_gives("entry_plan")
def read_entry_plan(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read what clearing a backlog takes, one row a unit and task (`enter` doses, `verify` records)."""
    return _read(run, "entry_plan", province_code)


@_gives("entry_delays")
def read_entry_delays(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read how late doses given 4 to 12 weeks ago were entered, one row a unit of place given."""
    return _read(run, "entry_delays", province_code)


@_gives("rates_above_100")
def read_rates_above_100(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read units with more people than their denominator, one row a unit, status and basis (adults)."""
    return _read(run, "rates_above_100", province_code)


@_gives("rankings")
def read_rankings(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read places among provinces, or among a province's districts, one row a unit and ranking."""
    return _read(run, "rankings", province_code)


@_gives("series_notes")
def read_series_notes(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read what the figures rest on, one row a unit, basis and note."""
    return _read(run, "series_notes", province_code)


@_gives("forecast")
def read_forecast(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    series_status: str | None = None,
) -> pd.DataFrame:
    """Read forecast coverage, one row a unit, basis, age group, status, future day and quantile."""
    return _read(run, "forecast", province_code, {"basis": basis, "series_status": series_status})


@_gives("nowcast")
def read_nowcast(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read people at `as_of` once late entries are in, one row a unit, basis, age group and status."""
    return _read(run, "nowcast", province_code)


@_gives("targets")
def read_targets(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read the way to each target, one row a unit, target and basis."""
    return _read(run, "targets", province_code)


@lists_columns("dose_flows", FLOW_COLUMNS)
def read_flows(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read doses by province given and province of residence (as typed), one row a pair.

    With a province: the pairs in which it is either.
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


@_gives("quality_scores", "score_pct")
def read_quality_scores(
    run: RunParameters, province_code: str | None = None, dimension: str | None = None
) -> pd.DataFrame:
    """Read the quality scorecard by place given, one row a unit, dimension and measure."""
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


def _public_path(run: RunParameters, name: str) -> Path:
    """Return the file of a protected table, found as it was made; raises RequestError where there is none."""
    tables = open_protected(run)
    if name not in tables:
        raise RequestError(f"the table '{name}' is not published; public are: {', '.join(tables)}")
    with duckdb.connect() as con:
        tables[name].view(con)
    return tables[name].path


def _query(run: RunParameters, name: str, sql: str, values: list[str]) -> pd.DataFrame:
    """Run SQL on one aggregate table; raises RequestError when the run has not written it."""
    table = TABLES[name]
    path = _public_path(run, name) if isinstance(run, PublicCounts) else table.path(run)
    if table.zone is not Zone.AGGREGATE:
        raise RequestError(f"the table '{name}' holds rows of persons; readers open counts only")
    if not path.is_file():
        raise RequestError(f"the run of {run.as_of} has no table '{name}' yet; run `baophu run` first")
    with duckdb.connect() as con:
        con.register("unit_names", name_units())
        frame: pd.DataFrame = con.execute(sql.format(path=sql_path(path)), values).df()
    return frame
