"""The public tables: protected tables as CSV for spreadsheets, the newest day by itself and the days before apart.

UTF-8 with BOM, so that Excel reads the letters; numbers with a point, as in the parquet files. A count that is
not told is a marker in its own column. Communes stand in one file a province.
"""

import codecs
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from analysis.briefing.figures.queries import ADULTS
from analysis.briefing.figures.reading import read_run_mark, read_unit_tables
from analysis.briefing.figures.units import COUNTRY, districts, provinces
from analysis.briefing.figures.wording import Words, read_words
from analysis.disclosure.opening import open_protected
from analysis.disclosure.policy import Status
from analysis.disclosure.protected import ProtectedTable
from analysis.engine import connect, sql_path, sql_text
from analysis.reference import read_units
from analysis.settings import RunParameters

TO_DISTRICTS = "unit_level IN ('country', 'province', 'district')"
TO_PROVINCES = "unit_level IN ('country', 'province')"
# What a spreadsheet would run as a formula, also behind blanks (OWASP, CSV injection), becomes text.
CELL_TEXT = r"""
CREATE OR REPLACE TEMP MACRO cell_text(typed) AS
    CASE WHEN regexp_matches(typed, '^[\s\p{Z}\p{C}]*[=+\-@]') OR regexp_matches(typed, '^[\t\r\n]')
         THEN '''' ELSE '' END || regexp_replace(typed, '\p{C}', ' ', 'g')"""


@dataclass(frozen=True)
class PublicTable:
    """What of a protected table is written: which one, its rows, their order, its columns.

    Of a `dated` table the newest day is written by itself, the days before into `history/`.
    """

    of: str
    where: str
    order: str
    select: str = "*"
    dated: bool = False

    def query(self) -> str:
        """Return the query of the table's rows."""
        return f"SELECT {self.select} FROM {self.of} WHERE {self.where} ORDER BY {self.order}"

    def day_query(self, day: str, is_past: bool) -> str:
        """Return the query of the newest day's rows, or of the days before it."""
        sign = "<" if is_past else "="
        return self.query().replace(" ORDER BY", f" AND reference_date {sign} DATE {sql_text(day)} ORDER BY")


UNIT_ORDER = "unit_level, unit_code"
# What some provinces report is no rate of the country: as on the pages (reading.py), none is published.
OF_THE_WHOLE = "(unit_level <> 'country' OR basis <> 'reported' OR (SELECT is_whole FROM reported_country))"
WHOLE_RATE = f"* REPLACE (CASE WHEN {OF_THE_WHOLE} THEN coverage_pct END AS coverage_pct)"
COVERAGE_ORDER = f"{UNIT_ORDER}, reference_date, age_group, series_status, basis"
PUBLIC_TABLES = {
    "coverage": PublicTable(
        "coverage",
        f"{TO_DISTRICTS} AND age_group = {sql_text(ADULTS)}",
        COVERAGE_ORDER,
        WHOLE_RATE,
        dated=True,
    ),
    "coverage_by_age": PublicTable(
        "coverage",
        f"{TO_DISTRICTS} AND age_group <> {sql_text(ADULTS)}",
        COVERAGE_ORDER,
        "unit_level, unit_code, reference_date, age_group, series_status, basis, people, people_status, "
        "population, coverage_pct, registry_population, coverage_registry_pct",
    ),
    "coverage_by_sex": PublicTable("coverage_by_sex", "true", f"{UNIT_ORDER}, sex, series_status"),
    "coverage_estimate": PublicTable("coverage_estimate", "true", f"{UNIT_ORDER}, series_status"),
    "coverage_bridge": PublicTable(
        "coverage_bridge",
        "true",
        f"{UNIT_ORDER}, series_status, step_order",
        "unit_level, unit_code, series_status, step, people",
    ),
    "entry_progress": PublicTable(
        "entry_progress", "doses_recorded IS NOT NULL", f"{UNIT_ORDER}, reference_date", dated=True
    ),
    "supply": PublicTable("supply", "true", f"{UNIT_ORDER}, reference_date", dated=True),
    "verification": PublicTable("verification", "link_status IS NOT NULL", f"{UNIT_ORDER}, link_status"),
    "feedback": PublicTable("feedback", "true", UNIT_ORDER),
    "due_counts": PublicTable("due_counts", "true", f"{UNIT_ORDER}, next_dose, state"),
    "forecast": PublicTable(
        # The middle and the 50 % and 95 % ranges; the districts' forecasts stay in the parquet file.
        "forecast",
        f"quantile IN (0.025, 0.25, 0.5, 0.75, 0.975) AND {OF_THE_WHOLE}",
        f"{UNIT_ORDER}, basis, series_status, target_date, quantile",
    ),
    "targets": PublicTable("targets", OF_THE_WHOLE, f"{UNIT_ORDER}, target_code, basis"),
}


COMMUNES = "communes"


