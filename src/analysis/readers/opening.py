"""The run whose counts are read, its units by name, and the one query behind every reader."""

import atexit
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analysis.disclosure.opening import open_protected
from analysis.engine import sql_path
from analysis.errors import RequestError
from analysis.reference import LEVELS, read_units
from analysis.settings import RunParameters, open_run
from analysis.tables import TABLES, Zone

COUNTRY_NAME = "Cả nước"
KEPT_BYTES = 100_000_000  # of an afternoon's answers, texts as references; the oldest goes first
WHOLE_NUMBERS = ("BIGINT", "INTEGER", "HUGEINT")


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
    return _named_units().copy()


@cache
def _named_units() -> pd.DataFrame:
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


def table_path(run: RunParameters, name: str) -> Path:
    """Return the file of a table of counts, protected where the run is opened so.

    Raises RequestError for rows of persons, for a table that is not published, and for one not written yet.
    """
    if isinstance(run, PublicCounts):
        return _public_path(run, name)
    if TABLES[name].zone is not Zone.AGGREGATE:
        raise RequestError(f"the table '{name}' holds rows of persons; readers open counts only")
    path = TABLES[name].path(run)
    if not path.is_file():
        raise RequestError(f"the run of {run.as_of} has no table '{name}' yet; run `baophu run` first")
    return path


def _public_path(run: RunParameters, name: str) -> Path:
    """Return the file of a protected table, found as it was made; raises RequestError where there is none."""
    tables = open_protected(run)
    if name not in tables:
        raise RequestError(f"the table '{name}' is not published; public are: {', '.join(tables)}")
    with duckdb.connect() as con:
        tables[name].view(con)
    return tables[name].path


def columns_of(path: Path) -> tuple[str, ...]:
    """Return the columns of a table's file."""
    return tuple(query_frame([path], "SELECT * FROM {path} LIMIT 0").columns)


def words_of(path: Path, column: str) -> list[str]:
    """Return the values that a column of a file has, in order."""
    frame = query_frame(
        [path], f'SELECT DISTINCT "{column}" AS word FROM {{path}} WHERE word IS NOT NULL ORDER BY ALL'
    )
    return [str(word) for word in frame["word"]]


def query_frame(paths: Sequence[Path], sql: str, values: Iterable[Any] = ()) -> pd.DataFrame:
    """Return the rows of SQL over files (`{path}`) beside `unit_names`: kept until a file is another one.

    Counts are whole numbers (Int64), percentages floats, days timestamps.
    """
    marks = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
    question = (marks, sql, tuple(values))
    if question not in _answers:
        _keep(question, _answer(*question))
    return _answers[question].copy(deep=False)  # who writes into it writes into a copy


_Marks = tuple[tuple[str, int, int], ...]
_answers: dict[tuple[_Marks, str, tuple[Any, ...]], pd.DataFrame] = {}


def _keep(question: tuple[_Marks, str, tuple[Any, ...]], frame: pd.DataFrame) -> None:
    """Keep an answer, and forget the oldest ones beyond the bytes that may be kept."""
    _answers[question] = frame
    sizes = {key: int(kept.memory_usage(deep=False).sum()) for key, kept in _answers.items()}
    while sum(sizes.values()) > KEPT_BYTES and len(sizes) > 1:
        oldest = next(iter(sizes))
        del _answers[oldest], sizes[oldest]


def _answer(marks: _Marks, sql: str, values: tuple[Any, ...]) -> pd.DataFrame:
    files = ", ".join(sql_path(Path(name)) for name, _, _ in marks)
    cursor = _connection().cursor()
    try:
        rows = cursor.execute(sql.replace("{path}", f"read_parquet([{files}])"), list(values))
        kinds = {str(column[0]): str(column[1]) for column in rows.description or ()}
        return _typed(rows.df(), kinds)
    finally:
        cursor.close()


def _typed(frame: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    whole = {column: "Int64" for column, kind in kinds.items() if kind in WHOLE_NUMBERS}
    return frame.astype(whole | {column: "boolean" for column, kind in kinds.items() if kind == "BOOLEAN"})


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    atexit.register(con.close)
    con.register("units_frame", _named_units())
    con.execute("CREATE TABLE unit_names AS FROM units_frame")
    return con
