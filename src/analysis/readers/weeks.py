"""Weeks beside one another: two runs compared, what each one published, and what is known of it by now."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.disclosure.history import OTHER_KEYS
from analysis.disclosure.public_tables import PUBLIC_TABLES
from analysis.disclosure.releases import HISTORY
from analysis.errors import RequestError
from analysis.readers.asking import (
    DAYS,
    UNIT_COLUMNS,
    Units,
    check_word,
    newest_day,
    read_rows,
)
from analysis.readers.opening import PublicCounts, columns_of, query_frame, table_path
from analysis.settings import RunParameters
from analysis.tables import TABLES

WITH_UNITS = tuple(
    name for name, table in TABLES.items() if {"unit_level", "unit_code"} <= set(table.columns)
)


def read_table(
    run: RunParameters,
    table: str,
    province_code: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
    newest: bool = False,
    **chosen: str | int | None,
) -> pd.DataFrame:
    """Read any table of counts that has units, by its name, with words for its columns (`basis="recorded"`).

    One row a unit and key of the table. `help(read_…)` lists the columns, of a table without a reader of its own the
    help of this one.
    """
    check_word("table", table, WITH_UNITS)
    return read_rows(run, table, Units(province_code, unit_code, unit_level), chosen, newest)


def compare_weeks(
    run_a: RunParameters,
    run_b: RunParameters,
    table: str = "coverage",
    province_code: str | None = None,
    *,
    measure: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
    **chosen: str | int | None,
) -> pd.DataFrame:
    """Compare one table of two weeks, each at its newest day: one row a unit, key of the table and measure.

    `chosen` are words for the table's columns (`basis="recorded", age_group="18+"`).

    Columns: unit_level, unit_code, unit_name, district_name, province_name, the table's other key columns (no day),
    measure (a column of counts or percentages), week_a, week_b (its value in either week; missing: not known, or not
    told), change (week_b − week_a). Raises RequestError where one week is opened as public and the other not.
    """
    if isinstance(run_a, PublicCounts) != isinstance(run_b, PublicCounts):
        raise RequestError("compare_weeks: open both weeks alike, with public=True or both without")
    check_word("table", table, WITH_UNITS)
    units = Units(province_code, unit_code, unit_level)
    sides = [
        _measures(run, table, units, chosen, measure, week)
        for run, week in ((run_a, "week_a"), (run_b, "week_b"))
    ]
    on = [column for column in sides[0].columns if column != "week_a"]
    both = sides[0].merge(sides[1], on=on, how="outer", validate="one_to_one", sort=False)
    return both.assign(change=both["week_b"] - both["week_a"])


def _measures(
    run: RunParameters,
    table: str,
    units: Units,
    chosen: dict[str, str | int | None],
    measure: str | None,
    week: str,
) -> pd.DataFrame:
    """Return the newest figures of a table, one row a figure, its value in a column named as the week."""
    columns = columns_of(table_path(run, table))
    has_days = any(day in columns for day in DAYS)
    frame = read_rows(run, table, units, chosen, newest=has_days)
    own = (set(PUBLIC_TABLES[table].keys) if table in PUBLIC_TABLES else set()) | set(TABLES[table].grain)
    days = {newest_day(table, columns)} if has_days else set()
    keys = [c for c in frame.columns if c in UNIT_COLUMNS or (c in own and c not in days)]
    numbers = [c for c in frame.select_dtypes("number").columns if c not in (*keys, "step_order")]
    if measure is not None:
        check_word("measure", measure, numbers)
        numbers = [measure]
    figures = frame[[*keys, *numbers]].astype(dict.fromkeys(numbers, "float64"))
    return figures.melt(keys, var_name="measure", value_name=week)


def read_figures_history(
    run: RunParameters,
    table: str = "coverage",
    measure: str = "coverage_pct",
    province_code: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
    newest: bool = False,
    **chosen: str | int | None,
) -> pd.DataFrame:
    """Read what was published on each as_of up to this run's, as it was told: one row a run, unit and key.

    `chosen` are words for the table's key columns. `newest`: of each run the figures of its own day alone. What was
    published has been through disclosure control, whichever way the run is opened.

    Columns: as_of, run_id, unit_level, unit_code, unit_name, district_name, province_name, the table's other key
    columns (reference_date, age_group …), value (missing: not told), status (shown, rounded, under_10, not_published).
    Raises RequestError where nothing was published, and for a word that was not.
    """
    files = _published_files(run)
    tables = query_frame(files, 'SELECT DISTINCT "table" AS word FROM {path} ORDER BY ALL')["word"]
    check_word("table", table, tables)
    keys = [*(PUBLIC_TABLES[table].keys or OTHER_KEYS.get(table, ()))] if table in PUBLIC_TABLES else []
    measures = (
        "SELECT DISTINCT split_part(measure, '|', 1) AS word FROM {path} WHERE \"table\" = ? ORDER BY ALL"
    )
    check_word("measure", measure, query_frame(files, measures, [table])["word"])
    conditions = Units(province_code, unit_code, unit_level).conditions()
    conditions |= _key_conditions(files, table, chosen, keys)
    day = next((key for key in keys if key in DAYS), None)
    if newest and day:
        conditions[f"{_key_sql(day)} = t.as_of"] = ""
    told = ", ".join(f"{_key_sql(key)} AS {key}" for key in keys)
    order = ", ".join(["t.as_of", "t.run_id", "u.level_order", "u.unit_code", *keys])
    sql = (
        f"SELECT t.as_of, t.run_id, {', '.join(f'u.{c}' for c in UNIT_COLUMNS)}, {told + ', ' if told else ''}"
        "t.value::DOUBLE AS value, t.status FROM {path} AS t JOIN unit_names AS u USING (unit_level, unit_code) "
        "WHERE t.\"table\" = ? AND split_part(t.measure, '|', 1) = ? AND t.as_of <= ? AND "
        f"{' AND '.join(conditions)} ORDER BY {order}"
    )
    values = [table, measure, run.as_of, *(v for v in conditions.values() if v != "")]
    return query_frame(files, sql, values)


def read_published_and_now(
    run: RunParameters,
    measure: str = "coverage_pct",
    *,
    unit_code: str = "VN",
    basis: str = "reported",
    age_group: str = "18+",
    series_status: str = "at_least_one",
) -> pd.DataFrame:
    """Read one unit's coverage by week, as it was first published and as it is known now: one row a week.

    Columns: reference_date, published_on (the first as_of that told the week; missing: none did), published (its
    figure then), now (the figure of this run), change (now − published).
    """
    words: dict[str, Any] = {"basis": basis, "age_group": age_group, "series_status": series_status}
    current = read_rows(run, "coverage", Units(unit_code=unit_code), words)
    check_word("measure", measure, current.select_dtypes("number").columns)
    told = read_figures_history(run, "coverage", measure, unit_code=unit_code, **words)
    first = told.drop_duplicates("reference_date")[["reference_date", "as_of", "value"]]
    first = first.rename(columns={"as_of": "published_on", "value": "published"})
    now = current[["reference_date", measure]].rename(columns={measure: "now"}).astype({"now": "float64"})
    both = now.merge(first, on="reference_date", how="outer", validate="one_to_one").sort_values(
        "reference_date"
    )
    both = both[["reference_date", "published_on", "published", "now"]].reset_index(drop=True)
    return both.assign(change=(both["now"] - both["published"]).round(2))


def _published_files(run: RunParameters) -> Sequence[Path]:
    files = sorted((run.processed.parent / HISTORY).glob("*.parquet"))
    if not files:
        raise RequestError(
            f"no history of published figures beside the run of {run.as_of}; publish a run first"
        )
    return files


def _key_conditions(
    files: Sequence[Path], table: str, chosen: dict[str, str | int | None], keys: Sequence[str]
) -> dict[str, str]:
    """Return the SQL conditions on a table's key columns; raises RequestError for a column or word unknown there."""
    found = {}
    for column, word in chosen.items():
        if word is not None:
            check_word("column", column, keys)
            known = f'SELECT DISTINCT {_key_sql(column)} AS word FROM {{path}} AS t WHERE "table" = ? ORDER BY ALL'
            check_word(column, word, query_frame(files, known, [table])["word"])
            found[f"{_key_sql(column)} = ?"] = str(word)
    return found


def _key_sql(key: str) -> str:
    """Return SQL for the value of one key that stands behind a figure's measure (`coverage_pct|basis=…`)."""
    text = f"nullif(regexp_extract(t.measure, '\\|{key}=([^|]*)', 1), '')"
    return f"{text}::DATE" if key in DAYS or key == "target_date" else text