def write_public_tables(run: RunParameters, folder: Path) -> list[Path]:
    """Write the public tables of a run into `folder`; returns the files written.

    Every row carries its unit's name and, for simulated data, the mark. A table the run did not make is
    left out, not written empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    words, mark = read_words(run.settings.language), read_run_mark(run)
    note = words("head.simulated") if mark.is_simulated else ""
    protected = open_protected(run)
    with connect(run, extra_folders=(folder,)) as con:
        con.execute(CELL_TEXT)
        names = pd.DataFrame(unit_names(words("portal.national")).items(), columns=["code", "unit_name"])
        con.register("unit_names", names)
        for table in protected.values():
            table.view(con)
        whole = read_unit_tables(run, COUNTRY).all_provinces_report
        con.execute(f"CREATE OR REPLACE TEMP VIEW reported_country AS SELECT {whole} AS is_whole")
        writer = _Writer(con, words, note)
        queries = dict(_queries(con, run, protected))
        return [writer.write(query, folder / name) for name, query in queries.items()]


def public_names(run: RunParameters) -> list[str]:
    """Return the files that a run's portal lists: each table, and where it is dated, the days before."""
    protected = open_protected(run)
    made = {name: table for name, table in PUBLIC_TABLES.items() if protected[table.of].is_made}
    past = [f"history/{name}.csv.gz" for name, table in made.items() if table.dated]
    return [*(f"{name}.csv" for name in made), *past]


def _queries(
    con: duckdb.DuckDBPyConnection, run: RunParameters, protected: Mapping[str, ProtectedTable]
) -> Iterator[tuple[str, str]]:
    """Yield each file's name and the query of its rows."""
    day = run.as_of.isoformat()
    for name, table in PUBLIC_TABLES.items():
        if not protected[table.of].is_made:
            continue
        yield f"{name}.csv", table.day_query(day, is_past=False) if table.dated else table.query()
        if table.dated:
            yield f"history/{name}.csv.gz", table.day_query(day, is_past=True)
    told = con.execute("SELECT DISTINCT unit_code FROM coverage WHERE unit_level = 'commune'").fetchall()
    units = read_units()
    communes = units[units["commune_code"].isin([code for (code,) in told])]
    for province, listed in communes.groupby("province_code"):
        codes = ", ".join(map(sql_text, listed["commune_code"]))
        where = f"unit_level = 'commune' AND unit_code IN ({codes})"
        yield f"{COMMUNES}/{province}.csv", PublicTable("coverage", where, COVERAGE_ORDER).query()


def unit_names(country: str) -> dict[str, str]:
    """Return the name of every country, province, district and commune code."""
    names = {COUNTRY: country}
    for code, unit in provinces().items():
        names[code] = unit.name
        names |= {district: part.name for district, part in districts(code).items()}
    communes = read_units().query("commune_code != ''")
    return names | dict(zip(communes["commune_code"], communes["commune_name"], strict=True))


@dataclass(frozen=True)
class _Writer:
    """Writes queries as CSV with the unit's name after its code and, when there is one, the mark."""

    con: duckdb.DuckDBPyConnection
    words: Words
    note: str

    def write(self, query: str, path: Path) -> Path:
        """Write one file; a name that ends in .gz is compressed, the same bytes for the same rows."""
        path.parent.mkdir(exist_ok=True)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE published AS {query}")
        described = [(str(c), str(kind)) for c, kind, *_ in self.con.execute("DESCRIBE published").fetchall()]
        told = {column for column, _ in described}
        cells = [
            self._cell(column, kind, f"{column}_status" in told)
            for column, kind in described
            if not (column.endswith("_status") and column.removesuffix("_status") in told)
        ]
        place = next(i for i, cell in enumerate(cells) if cell.endswith('"unit_code"')) + 1
        extra = [f"{sql_text(self.note)} AS note"] if self.note else []
        columns = ", ".join([*cells[:place], "unit_name", *cells[place:], *extra])
        rows = f"SELECT {columns} FROM published LEFT JOIN unit_names ON code = unit_code"
        plain = path.with_suffix("") if path.suffix == ".gz" else path
        self.con.execute(f"COPY ({rows} ORDER BY published.rowid) TO {sql_path(plain)} (FORMAT csv, HEADER)")
        content = codecs.BOM_UTF8 + plain.read_bytes()
        if plain != path:
            plain.unlink()
            content = gzip.compress(content, mtime=0)
        path.write_bytes(content)
        return path

    def _cell(self, column: str, kind: str, has_status: bool) -> str:
        """Return a column's expression: a marker where the count is not told, text that no spreadsheet runs."""
        if has_status:
            markers = " ".join(
                f"WHEN {sql_text(status.value)} THEN {sql_text(self.words(f'withheld.{status.value}'))}"
                for status in (Status.UNDER_10, Status.NOT_PUBLISHED)
            )
            return f'CASE "{column}_status" {markers} ELSE "{column}"::VARCHAR END AS "{column}"'
        return f'cell_text("{column}") AS "{column}"' if kind == "VARCHAR" else f'"{column}"'
